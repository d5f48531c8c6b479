// Deduplication: what counts as a repetition, which row stays, what is said of those that go; near-duplicates beside datatrove.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openTables } from '../../../engine/data/tables.ts';
import type { TableArtifact } from '../../../engine/nodes/values.ts';
import { chapters, mails, planted } from '../../bench/corpus.ts';
import { askPython, withPython } from '../../data/setting.ts';
import { type Ran, workplace } from './cleaning.ts';

const place = workplace();
const some = [
  { text: 'The Whale', score: 1, note: null },
  { text: 'the whale!', score: 3, note: 'long note' },
  { text: 'The Whale', score: null, note: 'x' },
  { text: null, score: 2, note: null },
  { text: 'Ahab', score: 2, note: null },
  { text: null, score: 5, note: null },
  { text: 'Ahab', score: 2, note: null },
];
place.put('some', some);
const load = 'rows = load("some.jsonl")\n';

/** Numbers of the rows that stay, and of those that go with the row that stays instead. */
async function split(ran: Ran, node = 'd') {
  const [table, removed] = [await place.rows(ran, node), await place.rows(ran, node, 'removed')];
  return { stay: table.map(({ row }) => row), go: removed.map(({ row, cluster }) => [row, cluster]), removed };
}

let count = 0;
async function deduped(args: string, from = load) {
  const node = `d${count++}`;
  const ran = await place.run(`${from}${node} = dedup(rows${args === '' ? '' : `, ${args}`})`);
  return { ran, node, ...(await split(ran, node)) };
}

describe('exact', () => {
  it('keeps the first of rows that are equal in all columns or in some; null equals null', async () => {
    const text = await deduped('by: "text"');
    expect(text.stay).toEqual([0, 1, 3, 4]);
    expect(text.go).toEqual([
      [2, 0],
      [5, 3],
      [6, 4],
    ]);
    expect(text.removed.map(({ reason }) => reason)).toEqual([
      'same text as row 0',
      'same text as row 3',
      'same text as row 4',
    ]);
    expect((await deduped('by: ["text", "score"]')).go).toEqual([[6, 4]]);
    expect((await deduped('')).go).toEqual([]);
  });

  it('of whole rows says so', async () => {
    writeFileSync(join(place.folder, 'twice.jsonl'), '{"a":1,"b":"x"}\n{"a":1,"b":"y"}\n{"a":1,"b":"x"}\n');
    const ran = await place.run('rows = load("twice.jsonl")\nwhole = dedup(rows)');
    expect(await place.rows(ran, 'whole')).toEqual([
      { a: 1, b: 'x' },
      { a: 1, b: 'y' },
    ]);
    expect(await place.rows(ran, 'whole', 'removed')).toEqual([
      { a: 1, b: 'x', cluster: 0, reason: 'the same in all columns as row 0' },
    ]);
  });

  it('keeps the longest or the best, in its place; of those on a par the first', async () => {
    expect((await deduped('by: "text", keep: "longest"')).go).toEqual([
      [0, 2],
      [5, 3],
      [6, 4],
    ]);
    expect((await deduped('by: "text", keep: "best", best: "score"')).go).toEqual([
      [2, 0],
      [3, 5],
      [6, 4],
    ]);
    expect((await deduped('by: "text", keep: "best", best: "-score -- the least"')).go).toEqual([
      [2, 0],
      [5, 3],
      [6, 4],
    ]);
  });

  it('reports groups, and gives columns as it said', async () => {
    const { ran, node } = await deduped('by: "text"');
    expect(ran.made[node]?.report).toEqual({
      type: 'report',
      values: { rows: 7, removed: 3, clusters: 3, largest: 2 },
    });
    expect(ran.log).toContain('3 of 7 rows repeated others in 3 groups, the largest of 2 rows');
    for (const output of ['table', 'removed']) {
      const { columns } = ran.made[node]?.[output] as TableArtifact;
      expect(columns).toEqual((ran.specs[node] as Record<string, { columns: unknown }>)[output]?.columns);
    }
    const none = await deduped('by: "row"');
    expect(none.ran.made[none.node]?.report).toMatchObject({ values: { removed: 0, clusters: 0, largest: 1 } });
  });
});

describe('normalized', () => {
  it.each(['md5', 'sha256', 'xxhash'])('sets case and punctuation aside (%s)', async (hash) => {
    const { stay, removed } = await deduped(`by: "text", method: "normalized", hash: "${hash}"`);
    expect(stay).toEqual([0, 3, 4]);
    expect(removed.map(({ row, cluster }) => [row, cluster])).toEqual([
      [1, 0],
      [2, 0],
      [5, 3],
      [6, 4],
    ]);
    expect(removed[0]?.reason).toBe('says the same as row 0 but for case, punctuation, numbers or spaces');
  });

  it('tells texts apart of which nothing is left, and columns from each other', async () => {
    place.put('odd', [
      { text: '!!!', other: 'a' },
      { text: '???', other: 'a' },
      { text: '!!!', other: 'A.' },
      { text: '', other: null },
      { text: null, other: '' },
      { text: 'a b', other: 'c' },
      { text: 'a', other: 'b c' },
    ]);
    const { go } = await deduped('by: ["text", "other"], method: "normalized"', 'rows = load("odd.jsonl")\n');
    expect(go).toEqual([[2, 0]]);
  });
});

