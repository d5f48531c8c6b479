// The typed graph of a text: paths, order, inputs, parameters, params.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { check } from '../../engine/graph/check.ts';
import { hasErrors } from '../../engine/graph/graph.ts';
import { registry } from '../../engine/graph/registry.ts';
import { SetError } from '../../engine/graph/scope.ts';
import { defineKind, InputError } from '../../engine/nodes/kind.ts';
import type { TableSpec } from '../../engine/nodes/values.ts';
import { checked, codes, goldens, kinds } from './fixture.ts';

const sound = readFileSync(join(goldens, 'sound.dsk'), 'utf8');
const node = async (text: string, path: string) => (await checked(text)).graph.byPath.get(path);

describe('nodes', () => {
  it('stand after what they read, inline ones under the path of the place they are written in', async () => {
    const { graph } = await checked(sound);
    expect(graph.nodes.map(({ path }) => path)).toEqual([
      'book',
      'parts.table',
      'parts',
      'vocab',
      'hidden',
      'next.attention',
      'next.ffn',
      'next',
      'trained.model',
      'trained.optimizer',
      'trained',
      'saved',
    ]);
    expect(graph.byPath.get('next.attention')?.owner).toEqual({ node: 'next', port: 'attention' });
    expect(graph.byPath.get('next')?.owner).toBeNull();
  });

  it('stand in dependency order wherever the text has them', async () => {
    const lines = sound.split('\n');
    const [head, statements] = [lines.slice(0, 2), lines.slice(2).filter((line) => line !== '')];
    const all = fc.shuffledSubarray(statements, { minLength: statements.length });
    await fc.assert(
      fc.asyncProperty(all, async (shuffled) => {
        const { graph, diagnostics } = await checked(`${[...head, ...shuffled].join('\n')}\n`);
        expect(diagnostics).toEqual([]);
        const at = new Map(graph.nodes.map(({ path }, i) => [path, i]));
        for (const { path, inputs } of graph.nodes) {
          for (const input of Object.values(inputs)) expect(at.get(input.node)).toBeLessThan(at.get(path) as number);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('have their inputs resolved to outputs: the first, or the one that is named', async () => {
    const trained = await node(sound, 'trained');
    const inputs = Object.entries(trained?.inputs ?? {}).map(([port, { node, output }]) => [port, `${node}.${output}`]);
    expect(Object.fromEntries(inputs)).toEqual({
      model: 'trained.model.model',
      data: 'parts.first',
      valid: 'parts.second',
      optimizer: 'trained.optimizer.optimizer',
    });
  });

  it('have checked parameters with defaults, and know which were given', async () => {
    const trained = await node(sound, 'trained');
    expect(trained?.params).toEqual({ steps: 300, log_every: 10 });
    expect([...(trained?.given ?? [])].sort()).toEqual(['clip', 'data', 'model', 'optimizer', 'steps', 'valid']);
    expect((await node(sound, 'trained.optimizer'))?.params).toEqual({ lr: 1e-3, betas: [0.9, 0.95] });
  });

  it('do not share the default of a list', async () => {
    const text = 'dsk 1\na = adam()\nb = adam()\n';
    expect((await node(text, 'a'))?.params.betas).not.toBe((await node(text, 'b'))?.params.betas);
  });

  it('know the place of each argument', async () => {
    const { text, graph } = await checked(sound);
    const spans = graph.byPath.get('trained')?.spans;
    const at = (span: { start: number; end: number } | undefined) => text.slice(span?.start, span?.end);
    expect(at(spans?.arguments.optimizer?.value)).toBe('adam(betas: [0.9, 0.95])');
    expect(at(spans?.arguments.steps?.whole)).toBe('steps: steps');
    expect(at(spans?.kind)).toBe('fit');
    expect(at(spans?.node)).toMatch(/^trained = fit\(.*\)$/);
  });

  it('carry the documentation above their statement', async () => {
    expect((await node('dsk 1\n## The whale.\nbook = texts("data/*.txt")\n', 'book'))?.documentation).toBe(
      'The whale.',
    );
  });

  it('have outputs as their kind infers them, and none behind an error', async () => {
    const { graph } = await checked(sound);
    expect(graph.byPath.get('vocab')?.outputs).toEqual({ tokenizer: { size: 256 } });
    expect(graph.byPath.get('book')?.outputs?.table).toMatchObject({ rows: 2, columns: { text: 'text' } });
    const wrong = await checked(sound.replace('dim: 8', 'dim: 9'));
    expect(wrong.graph.byPath.get('next')?.outputs).toBeNull();
    expect(wrong.graph.byPath.get('trained')?.outputs).toBeNull();
    expect(wrong.graph.byPath.get('hidden')?.outputs).not.toBeNull();
  });

  it('are read without files too, as the editor does', async () => {
    const { graph, diagnostics } = await check(sound, { kinds, files: null });
    expect(diagnostics).toEqual([]);
    expect(graph.byPath.get('book')?.outputs?.table).toMatchObject({ rows: null });
  });

  it('may be many: a chain of ten thousand is read in a moment', async () => {
    const chain = Array.from({ length: 10_000 }, (_, i) => `n${i + 1} = keep(n${i})`);
    // backwards, so that order is found by following inputs all the way
    const text = ['dsk 1', ...chain.reverse(), 'n0 = texts("data/*.txt")'].join('\n');
    const { graph, diagnostics } = await check(`${text}\n`, { kinds, files: null });
    expect(diagnostics).toEqual([]);
    expect(graph.nodes[0]?.path).toBe('n0');
    expect(graph.nodes.at(-1)?.path).toBe('n10000');
  }, 20_000);
});

describe('long chains', () => {
  const names = Array.from({ length: 10_000 }, (_, i) => `p${i}`);
  const chain = (last: string) => names.map((name, i) => `param ${name} = ${names[i + 1] ?? last}`);

  it('of params are followed', async () => {
    const text = ['dsk 1', ...chain('3'), 'a = texts("data/*.txt", threads: p0)', ''].join('\n');
    const { graph, diagnostics } = await check(text, { kinds, files: null });
    expect(diagnostics).toEqual([]);
    expect(graph.byPath.get('a')?.params.threads).toBe(3);
  }, 20_000);

  it('that are cycles are reported once, and briefly', async () => {
    const text = ['dsk 1', ...chain('p0'), 'a = texts("data/*.txt", threads: p0)', ''].join('\n');
    const { diagnostics } = await check(text, { kinds, files: null });
    expect(diagnostics).toMatchObject([{ code: 'name-cycle' }]);
    expect(diagnostics[0]?.notes?.join('').length).toBeLessThan(100);
  }, 20_000);
});

describe('positional arguments', () => {
  const inputsOf = async (call: string) => {
    const found = await node(`dsk 1\nbook = texts("data/*.txt")\nother = texts("data/*.txt")\na = ${call}\n`, 'a');
    return {
      ...found?.params,
      ...Object.fromEntries(Object.entries(found?.inputs ?? {}).map(([port, each]) => [port, each.node])),
    };
  };

  it('stand for what the kind says, in order', async () => {
    expect(await inputsOf('keep(book, "x")')).toMatchObject({ table: 'book', where: 'x' });
  });

  it('find their place by sort: a value is a parameter, a node an input', async () => {
    expect(await inputsOf('keep("x", book)')).toMatchObject({ table: 'book', where: 'x' });
  });

  it('mix with named ones in any order', async () => {
    expect(await inputsOf('keep(limit: 3, book, where: "x")')).toMatchObject({ table: 'book', where: 'x', limit: 3 });
  });

  it('may come through a pipe', async () => {
    expect(await inputsOf('book |> keep("x")')).toMatchObject({ table: 'book', where: 'x' });
  });
});

describe('params', () => {
  const text =
    'dsk 1\nparam limit = 3\nparam same = limit\nparam mode = "line"\nbook = texts("data/*.txt", rows: mode)\na = keep(book, limit: same)\n';
  const value = async (set: Record<string, string>, path: string, name: string) =>
    (await checked(text, set)).graph.byPath.get(path)?.params[name];

  it('follow each other', async () => {
    expect(await value({}, 'a', 'limit')).toBe(3);
    expect(await value({ limit: '7' }, 'a', 'limit')).toBe(7);
    expect(await value({ same: '8' }, 'a', 'limit')).toBe(8);
  });

  it('that are texts are set with or without quotes', async () => {
    expect(await value({ mode: '"file"' }, 'book', 'rows')).toBe('file');
    expect(await value({ mode: 'file' }, 'book', 'rows')).toBe('file');
  });

  it('are checked where they are used, also when they were set', async () => {
    const { diagnostics } = await checked(text, { limit: '-1' });
    expect(diagnostics).toMatchObject([{ code: 'param-range', notes: [expect.any(String), '`same` is -1'] }]);
    expect(hasErrors({ diagnostics })).toBe(true);
  });

  it('that do not exist cannot be set', async () => {
    await expect(checked(text, { limti: '4' })).rejects.toThrow(SetError);
    await expect(checked(text, { limti: '4' })).rejects.toThrow('did you mean `limit`?');
    await expect(checked(text, { zzz: '4' })).rejects.toThrow('it has limit, same and mode');
  });

  it.each(['', 'abc', '3 4', 'keep(book)', '[keep()]', '3\nb = keep(book)'])('are not set to %j', async (given) => {
    await expect(checked(text, { limit: given })).rejects.toThrow(SetError);
  });

  it('are listed with their values', async () => {
    const { graph } = await checked(text, { same: '8' });
    expect(graph.params.map(({ name, value, set }) => [name, value, set])).toEqual([
      ['limit', 3, false],
      ['same', 8, true],
      ['mode', 'line', false],
    ]);
  });
});

describe('shape rules', () => {
  const maybe = defineKind<{ more: boolean; fail: boolean }>({
    kind: 'maybe',
    stage: 'data',
    version: 1,
    doc: 'Gives a second table only when asked.',
    example: 'a = maybe(more: true)',
    inputs: {},
    outputs: { one: 'table', two: 'table' },
    params: {
      more: { description: 'Two tables.', type: 'boolean', default: false },
      fail: { description: 'Throw.', type: 'boolean', default: false },
    },
    infer: async ({ params }) => {
      if (params.fail) throw new InputError({ code: 'no-luck', message: 'nothing there', at: 'fail' });
      const tables: Record<string, TableSpec> = { one: { columns: null, rows: null } };
      if (params.more) tables.two = { columns: null, rows: null };
      return tables;
    },
    run: async () => ({}),
  });
  const options = {
    kinds: registry([
      ...kinds.list.map((kind) => ({ file: `${kind.kind}.ts`, kind })),
      { file: 'maybe.ts', kind: maybe },
    ]),
    files: null,
  };

  it('may leave an output out, and using it is an error that says so', async () => {
    const text = (more: boolean) => `dsk 1\na = maybe(more: ${more})\nb = keep(a.two)\n`;
    expect((await check(text(true), options)).diagnostics).toEqual([]);
    expect((await check(text(false), options)).diagnostics).toMatchObject([
      { code: 'output-absent', message: '`a` gives no `two` with its parameters', notes: ['it gives one'] },
    ]);
  });

  it('may throw what the user gave wrong', async () => {
    const { diagnostics, text } = await check('dsk 1\na = maybe(fail: true)\nb = keep(a)\n', options);
    expect(diagnostics).toMatchObject([{ code: 'no-luck', message: 'nothing there' }]);
    expect(text.slice(diagnostics[0]?.span.start, diagnostics[0]?.span.end)).toBe('true');
  });
});

describe('hostile names', () => {
  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])('%s is like any other', async (name) => {
    expect(await codes(`dsk 1\na = ${name}()\n`)).toEqual(['kind-unknown']);
    expect(await codes(`dsk 1\nbook = texts("data/*.txt", ${name}: 3)\n`)).toEqual(['argument-unknown']);
    expect(await codes(`dsk 1\nbook = texts("data/*.txt")\na = keep(book.${name})\n`)).toEqual(['output-unknown']);
    expect(await codes(`dsk 1\na = keep(${name})\n`)).toEqual(['name-undefined']);
    const param = await checked(`dsk 1\nparam ${name} = 3\na = texts("data/*.txt", threads: ${name})\n`);
    expect(param.diagnostics).toEqual([]);
    expect(param.graph.byPath.get('a')?.params.threads).toBe(3);
    const { graph, diagnostics } = await checked(`dsk 1\n${name} = texts("data/*.txt")\na = keep(${name})\n`);
    expect(diagnostics).toEqual([]);
    expect(graph.byPath.get('a')?.inputs.table?.node).toBe(name);
  });
});
