// Plans: what runs and why, what stays, what it costs.
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hashFile } from '../../engine/data/hash.ts';
import { cacheFolder, packArtifact, unpackArtifact } from '../../engine/plan/cache.ts';
import { digestsPath, openDigests } from '../../engine/plan/digests.ts';
import { ToError } from '../../engine/plan/plan.ts';
import { bytes, renderPlan, scaled, time } from '../../engine/plan/render.ts';
import { keysOf, newPlace, type Place, states, whale } from './fixture.ts';

let place: Place;
beforeEach(() => {
  place = newPlace();
});
afterEach(() => place.remove());

const cached = { book: 'cached', clean: 'cached', parts: 'cached', vocab: 'cached', trained: 'cached' };
const outside = { saved: 'writes outside the cache' };

describe('steps', () => {
  it('are the nodes that run, in order, with what they need through definitions', async () => {
    const { steps, definitions } = await place.plan(whale);
    expect(steps.map(({ node, needs }) => [node, needs])).toEqual([
      ['book', []],
      ['clean', ['book']],
      ['parts', ['clean']],
      ['vocab', ['parts']],
      ['trained', ['parts', 'vocab']],
      ['saved', ['trained']],
    ]);
    expect(definitions.map(({ node }) => node)).toEqual([
      'hidden',
      'next.attention',
      'next.ffn',
      'next',
      'model',
      'trained.optimizer',
    ]);
    expect(steps[4]?.definitions).toHaveLength(6);
  });

  it('are all to run at first', async () => {
    const never = Object.fromEntries(Object.keys(cached).map((node) => [node, 'never run']));
    expect(states(await place.plan(whale))).toEqual({ ...never, ...outside });
  });

  it('are cached when they ran, except those that write elsewhere', async () => {
    await place.run(whale);
    expect(states(await place.plan(whale))).toEqual({ ...cached, ...outside });
  });

  it('all run again when asked to', async () => {
    await place.run(whale);
    const { steps } = await place.plan(whale, { fresh: true });
    expect(steps.every(({ status, why }) => status === 'run' && why[0] === 'asked to run again')).toBe(true);
  });

  it('are those a node needs, where one is named', async () => {
    const { steps, definitions } = await place.plan(whale, { to: 'vocab' });
    expect(steps.map(({ node }) => node)).toEqual(['book', 'clean', 'parts', 'vocab']);
    expect(definitions).toEqual([]);
    expect((await place.plan(whale, { to: 'model' })).definitions).toHaveLength(5);
    await expect(place.plan(whale, { to: 'trainde' })).rejects.toThrow(ToError);
    await expect(place.plan(whale, { to: 'trainde' })).rejects.toThrow('did you mean `trained`?');
  });

  it('plan alike with and without a run in between', async () => {
    const before = keysOf(await place.plan(whale));
    await place.run(whale);
    expect(keysOf(await place.plan(whale))).toEqual(before);
  });
});

describe('planning', () => {
  it('writes nothing', async () => {
    const before = readdirSync(place.folder, { recursive: true }).sort();
    await place.plan(whale);
    expect(readdirSync(place.folder, { recursive: true }).sort()).toEqual(before);
    expect(existsSync(join(place.folder, '.dsk'))).toBe(false);
  });
});

