// Node kinds from their files: a kind that is dropped into a folder is everywhere at once; one with a mistake is refused.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { check } from '../../engine/graph/check.ts';
import { readKinds } from '../../engine/graph/kinds.ts';
import { kindList, kindText, markdown } from '../../engine/graph/reference.ts';
import { KindError, type Kinds, kindFaults, registry } from '../../engine/graph/registry.ts';
import { languageSchema, nodeSchema } from '../../engine/graph/schema.ts';
import { newAjv } from '../../engine/graph/validators.ts';
import type { Kind } from '../../engine/nodes/kind.ts';
import { kinds as fixtures, kindsFolder } from './fixture.ts';

const adding = `
import { defineKind } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, '../../engine/nodes/kind.ts')).href)};
export default defineKind({
  kind: 'shuffle',
  stage: 'data',
  version: 1,
  doc: 'Brings rows into a random order. Nothing else.',
  example: 'mixed = shuffle(book, seed: 3)',
  inputs: { table: { type: 'table', doc: 'Rows to mix.' } },
  outputs: { table: 'table' },
  params: { seed: { description: 'Seed of the order', type: 'integer', minimum: 0, maximum: 99, default: 7, unit: 'seeds' } },
  infer: ({ inputs }) => ({ table: inputs.table }),
  run: async () => ({}),
});
`;

describe('a kind in a folder', () => {
  let folder = '';
  let kinds: Kinds;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dsk-kinds-'));
    writeFileSync(join(folder, 'shuffle.ts'), adding);
    kinds = await readKinds({ folders: [kindsFolder, folder], own: false });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is found beside the others', () => {
    expect(kinds.list).toHaveLength(fixtures.list.length + 1);
    expect(kinds.get('shuffle')?.stage).toBe('data');
  });

  it('is checked like any other', async () => {
    const text =
      'dsk 1\nbook = texts("x")\na = shuffle(book, seed: 100)\nb = shufle(book)\nc = shuffle(book, sed: 3)\n';
    const { diagnostics } = await check(text, { kinds, files: null });
    expect(diagnostics.map(({ message }) => message)).toEqual([
      '`seed` must be at most 99, not 100',
      'there is no node kind `shufle`, did you mean `shuffle`?',
      '`shuffle` has no input or parameter `sed`, did you mean `seed`?',
    ]);
  });

  it('is in the list and explained', () => {
    expect(kindList(kinds.list)).toMatch(/^ {2}shuffle +Brings rows into a random order$/m);
    const text = kindText(kinds.get('shuffle') as Kind);
    expect(text).toContain('seed: a whole number from 0 to 99, in seeds; default 7\n      Seed of the order.');
    expect(text).toContain('mixed = shuffle(book, seed: 3)');
  });

  it('stands under the heading of its group', () => {
    const grouped = registry([
      { file: 'keep.ts', kind: { ...(fixtures.get('keep') as Kind), group: 'rows' } },
      { file: 'texts.ts', kind: { ...(fixtures.get('texts') as Kind), group: 'read' } },
      { file: 'shuffle.ts', kind: kinds.get('shuffle') },
    ]).list;
    expect(grouped.map(({ kind }) => kind)).toEqual(['texts', 'keep', 'shuffle']);
    expect(kindList(grouped)).toMatch(/^data: read\n {2}texts .*\n\ndata: rows\n {2}keep .*\n\ndata\n {2}shuffle /);
    expect(markdown(grouped)).toContain('## Kinds of data: rows\n\n### keep\n');
  });

  it('is in the Markdown reference', () => {
    expect(markdown(kinds.list)).toContain('## shuffle\n');
    const row = /\| `seed` +\| a whole number from 0 to 99, in seeds; default 7 +\| Seed of the order\. +\|/;
    expect(markdown(kinds.list)).toMatch(row);
  });

  it('is in the JSON Schema, which takes right nodes and refuses wrong ones', () => {
    const validate = newAjv().compile(languageSchema(kinds.list));
    const node = (params: object) => ({ kind: 'shuffle', inputs: { table: 'book' }, params });
    expect(validate(node({ seed: 3 }))).toBe(true);
    expect(validate(node({}))).toBe(true);
    expect(validate(node({ seed: 100 }))).toBe(false);
    expect(validate(node({ sed: 3 }))).toBe(false);
    expect(validate({ kind: 'shuffle', inputs: {}, params: {} })).toBe(false);
    expect(validate({ kind: 'nothing', inputs: {}, params: {} })).toBe(false);
  });
});

