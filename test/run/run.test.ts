// A run from the command line: what it leaves, what it says, what it does not do twice.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../../engine/run/events.ts';
import { dsk, entries, folder, last, leftovers, list, records, start, walking, words } from './dsk.ts';

const begun = (events: RunEvent[]) => events.flatMap((event) => (event.event === 'begin' ? [event.node] : []));

describe('a run', () => {
  test('leaves results, a record and events; again, it does nothing twice', { timeout: 30_000 }, async () => {
    const here = folder({ 'g.dsk': walking(), 'words.txt': words });
    const first = await dsk(here, 'run', 'g.dsk', '--json');
    expect(first.code).toBe(0);
    expect(begun(first.events)).toEqual(['count', 'trained', 'saved']);
    const finished = last(first);
    if (finished?.event !== 'finished') throw new Error(`last is ${finished?.event}`);
    expect(finished.results.count).toEqual({ lines: 3 });
    expect(finished.results.saved).toEqual({ path: join(here, 'out/walk') });
    const weights = readFileSync(join(here, 'out/walk/weights.txt'), 'utf8');
    expect(finished.results.trained?.loss).toBe(Number(weights));
    expect(entries(here)).toHaveLength(2);
    expect(leftovers(here)).toEqual([]);
    expect(existsSync(join(here, '.dsk/checkpoints'))).toBe(false);

    const [record] = records(here);
    expect(record).toMatchObject({ status: 'done', exit: 0, file: 'g.dsk' });
    expect(record?.steps.map(({ status }) => status)).toEqual(['done', 'done', 'done']);
    expect(record?.steps[0]).toMatchObject({ node: 'count', expectedMemory: 1e8 });
    expect(record?.steps[0]?.memory).toBeGreaterThan(1e7);
    const run = join(here, '.dsk/runs', record?.run ?? '');
    expect(readFileSync(join(run, 'graph.dsk'), 'utf8')).toBe(walking());
    expect(list(join(run, 'tensorboard'))).toEqual(['trained']);
    const logged = readFileSync(join(run, 'events.jsonl'), 'utf8').trimEnd().split('\n');
    expect(logged.map((line) => JSON.parse(line) as RunEvent)).toEqual(first.events);

    const second = await dsk(here, 'run', 'g.dsk', '--json');
    expect(second.code).toBe(0);
    expect(begun(second.events)).toEqual(['saved']); // its result lies outside: done every time
    expect(last(second)).toMatchObject({ event: 'finished', results: finished.results });

    writeFileSync(join(here, 'words.txt'), 'one\ntwo\n');
    const changed = await dsk(here, 'run', 'g.dsk', '--json');
    expect(begun(changed.events)).toEqual(['count', 'trained', 'saved']);
    expect(changed.events.find((event) => event.event === 'begin')).toMatchObject({ why: 'file words.txt changed' });
  });

  test('takes params from --set and runs one branch with --to', { timeout: 30_000 }, async () => {
    const here = folder({ 'g.dsk': walking(), 'words.txt': words });
    const part = await dsk(here, 'run', 'g.dsk', '--to', 'count', '--json');
    expect(begun(part.events)).toEqual(['count']);
    expect(last(part)).toMatchObject({ event: 'finished', results: { count: { lines: 3 } } });
    const set = await dsk(here, 'run', 'g.dsk', '--set', 'steps=3', '--json');
    expect(set.events.filter((event) => event.event === 'step').map((event) => event.step)).toEqual([1, 2, 3]);
    const fresh = await dsk(here, 'run', 'g.dsk', '--set', 'steps=3', '--fresh', '--json');
    expect(begun(fresh.events)).toEqual(['count', 'trained', 'saved']);
    expect((last(fresh) as { results: unknown }).results).toEqual((last(set) as { results: unknown }).results);
  });

  test('tells the rows of each table that a step read and made', { timeout: 30_000 }, async () => {
    const table = 'id,word\n1,one\n2,two\n3,\n4,two\n';
    const graph = `dsk 1
t = load("t.csv")
f = filter(t, where: "word = 'two' OR id = 1")
j = join(t, f, on: "word", how: "anti")
p = split(t, valid: 25%)
`;
    const here = folder({ 'g.dsk': graph, 't.csv': table });
    const told = ({ events }: { events: RunEvent[] }, event: 'end' | 'cached') =>
      Object.fromEntries(events.flatMap((each) => (each.event === event ? [[each.node, each.rows]] : [])));
    const rows = {
      t: { in: {}, out: { table: 4, rejected: 0 } },
      f: { in: { table: 4 }, out: { table: 3 }, removed: 1 },
      j: { in: { left: 4, right: 3 }, out: { table: 1, removed: 3 }, removed: 3 },
      p: { in: { table: 4 }, out: { train: 3, valid: 1 } },
    };
    expect(told(await dsk(here, 'run', 'g.dsk', '--json'), 'end')).toEqual(rows);
    expect(told(await dsk(here, 'run', 'g.dsk', '--json'), 'cached')).toEqual(rows);
    const { stderr } = await dsk(here, 'run', 'g.dsk', '--fresh');
    expect(stderr).toMatch(/^f +done in [\d.]+ s · 4 rows -> 3 \(1 removed\)$/m);
  });

  test('has results on stdout and progress on stderr, plain in a pipe', { timeout: 30_000 }, async () => {
    const here = folder({ 'g.dsk': walking(), 'words.txt': words });
    const { stdout, stderr } = await dsk(here, 'run', 'g.dsk');
    expect(stdout).toMatch(/^count +lines 3$/m);
    expect(stdout).toMatch(/^saved +out\/walk$/m);
    expect(stderr).toMatch(/^trained +walk: never run$/m);
    expect(stderr).toMatch(/^trained +done in [\d.]+ s · loss -?[\d.]+$/m);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: there must be none
    expect(stderr).not.toMatch(/[\u001b\r]/);
    const quiet = await dsk(here, 'run', 'g.dsk', '--quiet');
    expect(quiet.stdout).toBe(stdout);
    expect(quiet.stderr).toBe('');
  });

  test('goes on to its end when nobody reads its output any more', { timeout: 30_000 }, async () => {
    const here = folder({ 'g.dsk': walking('pause: 20'), 'words.txt': words });
    const running = start(here, ['run', 'g.dsk', '--json']);
    await running.says('"begin"');
    running.child.stdout?.destroy();
    running.child.stderr?.destroy();
    expect((await running.done).code).toBe(0);
    expect(records(here)[0]).toMatchObject({ status: 'done' });
  });
});