describe('a stale step says why', () => {
  const after = async (text: string, set: Record<string, string> = {}) => states(await place.plan(text, { set }));
  beforeEach(() => place.run(whale));

  it('a parameter changed', async () => {
    expect(await after(whale.replace('share: 90%', 'share: 80%'))).toMatchObject({
      clean: 'cached',
      parts: 'parameter share changed 0.9 -> 0.8',
      vocab: 'input parts is new',
      trained: 'input parts is new; input vocab is new',
    });
    expect(await after(whale, { size: '300' })).toMatchObject({
      parts: 'cached',
      vocab: 'parameter size changed 256 -> 300',
    });
  });

  it('a parameter is given that had no value, or not any more', async () => {
    expect(await after(whale.replace('steps: 100', 'steps: 100, clip: 1'))).toMatchObject({
      trained: 'parameter clip changed nothing -> 1',
    });
  });

  it('a definition changed, and which', async () => {
    expect(await after(whale.replace('heads(2)', 'heads(4)'))).toMatchObject({
      vocab: 'cached',
      trained: 'next.attention: parameter heads changed 2 -> 4',
    });
    expect(await after(whale.replace('lr: 3e-3', 'lr: 1e-3, betas: [0.9, 0.99]'))).toMatchObject({
      trained:
        'trained.optimizer: parameter lr changed 0.003 -> 0.001; trained.optimizer: parameter betas changed [0.9, 0.95] -> [0.9, 0.99]',
    });
  });

  it('something was put in between', async () => {
    const text = whale
      .replace('head(next)', 'head(more)')
      .replace('model   =', 'more    = block(next, attention: heads(2), ffn: gated())\nmodel   =');
    expect((await after(text)).trained).toContain('more is new');
  });

  it('an input is connected elsewhere', async () => {
    expect(await after(whale.replace('halves(clean', 'halves(book'))).toMatchObject({
      parts: 'input table was clean.table, is book.table',
    });
    expect(await after(whale.replace('valid: parts.second, ', ''))).toMatchObject({
      trained: 'input valid is not connected any more',
    });
    expect(await after(whale.replace('words(parts,', 'words(parts.second,'))).toMatchObject({
      vocab: 'input table was parts.first, is parts.second',
    });
  });

  it('the kind changed', async () => {
    expect(await after(whale.replace('keep(book, "length(text) > 3")', 'halves(book)'))).toMatchObject({
      clean: 'kind changed keep -> halves',
    });
  });

  it('a file changed, came or went', async () => {
    appendFileSync(join(place.folder, 'data/a.txt'), 'More.\n');
    expect(await after(whale)).toMatchObject({ book: 'file data/a.txt changed', clean: 'input book is new' });
    writeFileSync(join(place.folder, 'data/a.txt'), 'Call me Ishmael.\n');
    expect(await after(whale)).toEqual({ ...cached, ...outside });
    writeFileSync(join(place.folder, 'data/c.txt'), 'x');
    expect(await after(whale)).toMatchObject({ book: 'file data/c.txt is new' });
    for (const name of ['d', 'e', 'f', 'g']) writeFileSync(join(place.folder, `data/${name}.txt`), 'x');
    expect((await after(whale)).book).toContain('file data/e.txt is new; 2 more files are new');
    for (const name of ['c', 'd', 'e', 'f', 'g']) rmSync(join(place.folder, `data/${name}.txt`));
    rmSync(join(place.folder, 'data/b.txt'));
    expect(await after(whale)).toMatchObject({ book: 'file data/b.txt is gone' });
  });

  it('compared with the newest result of the node', async () => {
    await place.run(whale.replace('share: 90%', 'share: 80%'));
    expect(await after(whale.replace('share: 90%', 'share: 70%'))).toMatchObject({
      parts: 'parameter share changed 0.8 -> 0.7',
    });
  });

  it('its result was removed', async () => {
    const { steps } = await place.plan(whale);
    const vocab = steps.find(({ node }) => node === 'vocab');
    rmSync(join(cacheFolder(place.folder), vocab?.key ?? ''), { recursive: true });
    expect(await after(whale)).toMatchObject({ parts: 'cached', vocab: 'never run', trained: 'cached' });
  });
});

describe('a stored result', () => {
  const vocab = async () => (await place.plan(whale)).steps.find(({ node }) => node === 'vocab');
  const file = async (name: string) => join(cacheFolder(place.folder), (await vocab())?.key ?? '', name);
  beforeEach(() => place.run(whale));

  it('that was changed is not used, and that is a fault', async () => {
    writeFileSync(await file('result'), 'made by wordz\n');
    expect(await vocab()).toMatchObject({
      status: 'run',
      why: [
        expect.stringMatching(/^stored result cannot be trusted: its file result was changed; .*dsk clean --entry/),
      ],
      fault: 'its file result was changed',
      entry: null,
    });
  });

  it('whose meta.json was changed or cut off is not used', async () => {
    const meta = await file('meta.json');
    const text = readFileSync(meta, 'utf8');
    writeFileSync(meta, text.replace('"rows":42', '"rows":43'));
    expect(await vocab()).toMatchObject({ status: 'run', fault: 'its meta.json was changed' });
    for (const broken of [text.slice(0, 100), '', 'null', '[]', '"x"', '{"format":1}']) {
      writeFileSync(meta, broken);
      expect(await vocab(), broken).toMatchObject({
        status: 'run',
        fault: expect.stringContaining('meta.json') as string,
      });
    }
  });

  it('that lacks a file is made again without a fault', async () => {
    rmSync(await file('result'));
    expect(await vocab()).toMatchObject({
      status: 'run',
      why: ['stored result not used: its file result is gone'],
      fault: null,
    });
  });

  it('moves with the folder of the graph', async () => {
    const moved = `${place.folder}-moved`;
    renameSync(place.folder, moved);
    const again = newPlace();
    rmSync(again.folder, { recursive: true });
    renameSync(moved, again.folder);
    expect(states(await again.plan(whale))).toEqual({ ...cached, ...outside });
    again.remove();
    mkdirSync(place.folder);
  });

  it('has paths that are relative to the graph where they lie beside it', () => {
    const model = {
      type: 'model' as const,
      architecture: { tokenizer: null, vocab: 1, dim: 1, init: 1, blocks: [], head: null },
      weights: [join(place.folder, '.dsk/cache/k/model.safetensors')],
      tokenizer: '/elsewhere/tokenizer.json',
    };
    const packed = packArtifact(model, place.folder);
    expect(packed).toMatchObject({
      weights: ['.dsk/cache/k/model.safetensors'],
      tokenizer: '/elsewhere/tokenizer.json',
    });
    expect(unpackArtifact(packed, place.folder)).toEqual(model);
  });
});

