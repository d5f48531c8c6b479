// A process may die, and a disk may fill up, at any operation: tried at each one of them in turn.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { weightFiles } from '../../engine/data/safetensors.ts';
import { openCheckpoints } from '../../engine/run/checkpoints.ts';
import { explain } from '../../engine/run/failure.ts';
import { folders, sweep } from '../../engine/run/folders.ts';
import { ownFolder } from '../data/setting.ts';
import { Crash, type Fault, faultyDisk } from './disk.ts';

const root = ownFolder();
const disk = faultyDisk(root);
afterEach(() => disk.mend());
afterAll(() => disk.restore());

const key = 'k'.repeat(64);
/** Weights that say which step they are of; more than a stream writes at once. */
const tensors = (step: number) => [
  { name: 'w', shape: [40_000], values: new Float32Array(40_000).fill(step) },
  { name: 'b', shape: [3], values: Float32Array.of(step, 1, 2) },
];

function checkpoints(home: string, resume = true) {
  const warnings: string[] = [];
  const nothing = () => {};
  const options = {
    where: folders(home),
    key,
    run: 'r',
    weights: weightFiles,
    resume,
    log: nothing,
    saved: nothing,
    resumed: nothing,
  };
  return { warnings, ...openCheckpoints({ ...options, warn: (message) => void warnings.push(message) }) };
}

const save = (home: string, step: number) => checkpoints(home).save(step, { step }, tensors(step));

/** What the next run goes on from, after it has swept up. Throws where weights and state are of different steps. */
async function found(home: string): Promise<{ step: number | null; warnings: string[] }> {
  sweep(folders(home));
  const next = checkpoints(home);
  const resumed = await next.resume();
  if (resumed === null) return { step: null, warnings: next.warnings };
  const reader = await weightFiles.open([resumed.weights]);
  const values = reader.read('w');
  reader.close();
  expect([resumed.state.step, values[0], values.at(-1)]).toEqual([resumed.step, resumed.step, resumed.step]);
  return { step: resumed.step, warnings: next.warnings };
}

const leftovers = (home: string) =>
  readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('.tmp-'));

/** How a save is disturbed, and the steps that may be gone on from afterwards: never one further back. */
const situations: [title: string, before: number[], step: number, allowed: (number | null)[]][] = [
  ['the first checkpoint', [], 5, [null, 5]],
  ['the second', [5], 10, [5, 10]],
  ['the third, which removes the first', [5, 10], 15, [10, 15]],
  ['one that is saved again at its step', [5, 10], 10, [10]],
];

describe.each(situations)('%s', (_, before, step, allowed) => {
  const start = join(root, `start-${before.join('-')}-${step}`);
  const fresh = async (): Promise<string> => {
    mkdirSync(start, { recursive: true });
    if (before.length > 0 && readdirSync(start).length === 0) for (const each of before) await save(start, each);
    const home = join(root, 'home');
    rmSync(home, { recursive: true, force: true });
    cpSync(start, home, { recursive: true });
    return home;
  };
  /** Operations of an undisturbed save. */
  const operations = async (): Promise<string[]> => {
    const home = await fresh();
    disk.arm(0, 'crash');
    await save(home, step);
    disk.mend();
    return [...disk.operations];
  };

  it.each(['crash', 'torn', 'power'] as Fault[])(
    '%s at each operation: the next run goes on from this one or the one before',
    { timeout: 60_000 },
    async (fault) => {
      const all = await operations();
      expect(all.length).toBeGreaterThan(10);
      const reached = new Set<number | null>();
      for (let at = 1; ; at++) {
        if (fault === 'torn' && at <= all.length && !all[at - 1]?.startsWith('write')) continue; // as `crash`
        const home = await fresh();
        disk.arm(at, fault);
        const error = await save(home, step).catch((error: unknown) => error);
        if (!disk.crashed) break; // it was done before
        expect(error, `operation ${at}`).toBeInstanceOf(Crash);
        disk.mend();
        const next = await found(home);
        expect(allowed, `after ${fault} at operation ${at}, ${disk.operations.at(-1)}`).toContain(next.step);
        expect(leftovers(home)).toEqual([]);
        // What is there is whole: nothing had to be left out.
        expect(next.warnings).toEqual([]);
        reached.add(next.step);
        if (fault !== 'crash') continue;
        await save(home, 99); // and it can be gone on with
        expect((await found(home)).step).toBe(99);
      }
      if (fault !== 'torn') expect([...reached].sort()).toEqual([...allowed].sort());
    },
  );

  it('a full disk at each operation: said so, nothing lost, nothing left behind', { timeout: 60_000 }, async () => {
    const all = await operations();
    let refused = 0;
    for (let at = 1; at <= all.length; at++) {
      const home = await fresh();
      disk.arm(at, 'full');
      const error = await save(home, step).catch((error: unknown) => error); // none where all was written by then
      disk.mend();
      const failed = error === undefined ? null : (await explain(error, home, {})).complaint;
      if (failed !== null) {
        refused++;
        expect(failed?.code, all[at - 1]).toBe('disk-full');
        expect(leftovers(home)).toEqual([]);
      }
      expect(allowed).toContain((await found(home)).step);
      await save(home, 99);
      expect((await found(home)).step).toBe(99);
    }
    expect(refused).toBeGreaterThan(5);
  });

  it('a short write at each operation changes nothing', { timeout: 60_000 }, async () => {
    const all = await operations();
    for (const [i, operation] of all.entries()) {
      if (!operation.startsWith('write')) continue;
      const home = await fresh();
      disk.arm(i + 1, 'short');
      await save(home, step);
      disk.mend();
      expect((await found(home)).step, operation).toBe(step);
      const name = readdirSync(join(home, '.dsk/checkpoints', key)).find((each) => each.split('.')[0] === String(step));
      expect(
        readFileSync(join(home, '.dsk/checkpoints', key, name ?? '', 'weights.safetensors')).length,
      ).toBeGreaterThan(160_000);
    }
  });
});