describe('minhash', () => {
  const book = chapters()
    .flatMap((text) => text.split(/\n\s*\n/))
    .filter((text) => text.length > 300);
  const edited = book.slice(0, 60).map((text) => text.replace(/ (the|of) /, ' some ').toUpperCase());
  const rows = [...book.slice(0, 200), ...edited, 'too short', 'Too short!', '...', '', null];
  beforeAll(
    () =>
      void place.put(
        'book',
        rows.map((text) => ({ text, length: text?.length ?? null })),
      ),
  );
  const from = 'rows = load("book.jsonl")\n';

  it('finds texts with a few words changed, short ones with the same words, and leaves those without words', async () => {
    const { go, stay, removed } = await deduped('method: "minhash"', from);
    const wanted = [...edited.map((_, i) => [200 + i, i]), [261, 260]];
    expect(go).toEqual(wanted);
    expect(stay.length).toBe(rows.length - 61);
    expect(stay.slice(-4)).toEqual([260, 262, 263, 264]);
    for (const { reason } of removed)
      expect(reason).toMatch(/^near-duplicate of row \d+ \(similarity (0\.[89]\d|1\.00)\)$/);
  });

  it('finds the same with characters, and the same whatever the threads; other seeds, other signatures', async () => {
    const { go } = await deduped('method: "minhash", shingle: "character"', from);
    expect(go.filter(([row]) => Number(row) >= 200).length).toBeGreaterThanOrEqual(61);
    const one = await openTables({ temp: join(place.folder, 'one'), threads: 1 });
    const four = await openTables({ temp: join(place.folder, 'four'), threads: 4 });
    const table = (await place.run(from)).made.rows?.table as TableArtifact;
    const found = async (tables: typeof one, name: string, seed: number) => {
      const work = { columns: ['text'], unit: 'word', size: 5, bands: 14, rows: 8, seed, threshold: null } as const;
      const watch = { parts: join(place.folder, name), progress() {}, signal: new AbortController().signal };
      const near = await tables.near(
        table,
        { ...work, columns: ['text'] },
        join(place.folder, `${name}.parquet`),
        watch,
      );
      return tables.head(near.clusters, table.rows);
    };
    expect(await found(one, 'of-one', 1)).toEqual(await found(four, 'of-four', 1));
    await Promise.all([one.close(), four.close()]);
  });

  it('keeps the longest or the best', async () => {
    const best = await deduped('by: "text", method: "minhash", keep: "best", best: "length"', from);
    for (const [row, cluster] of best.go) {
      const [gone, kept] = [rows[row as number], rows[cluster as number]];
      expect((gone?.length ?? 0) <= (kept?.length ?? 0)).toBe(true);
    }
    const longest = await deduped('by: "text", method: "minhash", keep: "longest"', from);
    expect(longest.go).toEqual(best.go);
  });

  it('compares texts that bands bring together, where asked to', async () => {
    const many = 'by: "text", method: "minhash", size: 2, bands: 100, rows: 1';
    const loose = await deduped(many, from);
    const strict = await deduped(`${many}, verify: true, threshold: 0.8`, from);
    expect(loose.go.length).toBeGreaterThan(100);
    expect(strict.go).toEqual([...edited.map((_, i) => [200 + i, i]), [261, 260]]);
    for (const { reason } of strict.removed) {
      expect(Number(/similarity ([\d.]+)/.exec(String(reason))?.[1])).toBeGreaterThanOrEqual(0.8);
    }
  });

  it('finds planted pairs about as often as bands of 8 hashes should', async () => {
    const documents = [...planted(3000, 5)];
    place.put(
      'planted',
      documents.map(({ text }) => ({ text })),
    );
    const { go } = await deduped('method: "minhash"', 'rows = load("planted.jsonl")\n');
    const gone = new Map(go.map(([row, cluster]) => [Number(row), Number(cluster)]));
    const right = [...gone].filter(
      ([row, kept]) => documents[row]?.pair != null && documents[row]?.pair === documents[kept]?.pair,
    );
    expect(right.length / gone.size).toBeGreaterThan(0.99);
    const found = (rate: number) => {
      const copies = documents.filter((document) => document.rate === rate);
      return copies.filter(({ pair }) => right.some(([row]) => documents[row]?.pair === pair)).length / copies.length;
    };
    expect(found(0.005)).toBeGreaterThan(0.98);
    expect(found(0.02)).toBeGreaterThan(0.85);
    expect(found(0.1)).toBeLessThan(0.3);
  });
});

