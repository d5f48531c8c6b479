// What must not be trusted is not used: results that were changed, and disks that are full.
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dsk, entries, folder, leftovers, list, records, start, walking, words } from './dsk.ts';

describe('a stored result that was changed', () => {
  const damages: [string, (entry: string) => void][] = [
    ['a file of it', (entry) => writeFileSync(join(entry, 'table.txt'), 'one\ntwo\nfour')],
    ['its length', (entry) => appendFileSync(join(entry, 'table.txt'), 'x')],
    ['its list', (entry) => writeFileSync(join(entry, 'meta.json'), edited(join(entry, 'meta.json')))],
    ['its list, cut off', (entry) => writeFileSync(join(entry, 'meta.json'), '{"format":1,')],
  ];
  const edited = (path: string) => readFileSync(path, 'utf8').replace('"rows": 3', '"rows": 4');

  test.each(damages)('%s: a diagnostic, exit 1; `dsk clean --entry` helps', { timeout: 30_000 }, async (_, damage) => {
    const here = folder({ 'g.dsk': walking(), 'words.txt': words });
    await dsk(here, 'run', 'g.dsk', '--to', 'count');
    const [key = ''] = entries(here);
    damage(join(here, '.dsk/cache', key));
    const refused = await dsk(here, 'run', 'g.dsk');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/^g\.dsk:5:\d+: error cache-damaged: .*`count`/m);
    expect(refused.stderr).toContain(key);
    const remedy = /`dsk (clean --entry [0-9a-f]+)`/.exec(refused.stderr)?.[1]?.split(' ') ?? [];
    expect((await dsk(here, ...remedy)).code).toBe(0);
    expect((await dsk(here, 'run', 'g.dsk')).code).toBe(0);
  });

  test('is made again with --fresh', { timeout: 30_000 }, async () => {
    const here = folder({ 'g.dsk': walking(), 'words.txt': words });
    await dsk(here, 'run', 'g.dsk', '--to', 'count');
    writeFileSync(join(here, '.dsk/cache', entries(here)[0] ?? '', 'table.txt'), 'x');
    expect((await dsk(here, 'run', 'g.dsk', '--fresh')).code).toBe(0);
    expect((await dsk(here, 'run', 'g.dsk')).code).toBe(0);
  });
});

describe('a full disk', () => {
  const disk = folder({});
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]).status === 0;
  const graph = 'dsk 1\n\nbig = fill(bytes: 3000000)\n';
  beforeAll(() => {
    if (mounted) writeFileSync(join(disk, 'g.dsk'), graph);
  });
  afterAll(() => {
    if (mounted) spawnSync('umount', [disk]);
  });

  test.skipIf(!mounted)(
    'says how much is free and needed, exit 1, nothing half-written (needs mount)',
    async () => {
      const { code, stderr } = await dsk(disk, 'run', 'g.dsk');
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /^g\.dsk:3:\d+: error disk-full: the disk is full: .* MB are free.*result takes about 3\.0 MB/m,
      );
      expect(entries(disk)).toEqual([]);
      expect(leftovers(disk)).toEqual([]);
      expect(records(disk)[0]).toMatchObject({ status: 'failed', exit: 1 });
    },
    30_000,
  );

  test.skipIf(!mounted)(
    'that has no room for the run itself is told as well (needs mount)',
    async () => {
      const filled = spawnSync('dd', ['if=/dev/zero', `of=${join(disk, 'rest')}`, 'bs=4k'], { stdio: 'ignore' });
      expect(filled.status).not.toBe(0);
      const { code, stderr } = await dsk(disk, 'run', 'g.dsk');
      expect(code).toBe(1);
      expect(stderr).toContain('the disk is full');
      expect(stderr).not.toMatch(/^\s+at /m);
      expect(leftovers(disk)).toEqual([]);
    },
    30_000,
  );

  test.skipIf(process.platform === 'win32')(
    'so does a limit on the size of files',
    async () => {
      const here = folder({ 'g.dsk': graph });
      const { code, stderr } = await start(here, ['run', 'g.dsk'], 'ulimit -f 1000; exec "$@"').done; // kB
      expect(code).toBe(1);
      expect(stderr).toMatch(/error disk-full: a file grew past the largest size allowed here/);
      expect(entries(here)).toEqual([]);
      expect(leftovers(here)).toEqual([]);
    },
    30_000,
  );
});

describe('one run at a time in a folder', () => {
  test('a second one is told who holds it, exit 3', { timeout: 30_000 }, async () => {
    const here = folder({ 'g.dsk': walking('pause: 60000'), 'words.txt': words });
    const running = start(here, ['run', 'g.dsk', '--json']);
    await running.says('"step":1,');
    const second = await dsk(here, 'run', 'g.dsk');
    expect(second.code).toBe(3);
    expect(second.stderr).toContain(`in use by a run of g.dsk (process ${records(here)[0]?.process.pid})`);
    const clean = await dsk(here, 'clean');
    expect(clean.code).toBe(3);
    const listed = await dsk(here, 'runs');
    expect(listed.stdout).toMatch(/g\.dsk +running/);
    running.child.kill();
    await running.says('stopping');
    running.child.kill();
    expect((await running.done).code).toBe(130);
    expect(existsSync(join(here, '.dsk/lock'))).toBe(false);
  });

  test('a lock of a dead process, or half a lock, is taken over', { timeout: 30_000 }, async () => {
    const here = folder({ 'g.dsk': walking(), 'words.txt': words });
    mkdirSync(join(here, '.dsk'));
    for (const lock of [dead(), '{"pid":']) {
      writeFileSync(join(here, '.dsk/lock'), lock);
      expect((await dsk(here, 'run', 'g.dsk', '--to', 'count')).code).toBe(0);
      expect(list(join(here, '.dsk'))).not.toContain('lock');
    }
  });
});

/** A lock with this living process's number, but from another beginning: the number was given out again. */
function dead(): string {
  return JSON.stringify({
    pid: process.pid,
    host: spawnSync('hostname').stdout.toString().trim(),
    began: 1,
    what: 'x',
  });
}
