// Runs behind the studio: they belong to nobody. The studio may start, watch and stop them, and may itself end at any moment.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Methods } from '../../engine/host/contract.ts';
import { alive } from '../../engine/run/process.ts';
import { dsk, folder, records, start, walking, words } from '../run/dsk.ts';
import { containing, like, type Page, pageFiles, type Studio, studio } from './studio.ts';

type Status = Methods['run.list']['result'][number]['status'];
let running: Studio;
let page: Page;
beforeAll(async () => {
  running = await studio();
  page = await running.page();
});

const plain = { to: null, fresh: false, resume: false, set: {} };
const slow = walking('pause: 30, every: 100');

/** A folder with a graph that may be run. */
async function trusted(text = walking()): Promise<{ here: string; path: string }> {
  const here = folder({ 'g.dsk': text, 'words.txt': words });
  await page.ask('trust.grant', { folder: here });
  return { here, path: join(here, 'g.dsk') };
}

/** Waits for the newest run to have a status. */
async function status(of: Page, path: string, wanted: Status) {
  while (true) {
    const [record] = await of.ask('run.list', { path });
    if (record?.status === wanted) return record;
    if (record && record.status !== 'running') throw new Error(`the run is ${record.status}: ${record.message}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** Waits until the followed run is at a training step. */
async function atStep(path: string, step: number) {
  await page.until('run.events', (all) =>
    all.some((each) => each.path === path && each.events.some((event) => event.event === 'step' && event.step >= step)),
  );
}

describe('before anything runs', () => {
  test('a folder never run from here is asked for, whatever lies in it', async () => {
    const here = folder({ 'g.dsk': walking(), 'words.txt': words });
    await dsk(here, 'run', 'g.dsk'); // by hand: it has runs now, as a downloaded folder may
    const path = join(here, 'g.dsk');
    expect((await page.ask('file.open', { path })).trusted).toBe(false);
    expect(await page.refused('run.start', { path, ...plain })).toMatchObject({ code: 'untrusted' });
    expect(records(here).length).toBe(1);
    await page.ask('trust.grant', { folder: here });
    expect((await page.ask('file.open', { path })).trusted).toBe(true);
    await page.ask('run.start', { path, ...plain });
    await status(page, path, 'done');
  });

  test('mistakes in the graph are told', async () => {
    const { path } = await trusted('dsk 1\ncount = lines(wrods)\n');
    expect(await page.refused('run.start', { path, ...plain })).toMatchObject({
      code: 'graph-errors',
      message: like(/^line 2: .*wrods/),
    });
  });

  test('a param or node that the graph does not have is told', async () => {
    const { path } = await trusted();
    for (const wrong of [{ set: { stepps: '1' } }, { to: 'traind' }]) {
      expect(await page.refused('run.start', { path, ...plain, ...wrong })).toMatchObject({
        code: 'bad-request',
        message: like(/steps|trained/),
      });
    }
  });
});

describe('a run', () => {
  test('is followed from its first event to its last, each once', async () => {
    const { path } = await trusted();
    const { run } = await page.ask('run.start', { path, ...plain, set: { steps: '7' } });
    await page.ask('run.follow', { path, run, from: 0 });
    const mine = () => page.told('run.events').filter((each) => each.run === run);
    await page.until('run.events', () => mine().some(({ events }) => events.at(-1)?.event === 'finished'));
    const events = mine().flatMap((each) => each.events);
    const written = readFileSync(join(path, '..', '.dsk/runs', run, 'events.jsonl'), 'utf8');
    expect(events).toEqual(
      written
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    );
    expect(mine().at(-1)?.next).toBe(Buffer.byteLength(written));
    const series = await page.ask('run.series', { path, run, node: 'trained' });
    expect(series.step).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(series.columns.loss?.length).toBe(7);
    const details = await page.ask('run.read', { path, run });
    expect(details).toMatchObject({
      record: { status: 'done', exit: 0 },
      text: walking(),
      error: null,
      next: Buffer.byteLength(written),
      progress: { trained: { done: 7, total: 7 } },
    });
    expect(details.events.map(({ event }) => event)).not.toContain('step');
  });

  test('is one at a time; the second is told who holds the folder', async () => {
    const { path } = await trusted(slow);
    const { run } = await page.ask('run.start', { path, ...plain, set: { steps: '500' } });
    expect(await page.refused('run.start', { path, ...plain })).toMatchObject({
      code: 'locked',
      message: containing('a run of g.dsk'),
    });
    await page.ask('run.stop', { path, run, hard: true });
    await status(page, path, 'interrupted');
  });

  test('stops with a checkpoint, and goes on from it', async () => {
    const { here, path } = await trusted(slow);
    const { run } = await page.ask('run.start', { path, ...plain, set: { steps: '15' } });
    await page.ask('run.follow', { path, run, from: 0 });
    await atStep(path, 3);
    await page.ask('run.stop', { path, run, hard: false });
    expect(await status(page, path, 'interrupted')).toMatchObject({ exit: 130 });
    expect(await page.refused('run.stop', { path, run, hard: false })).toMatchObject({ code: 'not-found' });
    await page.ask('run.start', { path, ...plain, resume: true, set: { steps: '15' } });
    const record = await status(page, path, 'done');
    expect(record.steps.find(({ node }) => node === 'trained')?.resumed?.run).toBe(run);
    expect(existsSync(join(here, 'out/walk/weights.txt'))).toBe(true);
  });

  test('stopped hard ends at once and says so', async () => {
    const { path } = await trusted(slow);
    const { run } = await page.ask('run.start', { path, ...plain, set: { steps: '500' } });
    await page.ask('run.follow', { path, run, from: 0 });
    await atStep(path, 1);
    await page.ask('run.stop', { path, run, hard: true });
    const [record] = await page.ask('run.list', { path });
    expect(record).toMatchObject({ status: 'interrupted', exit: 130 });
    expect(record && alive(record.process)).toBe(false);
  });

  test('that is killed is found dead, with how it ended', async () => {
    const { path } = await trusted(walking('every: 5, fault: "kill", at: 8'));
    const before = page.told('runs.changed').length;
    const { run } = await page.ask('run.start', { path, ...plain });
    await status(page, path, 'died');
    await page.until('runs.changed', (all) => all.length >= before + 2);
    const details = await page.ask('run.read', { path, run });
    expect(details.error).toContain('SIGKILL');
    expect((await page.ask('run.series', { path, run, node: 'trained' })).step.length).toBe(7);
    expect(details.record.steps.map((step) => step.status)).toEqual(['done', 'interrupted', 'waiting']);
  });

  test('that fails tells its message and its report', async () => {
    const { path } = await trusted(walking('fault: "error", at: 2'));
    const { run } = await page.ask('run.start', { path, ...plain });
    await status(page, path, 'failed');
    const { record, error } = await page.ask('run.read', { path, run });
    expect([record.message, error]).toEqual(['the walk broke its leg', containing('walk.ts')]);
  });

  test('started by hand shows up, and can be followed and stopped', async () => {
    const { here, path } = await trusted(slow);
    expect(await page.ask('run.list', { path })).toEqual([]);
    const byHand = start(here, ['run', 'g.dsk', '--set', 'steps=500']);
    await page.until('runs.changed', (all) => all.some((each) => each.folder === here));
    const [record] = await page.ask('run.list', { path });
    await page.ask('run.follow', { path, run: record?.run ?? '', from: 0 });
    await atStep(path, 2);
    await page.ask('run.stop', { path, run: record?.run ?? '', hard: false });
    expect((await byHand.done).code).toBe(130);
  });

  test('goes on when the studio is killed, and is found again', { timeout: 30_000 }, async () => {
    const state = folder(pageFiles);
    const first = await studio([], state);
    const before = await first.page();
    const here = folder({ 'g.dsk': slow, 'words.txt': words });
    const path = join(here, 'g.dsk');
    await before.ask('trust.grant', { folder: here });
    const { run } = await before.ask('run.start', { path, ...plain, set: { steps: '60' } });
    first.child.kill('SIGKILL');
    await first.exit;
    expect(records(here)[0]?.status).toBe('running');
    const second = await studio([], state);
    const after = await second.page();
    expect((await after.ask('run.list', { path }))[0]).toMatchObject({ run });
    await after.ask('run.follow', { path, run, from: 0 });
    await after.until('run.events', (all) => all.at(-1)?.events.at(-1)?.event === 'finished');
    expect((await after.ask('run.series', { path, run, node: 'trained' })).step.length).toBe(60);
    await second.end();
  });

  test('goes on when the studio is ended with Ctrl-C', { timeout: 30_000 }, async () => {
    const first = await studio();
    const before = await first.page();
    const here = folder({ 'g.dsk': slow, 'words.txt': words });
    await before.ask('trust.grant', { folder: here });
    await before.ask('run.start', { path: join(here, 'g.dsk'), ...plain, set: { steps: '30' } });
    await first.end();
    expect(records(here)[0]?.status).toBe('running');
    await status(page, join(here, 'g.dsk'), 'done');
  });
});

describe('what a folder from elsewhere brings along', () => {
  const id = '20260101-000000-abc';
  const record = {
    format: 1,
    run: id,
    status: 'running',
    started: '',
    process: { pid: 1, host: '', began: 1 },
    results: {},
  };
  const brought = (text: object) => {
    const here = folder({ 'g.dsk': walking(), [`.dsk/runs/${id}/events.jsonl`]: '{"event":"step"' });
    writeFileSync(join(here, '.dsk/runs', id, 'run.json'), JSON.stringify(text));
    return { here, path: join(here, 'g.dsk') };
  };

  test('cannot choose which process is ended', async () => {
    const victim = { pid: process.pid, host: hostname(), began: null };
    const { path } = brought({ ...record, process: victim, steps: [] });
    expect(await page.ask('run.list', { path })).toMatchObject([{ run: id, status: 'running' }]);
    expect(await page.refused('run.stop', { path, run: id, hard: true })).toMatchObject({ code: 'untrusted' });
  });

  test.each([
    ['null'],
    ['{}'],
    ['{"format":1}'],
    ['{"format":1,"status":"running","steps":3}'],
    ['['],
    [JSON.stringify({ ...record, steps: [null] })],
  ])('is left out where it is no run: %s', async (text) => {
    const { here, path } = brought({});
    writeFileSync(join(here, '.dsk/runs', id, 'run.json'), text);
    mkdirSync(join(here, '.dsk/runs/not-a-run'));
    expect(await page.ask('run.list', { path })).toEqual([]);
    expect(await page.refused('run.read', { path, run: id })).toMatchObject({ code: 'not-found' });
  });
});
