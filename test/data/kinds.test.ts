// The data kinds, checked by the real graph and run with real services.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFiles } from '../../engine/data/paths.ts';
import { openTables } from '../../engine/data/tables.ts';
import { openTokenizer, openTokenizers } from '../../engine/data/tokenizer.ts';
import { check } from '../../engine/graph/check.ts';
import { openFiles } from '../../engine/graph/files.ts';
import { readKinds } from '../../engine/graph/kinds.ts';
import type { RunContext, Tables } from '../../engine/nodes/context.ts';
import { runs } from '../../engine/nodes/kind.ts';
import type { Artifact, TableArtifact, TokenizerArtifact } from '../../engine/nodes/values.ts';
import { anyOf, complaintOf, givenTo, matching, ownFolder } from './setting.ts';
import { engine, textTable, watchIn } from './text-table.ts';

const folder = ownFolder();
const kinds = await readKinds();
let tables: Tables & { close(): Promise<void> };
beforeAll(async () => {
  tables = await openTables({ temp: join(folder, 'temp'), threads: 2 });
  const put = (name: string, content: string) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  };
  put('a.txt', 'One two three.\n\nOne two three.\n\nFour five six seven.\n\nEight.\n');
  put('rows.csv', 'id,lang,score\n1,en,0.5\n2,de,0.25\n3,en,1\n');
  put('notes.log', 'x');
  put('empty.txt', '');
  put('tok/tokenizer.json', readFileSync(await trained(), 'utf8'));
  put('broken.csv', 'a,b\n1,2\n1,2,3\n');
  put('sub/x.txt', 'text');
  put('quote.csv', 'a,b\n1,"2\n');
  put('broken.jsonl', '{"a":1}\n{"a"\n');
  put('broken.parquet', 'PAR1');
  writeFileSync(join(folder, 'latin.csv'), Buffer.from('a,b\n1,\xe9\n', 'latin1'));
  put('bad.json', '{"model": {"vocab": {"a": -1}}}');
});
afterAll(() => tables.close());

async function trained(): Promise<string> {
  const out = join(folder, 'trained.json');
  const table = await textTable(join(folder, 'abc'), ['abc abc']);
  const options = {
    column: 'text',
    preTokenizer: 'default' as const,
    size: 260,
    special: ['<|endoftext|>'],
    minFrequency: 1,
  };
  await openTokenizers(engine).train(table, options, out, watchIn(join(folder, 'parts')));
  return out;
}

async function checked(statements: string) {
  const files = openFiles({ folder });
  const result = await check(`dsk 1\n${statements}\n`, { kinds, files, set: {} });
  await files.close();
  return result;
}

/** "code at `text`: message" of each error. */
async function errors(statements: string): Promise<string[]> {
  const text = `dsk 1\n${statements}\n`;
  return (await checked(statements)).diagnostics
    .filter((d) => d.severity === 'error')
    .map((d) => `${d.code} at ${text.slice(d.span.start, d.span.end)}: ${d.message}`);
}

async function specs(statements: string, path: string) {
  const { graph, diagnostics } = await checked(statements);
  expect(diagnostics.filter((d) => d.severity === 'error')).toEqual([]);
  return graph.byPath.get(path)?.outputs;
}

/** Runs nodes in order, each with the artifacts of those before. */
async function run(statements: string): Promise<Record<string, Record<string, Artifact>>> {
  const { graph, diagnostics } = await checked(statements);
  expect(diagnostics.filter((d) => d.severity === 'error')).toEqual([]);
  const made: Record<string, Record<string, Artifact>> = {};
  for (const node of graph.byPath.values()) {
    if (!runs(node.kind)) continue;
    const own = join(folder, 'cache', node.path);
    mkdirSync(own, { recursive: true });
    const context = {
      params: node.params,
      node: node.path,
      inputs: {},
      ...(await givenTo(node.kind, node.params, node.inputs, made, tables, own)),
      files: {
        folder: own,
        join: (...parts: string[]) => join(own, ...parts),
        glob: (pattern: string) => findFiles(pattern, { folder }).map((file) => file.path),
        copy: async (from: string, to: string) => copyFileSync(from, to),
      },
      tables,
      tokenizers: openTokenizers(engine),
      parts: join(own, 'parts'),
      signal: new AbortController().signal,
      progress() {},
      log() {},
    } as unknown as RunContext<Record<string, unknown>>;
    made[node.path] = await node.kind.run(context);
  }
  return made;
}