describe('a kind with a mistake', () => {
  const right = fixtures.get('keep') as Kind;
  const faults = (wrong: Partial<Record<keyof Kind, unknown>>, file = 'keep.ts') => {
    try {
      registry([{ file, kind: { ...right, ...wrong } }]);
      return [];
    } catch (error) {
      if (error instanceof KindError) return error.faults;
      throw error;
    }
  };

  it.each<[Partial<Record<keyof Kind, unknown>>, string]>([
    [{ kind: 'Keep' }, '`kind` must be a lower-case name'],
    [{ kind: 'other' }, 'must be named other.ts'],
    [{ stage: 'cook' }, '`stage` must be one of data, model, train, deliver'],
    [{ group: 'soup' }, '`group` must be one of read, rows, clean, text, augment, tokens'],
    [{ version: 0 }, '`version` must be a whole number'],
    [{ doc: ' ' }, '`doc` is missing'],
    [{ example: 'a = other(b)' }, '`example` must show the kind in use'],
    [{ infer: undefined }, '`infer` is missing'],
    [{ params: undefined }, '`params` is missing'],
    [{ outputs: {} }, 'has no output'],
    [{ outputs: { table: 'tabel' } }, 'output "table" has the unknown type "tabel"'],
    [{ inputs: { table: { type: 'thing', doc: 'x' } } }, 'input "table" has the unknown type "thing"'],
    [{ inputs: { limit: { type: 'table', doc: 'x' } } }, '"limit" is both an input and a parameter'],
    [{ inputs: { 'a b': { type: 'table', doc: 'x' } } }, '"a b" must be a lower-case name'],
    [{ required: ['nothing'] }, 'required parameter "nothing" is not among its parameters'],
    [{ required: ['limit'] }, 'parameter "limit" is required and has a default as well'],
    [{ positional: ['nothing'] }, 'positional argument "nothing" is neither an input nor a parameter'],
    [
      { params: { limit: { description: 'x', type: 'integer', default: 1.5 } }, positional: [] },
      'default of a parameter is not valid',
    ],
    [
      { params: { limit: { description: 'x', type: 'integer', default: -1, minimum: 0 } }, positional: [] },
      '`limit` must be at least 0, not -1',
    ],
    [
      { params: { limit: { description: '', type: 'integer' } }, positional: [] },
      'parameter "limit" needs a description',
    ],
    [
      { params: { limit: { description: 'x', type: 'whole' } }, positional: [] },
      'its parameters are no valid JSON Schema',
    ],
    [
      { params: { limit: { description: 'x', type: 'integer', minimun: 3 } }, positional: [] },
      'unknown keyword: "minimun"',
    ],
  ])('is refused: %j', (wrong, fault) => {
    expect(faults(wrong).join('\n')).toContain(fault);
    expect(faults(wrong).every((line) => line.startsWith('keep.ts: '))).toBe(true);
  });

  it('is refused when it exports none, or has the name of another', async () => {
    expect(() => registry([{ file: 'a.ts', kind: undefined }])).toThrow('a.ts: has no kind as its default export');
    const twice = [
      { file: 'x/keep.ts', kind: right },
      { file: 'y/keep.ts', kind: right },
    ];
    expect(() => registry(twice)).toThrow('y/keep.ts: the kind "keep" is already defined in x/keep.ts');
  });

  it('or in a missing folder is reported with the folder', async () => {
    await expect(readKinds({ folders: ['/nowhere/kinds'], own: false })).rejects.toThrow(
      '/nowhere/kinds: no such folder',
    );
  });
});

describe('every kind that comes with Dsk', async () => {
  const { list } = await readKinds({ folders: [] });
  it.each(list.map((kind) => [kind.kind, kind] as const))('%s is well defined', (name, kind) => {
    expect(kindFaults(kind, `${name}.ts`)).toEqual([]);
  });
});

describe('the schema of every fixture kind', () => {
  it.each(fixtures.list.map((kind) => [kind.kind, kind] as const))('%s compiles in strict mode', (_, kind) => {
    expect(newAjv().compile(nodeSchema(kind))({ kind: kind.kind })).toBe(false);
  });
});
