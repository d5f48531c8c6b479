// Two clones that set up at the same time must not break each other, and a lock whose owner died must not stop anybody.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withLock } from '../../engine/native/lock.ts';
import { root } from '../../engine/native/paths.ts';

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dsk-lock-'));
  file = join(folder, 'lock');
});
afterEach(() => rmSync(folder, { recursive: true }));

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe('withLock', () => {
  it('lets one at a time in, and everybody in the end', async () => {
    let inside = 0;
    let most = 0;
    const work = async (result: number) => {
      most = Math.max(most, ++inside);
      await pause(5);
      inside--;
      return result;
    };
    const results = await Promise.all([1, 2, 3, 4, 5].map((n) => withLock(file, () => work(n), { poll: 2 })));
    expect(most).toBe(1);
    expect(results).toEqual([1, 2, 3, 4, 5]);
    expect(existsSync(file)).toBe(false);
  });

  it('lets one process at a time in', async () => {
    // Each of three processes reads a number and writes it back increased, slowly: without the lock numbers get lost.
    const counter = join(folder, 'counter');
    writeFileSync(counter, '0');
    const script = `
      import { readFileSync, writeFileSync } from 'node:fs';
      import { withLock } from ${JSON.stringify(join(root, 'engine/native/lock.ts'))};
      for (let i = 0; i < 10; i++) await withLock(${JSON.stringify(file)}, async () => {
        const seen = Number(readFileSync(${JSON.stringify(counter)}, 'utf8'));
        await new Promise((done) => setTimeout(done, 3));
        writeFileSync(${JSON.stringify(counter)}, String(seen + 1));
      }, { poll: 1 });`;
    const path = join(folder, 'count.mts');
    writeFileSync(path, script);
    const tsx = join(root, 'node_modules/tsx/dist/cli.mjs');
    const once = () =>
      new Promise<number | null>((done) =>
        spawn(process.execPath, [tsx, path], { stdio: 'inherit' }).on('close', done),
      );
    expect(await Promise.all([once(), once(), once()])).toEqual([0, 0, 0]);
    expect(readFileSync(counter, 'utf8')).toBe('30');
  });

  it('is released when the work fails', async () => {
    await expect(withLock(file, () => Promise.reject(new Error('no room')))).rejects.toThrow('no room');
    expect(existsSync(file)).toBe(false);
  });

  it('takes over from a process of this machine that is gone', async () => {
    writeFileSync(file, `4194999@${hostname()} 1`);
    expect(await withLock(file, () => Promise.resolve('done'))).toBe('done');
  });

  it('takes over from another machine that has not touched its lock for long', async () => {
    writeFileSync(file, '1@elsewhere 1');
    utimesSync(file, new Date(), new Date(Date.now() - 61_000));
    expect(await withLock(file, () => Promise.resolve('done'))).toBe('done');
  });

  it('waits for a living owner, and names it once', async () => {
    writeFileSync(file, `${process.pid}@${hostname()} 1`);
    const owners: string[] = [];
    let entered = false;
    const waiting = withLock(file, async () => void (entered = true), { poll: 2, waiting: (who) => owners.push(who) });
    await pause(30);
    expect(entered).toBe(false);
    rmSync(file);
    await waiting;
    expect(entered).toBe(true);
    expect(owners).toEqual([`${process.pid}@${hostname()}`]);
  });

  it('keeps its lock fresh while it works, so that nobody takes it over', async () => {
    let second = false;
    const first = withLock(
      file,
      async () => {
        await pause(200);
        return second;
      },
      { stale: 90 },
    );
    await pause(5);
    const other = withLock(file, async () => void (second = true), { stale: 90, poll: 5 });
    expect(await first).toBe(false);
    await other;
  });
});