describe('checking', () => {
  it('knows columns, estimates and sizes before anything runs', async () => {
    expect(await specs('t = load("a.txt", rows: "paragraph")', 't')).toMatchObject({
      table: { columns: { text: 'text', file: 'text' }, rows: null },
    });
    expect(await specs('t = load("rows.csv")', 't')).toMatchObject({
      table: { columns: { id: 'integer', lang: 'text', score: 'number' } },
    });
    const chain =
      't = load("rows.csv")\nd = dedup(t, by: ["id", "lang"])\nf = filter(d, where: "score > 0.3")\np = split(f, valid: 25%, test: 25%)\nv = tokenizer(p.test, column: "lang", size: 300)';
    expect(Object.keys((await specs(chain, 'p')) ?? {})).toEqual(['train', 'valid', 'test']);
    expect(await specs(chain, 'v')).toEqual({ tokenizer: { size: 300 } });
    expect(await specs('v = tokenizer(path: "tok")', 'v')).toEqual({ tokenizer: { size: 260 } });
  });
  it.each([
    ['t = load("none/*.txt")', 'path-missing at "none/*.txt": no file is named by none/*.txt'],
    ['t = load("../x.txt")', 'path-outside at "../x.txt": ../x.txt lies outside the graph\'s folder'],
    [
      't = load("npm:not-there/x.txt")',
      'package-missing at "npm:not-there/x.txt": the package not-there is not installed',
    ],
    ['t = load("empty.txt")', 'data-empty at "empty.txt": empty.txt is empty'],
    ['t = load("notes.log")', 'file-format at "notes.log": the name notes.log does not say which format it has'],
    ['t = load("*.{txt,csv}")', 'file-format at "*.{txt,csv}": *.{txt,csv} names files of several formats'],
    ['t = load("rows.csv", rows: "line")', 'param-idle at "line": `rows` has no meaning for csv files'],
    ['t = load("a.txt", delimiter: ";")', 'param-idle at ";": `delimiter` has no meaning for text files'],
    ['t = load("rows.csv", delimiter: "ab")', 'param-range at "ab": a delimiter is one character'],
    [
      't = load("broken.csv", broken: "error")',
      'file-broken at "broken.csv": broken.csv:3: 3 values where the header has 2 columns: 1,2,3',
    ],
    ['t = load("quote.csv", broken: "error")', 'file-broken at "quote.csv": quote.csv:2: a quote that is not closed'],
    [
      't = load("latin.csv", encoding: "utf-8")',
      'file-encoding at "utf-8": latin.csv:2: byte 0xe9 (byte 6 of the file) is not UTF-8',
    ],
    [
      't = load("broken.jsonl", broken: "error")',
      'file-broken at "broken.jsonl": broken.jsonl:2: this is no JSON: {"a"',
    ],
    ['t = load("sub")', 'path-wrong at "sub": sub is a folder, not a file'],
    [
      't = load("rows.csv", types: ["score number"])',
      'param-pair at ["score number"]: "score number" gives no column a type',
    ],
    ['t = load("rows.csv", types: ["scor: text"])', 'column-unknown at ["scor: text"]: there is no column `scor`'],
    ['t = load("rows.csv")\ns = save(t, path: "out.xml")', 'file-format at "out.xml": the name out.xml does not say'],
    ['t = load("rows.csv")\ns = save(t, path: "sub")', 'file-format at "sub": the name sub does not say'],
    ['t = load("rows.csv")\ns = save(t, path: "../a.csv")', 'path-outside at "../a.csv"'],
    ['t = load("broken.parquet")', 'file-broken at "broken.parquet": broken.parquet cannot be read as Parquet: '],
    ['t = load("a.txt", encoding: "klingon")', 'file-encoding at "klingon": there is no encoding "klingon"'],
    ['t = load("rows.csv")\nd = dedup(t, by: "txt")', 'column-unknown at "txt": there is no column `txt`'],
    [
      't = load("rows.csv")\nd = dedup(t, by: ["id", "lnag"])',
      'column-unknown at ["id", "lnag"]: there is no column `lnag`',
    ],
    [
      't = load("rows.csv")\nf = filter(t, where: "scor > 1")',
      'column-unknown at "scor > 1": there is no column `scor` at character 1',
    ],
    [
      't = load("rows.csv")\nf = filter(t, where: "score")',
      'expression-type at "score": the condition is of type number, not true or false',
    ],
    [
      't = load("rows.csv")\nf = filter(t, where: "id IN (SELECT 1)")',
      'expression-impure at "id IN (SELECT 1)": a query inside the expression at character 4 is not allowed here',
    ],
    ['t = load("rows.csv")\nv = tokenizer(t)', 'column-unknown'],
    [
      't = load("rows.csv")\nv = tokenizer(t, column: "score")',
      'column-type at "score": column `score` holds number, not text',
    ],
    [
      't = load("a.txt")\np = split(t, valid: 60%, test: 40%)',
      'split-share at 60%: valid and test together leave no rows to train on',
    ],
    [
      't = load("a.txt")\np = split(t)\nd = dedup(p.test)',
      'output-absent at p.test: `p` gives no `test` with its parameters',
    ],
    ['v = tokenizer()', 'input-missing'],
    ['t = load("a.txt")\nv = tokenizer(t, path: "tok")', 'param-idle at t: a tokenizer that is read'],
    ['v = tokenizer(path: "tok", size: 300)', 'param-idle at 300: a tokenizer that is read'],
    ['v = tokenizer(path: "tok", pre_tokenizer: "gpt2")', 'param-idle at "gpt2"'],
    ['v = tokenizer(path: "tok", special: ["<|user|>"])', 'param-idle at ["<|user|>"]'],
    ['t = load("a.txt")\nv = tokenizer(t, pre_tokenizer: "gpt3")', 'param-choice at "gpt3"'],
    [
      't = load("a.txt")\nv = tokenizer(t, special: ["<|user|>", "<|user|>"])',
      'tokenizer-special at ["<|user|>", "<|user|>"]: "<|user|>" is given twice',
    ],
    ['t = load("a.txt")\nv = tokenizer(t, special: ["<|endoftext|>"])', 'tokenizer-special at ["<|endoftext|>"]'],
    ['t = load("a.txt")\nv = tokenizer(t, special: ["x"])', 'tokenizer-special at ["x"]: "x" is a single character'],
    ['t = load("a.txt")\nv = tokenizer(t, special: [""])', 'tokenizer-special at [""]: a special token has no'],
    [
      't = load("a.txt")\nv = tokenizer(t, special: ["<|user|>"], size: 257)',
      'tokenizer-special at ["<|user|>"]: with 1 special token `size` must be 258 at least',
    ],
    ['v = tokenizer(path: "gone")', 'path-missing at "gone": there is no tokenizer at gone'],
    [
      'v = tokenizer(path: "bad.json")',
      'tokenizer-broken at "bad.json": bad.json is no usable tokenizer: the id of "a" is -1',
    ],
  ])('%s', async (statements, message) => {
    const [first, ...others] = await errors(statements);
    expect(first?.slice(0, message.length)).toBe(message);
    expect(others).toEqual([]);
  });
});