withPython('datatrove as referee', () => {
  it('finds no fewer planted pairs and mails, and takes no more wrong ones', async () => {
    const documents = [...planted(1500, 9)];
    const path = place.put('both', [
      ...documents.map(({ text }) => ({ text })),
      ...mails()
        .slice(0, 500)
        .map((text) => ({ text })),
    ]);
    const theirs = new Set(askPython(referee, { path, bands: 14, rows: 8 }) as number[]);
    const { go } = await deduped('method: "minhash", bands: 20, rows: 7', 'rows = load("both.jsonl")\n');
    const ours = new Set(go.flatMap((pair) => pair.map(Number)));
    // Of pairs that are alike in four of five shingles, which both should find, hardly any is found by one alone.
    const alike = documents.flatMap(({ pair, rate }, row) => (rate > 0 && rate <= 0.02 ? [{ pair, row }] : []));
    const recall = (found: Set<number>) => alike.filter(({ row }) => found.has(row)).length / alike.length;
    const wrong = (found: Set<number>) => documents.filter(({ pair }, row) => pair === null && found.has(row)).length;
    expect(alike.length).toBeGreaterThan(100);
    expect(recall(theirs)).toBeGreaterThan(0.9);
    expect(recall(ours)).toBeGreaterThanOrEqual(recall(theirs));
    expect(wrong(ours)).toBeLessThanOrEqual(wrong(theirs) + 1);
  });
});

/** Rows that datatrove's signatures bring into a bucket with others. */
const referee = `
import collections, numpy, xxhash
from datatrove.pipeline.dedup import minhash
class Words:
    def word_tokenize(self, text):
        return text.split()
minhash.load_word_tokenizer = lambda language: Words()
of_bytes = xxhash.xxh64_intdigest
xxhash.xxh64_intdigest = lambda text: of_bytes(text.encode())
config = minhash.MinhashConfig(num_buckets=ask["bands"], hashes_per_bucket=ask["rows"])
step = minhash.MinhashDedupSignature("/tmp", config)
buckets = collections.defaultdict(list)
for i, line in enumerate(open(ask["path"], encoding="utf8")):
    found = step.get_shingles(json.loads(line)["text"])
    if found.size:
        for band, hashes in enumerate(step.get_signature(found)):
            buckets[(band, tuple(hashes))].append(i)
print(json.dumps(sorted({i for rows in buckets.values() if len(rows) > 1 for i in rows})))`;

describe('is refused', () => {
  const cases: [string, string][] = [
    ['hash: "md5"', 'param-idle at "md5": `hash` has no meaning for `exact`'],
    ['method: "normalized", by: "text", bands: 3', 'param-idle at 3: `bands` has no meaning for `normalized`'],
    ['by: "text", best: "score"', 'param-idle at "score": `best` has no meaning unless `keep` is "best"'],
    ['by: "text", keep: "best"', 'what is best is not said'],
    ['keep: "longest"', 'param-idle at "longest": `keep` has no meaning among rows that are equal in all columns'],
    ['by: "text", keep: "best", best: "text"', '`text` gives text, not a number'],
    ['by: "text", keep: "best", best: "scor"', 'there is no column `scor`'],
    ['by: "txt"', 'column-unknown at "txt": there is no column `txt`'],
    ['by: "score", method: "minhash"', 'column-type at "score": column `score` holds integer, not text'],
    ['method: "minhash", by: "text", threshold: 0.8, bands: 3', '`threshold` has no meaning beside `bands` and `rows`'],
    ['method: "minhash", by: "text", permutations: 100', '14 bands of 8 rows take 112 permutations, not 100'],
    ['method: "minhash", by: "text", bands: 10, rows: 5, permutations: 60', '10 bands of 5 rows take 50 permutations'],
  ];
  it.each(cases)('%s', async (args, message) => {
    const errors = await place.errors(`${load}d = dedup(rows, ${args})`);
    expect(errors).toEqual([expect.stringContaining(message)]);
  });

  it('a table without one column of text to compare, or with names that are taken', async () => {
    place.put('two', [{ a: 'x', b: 'y' }]);
    place.put('taken', [{ text: 'x', cluster: 1 }]);
    const near = (name: string) => place.errors(`rows = load("${name}.jsonl")\nd = dedup(rows, method: "minhash")`);
    expect(await near('two')).toEqual([expect.stringContaining('which column to compare is not said')]);
    expect(await near('taken')).toEqual([expect.stringContaining('there is a column `cluster` already')]);
    expect(await near('some')).toEqual([]);
  });
});