describe('digests of files', () => {
  it('are remembered while size and times stay, and never beyond', async () => {
    const file = join(place.folder, 'data/a.txt');
    const past = new Date(Date.now() - 60_000);
    utimesSync(file, past, past);
    await new Promise((done) => setTimeout(done, 80)); // a file that changed just now is not remembered
    const first = openDigests('nowhere');
    const digest = await first.of(file);
    expect(digest).toBe(await hashFile(file));
    const stored = join(place.folder, 'digests.json');
    writeFileSync(stored, first.text());
    expect(Object.keys(JSON.parse(first.text()) as object)).toEqual([file]);

    // remembered: a wrong stored value would come back as it is
    writeFileSync(stored, first.text().replace(digest, 'remembered'));
    expect(await openDigests(stored).of(file)).toBe('remembered');

    // same size, same modification time, other bytes
    const { mtime } = statSync(file);
    writeFileSync(file, 'call me Ishmael.\n');
    utimesSync(file, mtime, mtime);
    expect(await openDigests(stored).of(file)).toBe(await hashFile(file));
  });

  it('start empty where the stored ones are damaged', async () => {
    const stored = digestsPath(cacheFolder(place.folder));
    mkdirSync(cacheFolder(place.folder), { recursive: true });
    for (const text of ['', '{', '[]', 'null', '{"x":1}', '{"x":[1,2]}']) {
      writeFileSync(stored, text);
      expect(states(await place.plan(whale)).book).toBe('never run');
    }
  });
});

describe('costs', () => {
  it('of steps: rows known or guessed, and counted once they ran', async () => {
    const rows = async () => Object.fromEntries((await place.plan(whale)).steps.map(({ node, rows }) => [node, rows]));
    expect(await rows()).toMatchObject({
      book: [{ output: 'table', count: 2, exact: true }],
      clean: [{ output: 'table', count: 1, exact: false }],
      vocab: [],
    });
    await place.run(whale);
    expect(await rows()).toMatchObject({
      clean: [{ count: 42, exact: true }],
      parts: [{ output: 'first' }, { output: 'second' }],
    });
  });

  it('of definitions: the scalars each adds', async () => {
    const { definitions } = await place.plan(whale);
    expect(Object.fromEntries(definitions.map(({ node, parameters }) => [node, parameters]))).toEqual({
      hidden: 256 * 8,
      'next.attention': 4 * 8 * 8,
      'next.ffn': 3 * 16 * 8,
      next: 4 * 8 * 8 + 3 * 16 * 8 + 2 * 8,
      model: 256 * 8 + 8,
      'trained.optimizer': null,
    });
  });

  it('in total: the largest memory, the sum of the disk, of what runs', async () => {
    expect((await place.plan(whale)).totals).toEqual({
      run: 6,
      cached: 0,
      memory: 5e7,
      disk: 33 + 1e3 + 1e6,
      flops: 6e8,
      seconds: null,
    });
    await place.run(whale);
    expect((await place.plan(whale)).totals).toMatchObject({ run: 1, cached: 5, memory: null, disk: 0, flops: 0 });
  });

  it('in time: as measured before, in proportion to the work', async () => {
    await place.run(whale, { seconds: 10 });
    const { steps, totals } = await place.plan(whale.replace('steps: 100', 'steps: 250'));
    expect(steps.find(({ node }) => node === 'trained')?.seconds).toBe(25);
    expect(totals.seconds).toBe(35);
  });
});

describe('the table', () => {
  it('fits 80 columns', async () => {
    await place.run(whale);
    const text = renderPlan(await place.plan(whale.replace('lr: 3e-3', 'lr: 1e-3, betas: [0.9, 0.99]')));
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(text).toMatch(/^clean +keep +42 +2\.0 MB +1\.0 kB +10 s +cached$/m);
    expect(text).toMatch(/^trained: 1,000 parameters \(900 active\), 100 steps, 6\.0 MFLOP a step$/m);
    expect(text).toContain('2 to run, 4 cached; peak memory about 50 MB; disk about 1.0 MB; 600 MFLOP;');
  });

  it('says so when there is nothing to do', async () => {
    await place.run(whale);
    expect(renderPlan(await place.plan(whale, { to: 'trained' }))).toMatch(/\nnothing to run: all 5 steps are cached$/);
  });

  it('writes sizes with two or three digits', () => {
    expect([0, 999, 1000, 9940, 9960, 999_400, 999_600, 123_456_789].map(bytes)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '9.9 kB',
      '10 kB',
      '999 kB',
      '1.0 MB',
      '123 MB',
    ]);
    expect(scaled(5.25e12, 'FLOP')).toBe('5.3 TFLOP');
    expect([0.04, 9.94, 9.96, 99.4, 99.6, 5940, 6000, 9000].map(time)).toEqual([
      '0.0 s',
      '9.9 s',
      '10 s',
      '99 s',
      '2 min',
      '99 min',
      '1.7 h',
      '2.5 h',
    ]);
  });
});