describe('running', () => {
  it('from files to a tokenizer', async () => {
    const made = await run(`
book  = load("a.txt", rows: "paragraph")
clean = dedup(book, by: "text")
long  = filter(clean, where: "length(text) > 10")
parts = split(long, valid: 50%)
vocab = tokenizer(book, size: 260)
same  = tokenizer(path: "tok")`);
    const rows = (node: string, output = 'table') => (made[node]?.[output] as TableArtifact | undefined)?.rows;
    expect([rows('book'), rows('clean'), rows('long'), rows('parts', 'train'), rows('parts', 'valid')]).toEqual([
      4, 3, 2, 1, 1,
    ]);
    expect(made.parts?.test).toBeUndefined();
    expect(made.vocab).toMatchObject({ tokenizer: { size: 260 } });
    expect(made.same).toMatchObject({ tokenizer: { size: 260 } });
  });
  it('gives special tokens the first ids, and never cuts them', async () => {
    const { v } = await run('t = load("a.txt")\nv = tokenizer(t, size: 262, special: ["<|user|>", "<|end user|>"])');
    const { encode, end, decode } = await openTokenizer((v?.tokenizer as TokenizerArtifact).path);
    expect(end).toBe(0);
    expect(encode('<|user|><|end user|><|endoftext|>')).toEqual([1, 2, 0]);
    expect(encode('a<|user|>').at(-1)).toBe(1);
    expect(decode([1, 2])).toBe('<|user|><|end user|>');
  });
  it('asks for no larger vocabulary than the text gives', async () => {
    expect(await complaintOf(run('t = load("a.txt")\nv = tokenizer(t, size: 5000, min_frequency: 1)'))).toMatchObject({
      code: 'tokenizer-size',
      at: 'size',
      message: matching(/^the text gives \d\d\d entries, not 5000$/),
      suggest: { value: anyOf(Number) },
    });
  });
  it('checks columns again with the rows there are', async () => {
    expect(await complaintOf(run('t = load("rows.csv")\nf = filter(t, where: "score > 5")'))).toMatchObject({
      code: 'data-empty',
      at: 'where',
    });
  });
});

it('reads of load and tokenizer are the files that the result depends on', async () => {
  const { graph } = await checked('t = load("*.txt")\nv = tokenizer(path: "tok")');
  const files = openFiles({ folder });
  const reads = (path: string) => {
    const node = graph.byPath.get(path);
    if (!node || !runs(node.kind)) throw new Error(`no step ${path}`);
    return node.kind.reads?.({ params: node.params, files } as never).map((file) => file.slice(folder.length + 1));
  };
  expect(reads('t')).toEqual(['a.txt', 'empty.txt']);
  expect(reads('v')).toEqual(['tok/tokenizer.json']);
  await files.close();
});
