// Stopping and going on: what an interrupted or killed run leaves, and that going on gives the results of never stopping.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RunRecord } from '../../engine/run/record.ts';
import { dsk, entries, folder, last, leftovers, list, records, start, walking, words } from './dsk.ts';

const slow = walking('pause: 40, every: 100');
const result = (here: string) => readFileSync(join(here, 'out/walk/weights.txt'), 'utf8');

/** Folder of the step's checkpoints. */
function checkpoints(here: string): string {
  const [key] = list(join(here, '.dsk/checkpoints'));
  return join(here, '.dsk/checkpoints', key ?? '');
}

/** Final weights of a run that nothing disturbed. */
let undisturbed: Promise<string> | null = null;
function unstopped(): Promise<string> {
  undisturbed ??= (async () => {
    const here = folder({ 'g.dsk': walking(), 'words.txt': words });
    await dsk(here, 'run', 'g.dsk');
    return result(here);
  })();
  return undisturbed;
}

/** A folder in which a run was killed at step 13, with checkpoints of steps 5 and 10; the fault is gone from its graph. */
let dead: Promise<string> | null = null;
async function killed(): Promise<string> {
  dead ??= (async () => {
    const here = folder({ 'g.dsk': walking('every: 5, fault: "kill", at: 13'), 'words.txt': words });
    expect((await dsk(here, 'run', 'g.dsk')).signal).toBe('SIGKILL');
    writeFileSync(join(here, 'g.dsk'), walking());
    return here;
  })();
  const here = folder({});
  cpSync(await dead, here, { recursive: true });
  return here;
}

describe('an interrupted run', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s saves a checkpoint, says how to go on, ends with 130; --resume ends as if never stopped',
    { timeout: 60_000 },
    async (signal) => {
      const here = folder({ 'g.dsk': slow, 'words.txt': words });
      const running = start(here, ['run', 'g.dsk', '--set', 'steps=20', '--json']);
      await running.says('"step":3,');
      running.child.kill(signal);
      const stopped = await running.done;
      expect(stopped.code).toBe(130);
      expect(last(stopped)).toMatchObject({
        event: 'interrupted',
        node: 'trained',
        resume: 'dsk run g.dsk --set steps=20 --resume',
      });
      expect(records(here)[0]).toMatchObject({ status: 'interrupted', exit: 130 });
      expect(records(here)[0]?.steps.map(({ status }) => status)).toEqual(['done', 'interrupted', 'waiting']);
      expect(entries(here)).toHaveLength(1);
      expect(leftovers(here)).toEqual([]);
      const [step] = list(checkpoints(here)).map(Number);
      expect(step).toBeGreaterThanOrEqual(3);

      const resumed = await dsk(here, 'run', 'g.dsk', '--set', 'steps=20', '--resume', '--json');
      expect(resumed.code).toBe(0);
      expect(resumed.events.find((event) => event.event === 'resumed')).toMatchObject({ step });
      expect(resumed.events.find((event) => event.event === 'step')).toMatchObject({ step: (step ?? 0) + 1 });
      expect(result(here)).toBe(await unstopped());
      expect(existsSync(join(here, '.dsk/checkpoints'))).toBe(false);
    },
  );

  test('a second signal ends it at once', { timeout: 30_000 }, async () => {
    const here = folder({ 'g.dsk': walking('pause: 60000'), 'words.txt': words });
    const running = start(here, ['run', 'g.dsk']);
    await running.says('trained  walk');
    running.child.kill('SIGINT');
    await running.says('stopping');
    running.child.kill('SIGINT');
    expect((await running.done).code).toBe(130);
    const runs = await dsk(here, 'runs');
    expect(runs.stdout).toMatch(/g\.dsk +interrupted/);
    expect((await dsk(here, 'run', 'g.dsk', '--to', 'count')).code).toBe(0); // no lock is left that would keep others out
  });

  test('whose output goes elsewhere outlives the terminal', { timeout: 30_000 }, async () => {
    const here = folder({ 'g.dsk': walking('pause: 20'), 'words.txt': words });
    const running = start(here, ['run', 'g.dsk', '--json']);
    await running.says('"step":3,');
    running.child.kill('SIGHUP');
    expect((await running.done).code).toBe(0);
  });

  const script = spawnSync('script', ['--version']).status === 0;
  test.skipIf(!script)(
    'in a terminal that closes saves a checkpoint (needs `script`)',
    { timeout: 30_000 },
    async () => {
      const here = folder({ 'g.dsk': slow, 'words.txt': words });
      const running = start(here, ['run', 'g.dsk'], 'exec script -qec "$*" /dev/null');
      await running.says('loss');
      process.kill(records(here)[0]?.process.pid ?? 0, 'SIGHUP');
      await running.done;
      expect(records(here)[0]).toMatchObject({ status: 'interrupted', exit: 130 });
      expect(list(checkpoints(here))).toHaveLength(1);
    },
  );
});

describe('a killed run', () => {
  test('leaves nothing broken, is listed as died, and can be resumed', { timeout: 60_000 }, async () => {
    const here = await killed();
    expect(entries(here)).toHaveLength(1);
    expect(list(checkpoints(here))).toEqual(['10', '5']);
    const listed = await dsk(here, 'runs', '--json');
    const run = JSON.parse(listed.stdout) as RunRecord;
    expect(run).toMatchObject({ status: 'died', file: 'g.dsk' });

    const resumed = await dsk(here, 'run', 'g.dsk', '--resume', '--json');
    expect(resumed.code).toBe(0);
    expect(resumed.events.find((event) => event.event === 'resumed')).toMatchObject({ step: 10, run: run.run });
    expect(result(here)).toBe(await unstopped());
    expect(leftovers(here)).toEqual([]);
  });

  test('without --resume it starts over and says that there is a checkpoint', { timeout: 60_000 }, async () => {
    const here = await killed();
    const again = await dsk(here, 'run', 'g.dsk', '--json');
    expect(again.events.find((event) => event.event === 'step')).toMatchObject({ step: 1 });
    expect(again.events.find((event) => event.event === 'diagnostic')).toMatchObject({
      severity: 'warning',
      message: expect.stringContaining('checkpoint at step 10') as string,
    });
  });

  test.each([
    ['changed weights', 'weights.safetensors', (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -1), Buffer.of(7)])],
    ['cut off weights', 'weights.safetensors', (bytes: Buffer) => bytes.subarray(0, 9)],
    ['a cut off state', 'state.json', (bytes: Buffer) => bytes.subarray(0, 20)],
  ])('%s in the newest checkpoint: the older one is taken', { timeout: 60_000 }, async (_, file, damage) => {
    const here = await killed();
    const path = join(checkpoints(here), '10', file);
    writeFileSync(path, damage(readFileSync(path)));
    const resumed = await dsk(here, 'run', 'g.dsk', '--resume', '--json');
    expect(resumed.code).toBe(0);
    expect(resumed.events.find((event) => event.event === 'diagnostic')).toMatchObject({ severity: 'warning' });
    expect(resumed.events.find((event) => event.event === 'resumed')).toMatchObject({ step: 5 });
    expect(result(here)).toBe(await unstopped());
  });
});

test('a half-written result of a killed run is swept away by the next', { timeout: 30_000 }, async () => {
  const here = folder({ 'g.dsk': walking(), 'words.txt': words, '.dsk/cache/.tmp-abc-1/half.txt': 'x' });
  expect((await dsk(here, 'run', 'g.dsk', '--to', 'count')).code).toBe(0);
  expect(readdirSync(join(here, '.dsk/cache')).filter((name) => name.startsWith('.tmp'))).toEqual([]);
});