describe('a run that fails', () => {
  test('by an error of the graph: diagnostics, exit 1, nothing written', { timeout: 30_000 }, async () => {
    const here = folder({ 'g.dsk': walking('stepz: 3'), 'words.txt': words });
    const plain = await dsk(here, 'run', 'g.dsk');
    expect(plain.code).toBe(1);
    expect(plain.stderr).toMatch(/^g\.dsk:6:\d+: error argument-unknown:.*stepz/m);
    const json = await dsk(here, 'run', 'g.dsk', '--json');
    expect(json.events.map((event) => event.event)).toEqual(['diagnostic', 'failed']);
    expect(json.events[0]).toMatchObject({ code: 'argument-unknown', file: 'g.dsk', line: 6 });
    expect(last(json)).toMatchObject({ exit: 1 });
    expect(existsSync(join(here, '.dsk'))).toBe(false);
  });

  test('by what the user gave a step: a diagnostic at the parameter, exit 1', { timeout: 30_000 }, async () => {
    const here = folder({ 'g.dsk': walking('fault: "input", at: 4'), 'words.txt': words });
    const { code, stderr, stdout } = await dsk(here, 'run', 'g.dsk');
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^g\.dsk:6:\d+: error walk-far: too far to walk$/m);
    expect(stderr).toContain('note: take fewer steps');
    expect(entries(here)).toHaveLength(1); // of `count`, which was done
    expect(leftovers(here)).toEqual([]);
    expect(records(here)[0]).toMatchObject({ status: 'failed', exit: 1, message: 'too far to walk' });
  });

  test('by a file that changes while the run is under way: its result is not stored', { timeout: 30_000 }, async () => {
    const text = `dsk 1\n\nfirst = lines("words.txt")\ntrained = walk(first, steps: 60, pause: 50)\nlater = lines("later.txt")\n`;
    const here = folder({ 'g.dsk': text, 'words.txt': words, 'later.txt': words });
    const running = start(here, ['run', 'g.dsk']);
    await running.says('trained  walk');
    writeFileSync(join(here, 'later.txt'), `${words}more\n`);
    const { code, stderr } = await running.done;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^g\.dsk:5:\d+: error file-changed: later\.txt changed while the run was under way$/m);
    expect(entries(here)).toHaveLength(2);
  });

  test('by a loss that is no number: says the step and what to try, exit 3', { timeout: 30_000 }, async () => {
    const here = folder({ 'g.dsk': walking('fault: "nan", at: 4'), 'words.txt': words });
    const { code, events } = await dsk(here, 'run', 'g.dsk', '--json');
    expect(code).toBe(3);
    expect(events.at(-1)).toMatchObject({ event: 'failed', node: 'trained', step: 3, exit: 3 });
    expect(events.at(-1)).toHaveProperty('message', expect.stringContaining('at step 4'));
    expect(events.at(-1)).toHaveProperty('notes', [expect.stringContaining('lower learning rate')]);
  });

  test('by a bug: one line and a file with the stack, exit 3', { timeout: 30_000 }, async () => {
    const here = folder({ 'g.dsk': walking('fault: "error", at: 4'), 'words.txt': words });
    const { code, stderr } = await dsk(here, 'run', 'g.dsk');
    expect(code).toBe(3);
    expect(stderr).toContain('dsk: trained: the walk broke its leg');
    expect(stderr).not.toMatch(/^\s+at /m);
    const [, details] = /details in (\S+)/.exec(stderr) ?? [];
    expect(readFileSync(details ?? '', 'utf8')).toMatch(/^\s+at .*walk\.ts/m);
  });
});
