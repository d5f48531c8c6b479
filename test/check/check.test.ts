// The checks notice what they are for.
import { describe, expect, it } from 'vitest';
import { namesIn } from './docs.ts';
import { brokenRules, importsOf } from './layers.ts';

const rules = (files: Record<string, string>) => brokenRules(new Map(Object.entries(files)));

describe('import layers', () => {
  it('allow what points downwards', () => {
    expect(
      rules({
        'grammar/parse.ts': "import { Lexer } from 'chevrotain';",
        'engine/nodes/train/adamw.ts': "import type { Tree } from '../../../grammar/parse.ts';",
        'engine/graph/check.ts': "import { parse } from '../../grammar/parse.ts';",
        'engine/run/run.ts': "import fs from 'node:fs';\nimport { check } from '../graph/check.ts';",
      }),
    ).toEqual([]);
  });

  it('name file, line and rule of what points upwards', () => {
    expect(
      rules({ 'grammar/parse.ts': "\nimport { run } from '../engine/run/run.ts';", 'engine/run/run.ts': '' }),
    ).toEqual(['grammar/parse.ts:2: imports ../engine/run/run.ts; grammar may import from nothing outside itself']);
    expect(rules({ 'engine/plan/plan.ts': "export * from '../cli/main.ts';" })[0]).toMatch(/^engine\/plan\/plan.ts:1:/);
    expect(rules({ 'engine/plan/plan.ts': "const a = await import('../cli/main.ts');" })).toHaveLength(1);
    expect(rules({ 'engine/plan/plan.ts': "type A = import('../cli/main.ts').A;" })).toHaveLength(1);
  });

  it('keep Node and native libraries out of node kinds, also by a detour', () => {
    expect(rules({ 'engine/nodes/data/load.ts': "import fs from 'fs';" })[0]).toContain(
      'imports fs; engine/nodes runs',
    );
    expect(rules({ 'engine/nodes/model/mla.ts': "import * as tf from '@tensorflow/tfjs';" })).toHaveLength(1);
    expect(rules({ 'engine/nodes/model/mla.ts': "import type * as tf from '@tensorflow/tfjs';" })).toEqual([]);
    expect(
      rules({
        'engine/graph/check.ts': "import { read } from '../data/read.ts';",
        'engine/data/read.ts': "import { readFileSync } from 'node:fs';",
      }),
    ).toEqual([
      'engine/data/read.ts:1: imports node:fs; engine/graph runs in a browser too: no Node module, no native library' +
        ' (reached from engine/graph/check.ts)',
    ]);
  });

  it('let node kinds take types, not values, from data and tensor', () => {
    const kind = (statement: string) => rules({ 'engine/nodes/data/load.ts': statement, 'engine/data/table.ts': '' });
    expect(kind("import type { Table } from '../../data/table.ts';")).toEqual([]);
    expect(kind("import { type Table } from '../../data/table.ts';")).toEqual([]);
    expect(kind("import { table } from '../../data/table.ts';")).toHaveLength(1);
  });

  it('tell types from values', () => {
    const text = "import a, { type B } from './x.ts';\nimport type C from './y.ts';\nimport './z.ts';";
    expect(importsOf('f.ts', text).map((entry) => entry.typeOnly)).toEqual([false, true, false]);
  });
});

describe('names in documents', () => {
  it('are links, quoted paths, npm scripts and dsk commands', () => {
    const text = [
      'See [design](ARCHITECTURE.md#layers), [site](https://example.org), [below](#usage) and `engine/run/run.ts`.',
      'Then `npm run quickstart`, or `dsk plan whale.dsk`, `npx dsk fmt`; `a/b` is no path of ours.',
    ].join('\n');
    expect(namesIn(text).map(({ line, kind, name }) => `${line} ${kind} ${name}`)).toEqual([
      '1 path ARCHITECTURE.md',
      '1 path engine/run/run.ts',
      '2 script quickstart',
      '2 command plan',
      '2 command fmt',
    ]);
  });
});
