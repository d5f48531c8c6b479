// `dsk clean` and `dsk runs`: what is kept, what goes, and that nothing outside of .dsk ever does.
import { existsSync, mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type CleanOptions, removable, remove } from '../../engine/run/clean.ts';
import { folders } from '../../engine/run/folders.ts';
import { dsk, entries, folder, list, records, walking, words } from './dsk.ts';

const none: CleanOptions = { runs: false, cache: false, checkpoints: false };

/** A folder's `.dsk` made by hand: results a, b, c; an old complete run of a and b, a newest one of b; a checkpoint of c. */
function past(): string {
  const here = folder({});
  const key = (letter: string) => letter.repeat(64);
  for (const letter of ['a', 'b', 'c']) write(join(here, '.dsk/cache', key(letter), 'meta.json'), '{}');
  write(join(here, '.dsk/cache/.tmp-x/half'), '12345');
  write(join(here, '.dsk/cache/digests.json'), '{}');
  for (const [name, keys] of Object.entries({ m: ['a', 'b'], n: ['b'] })) {
    const meta = { format: 1, name, keys: keys.map((letter) => `${key(letter)}.table`), contents: [] };
    write(join(here, '.dsk/memo', name, 'meta.json'), JSON.stringify(meta));
  }
  write(join(here, '.dsk/checkpoints', key('c'), '5/state.json'), '{}');
  const run = (id: string, file: string, status: string, started: string, keys: string[]) =>
    write(
      join(here, '.dsk/runs', id, 'run.json'),
      JSON.stringify({
        format: 1,
        run: id,
        file,
        status,
        started,
        ended: started,
        process: { pid: 1, host: 'elsewhere', began: 0 },
        steps: keys.map((k) => ({ node: k, key: key(k) })),
        results: {},
      }),
    );
  run('1', 'g.dsk', 'done', '2020-01-01T00:00:00Z', ['a', 'b']);
  run('2', 'g.dsk', 'done', '2020-02-01T00:00:00Z', ['b']);
  run('3', 'other.dsk', 'failed', '2020-03-01T00:00:00Z', ['c']);
  return here;
}

function write(path: string, text: string): void {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
}

const chosen = (here: string, options: Partial<CleanOptions>) =>
  removable(folders(here), { ...none, ...options }).map(({ what, name }) => `${what} ${name.slice(0, 4)}`);

describe('removing', () => {
  test('by default: results that no latest run used, and leftovers', () => {
    expect(chosen(past(), {})).toEqual(['leftover .tmp', 'result aaaa', 'shared m']);
  });
  test('everything of a sort, when asked', () => {
    const here = past();
    expect(chosen(here, { cache: true })).toEqual([
      'leftover .tmp',
      'result aaaa',
      'result bbbb',
      'result cccc',
      'shared m',
      'shared n',
    ]);
    expect(chosen(here, { checkpoints: true })).toEqual(['checkpoints cccc']);
    expect(chosen(here, { runs: true })).toEqual(['run 1 (g', 'run 2 (g', 'run 3 (o']);
    expect(chosen(here, { entry: 'bbbbbb' })).toEqual(['result bbbb']);
  });
  test('only what belongs to one graph alone', () => {
    const here = past();
    expect(chosen(here, { runs: true, file: 'g.dsk' })).toEqual(['run 1 (g', 'run 2 (g']);
    expect(chosen(here, { cache: true, file: 'other.dsk' })).toEqual(['leftover .tmp', 'result cccc']);
  });
  test('only what was not used for long: a run counts as use', () => {
    const here = past();
    for (const letter of ['a', 'b', 'c']) {
      utimesSync(join(here, '.dsk/cache', letter.repeat(64)), 0, Date.parse('2019-01-01') / 1000);
    }
    const before = Date.parse('2020-01-15T00:00:00Z');
    expect(chosen(here, { cache: true, before })).toEqual(['leftover .tmp', 'result aaaa']);
    expect(chosen(here, { runs: true, before })).toEqual(['run 1 (g']);
  });
  test('takes exactly what was listed', () => {
    const here = past();
    remove(removable(folders(here), none));
    expect(readdirSync(join(here, '.dsk/cache')).sort()).toEqual(['b'.repeat(64), 'c'.repeat(64), 'digests.json']);
    expect(list(join(here, '.dsk/runs'))).toEqual(['1', '2', '3']);
  });
  test('follows no link out of .dsk', () => {
    const outside = folder({ 'precious.txt': 'x' });
    const here = past();
    symlinkSync(outside, join(here, '.dsk/cache', 'd'.repeat(64)));
    remove(removable(folders(here), { ...none, cache: true }));
    expect(existsSync(join(outside, 'precious.txt'))).toBe(true);
    const linked = folder({});
    mkdirSync(join(linked, '.dsk'));
    symlinkSync(outside, join(linked, '.dsk/cache'));
    expect(() => removable(folders(linked), { ...none, cache: true })).toThrow(/is a link/);
  });
});

test('the commands', { timeout: 60_000 }, async () => {
  const here = folder({ 'g.dsk': walking(), 'words.txt': words });
  expect((await dsk(here, 'runs')).stdout).toBe('no runs yet\n');
  expect((await dsk(here, 'clean')).stdout).toBe('nothing to remove\n');
  expect(existsSync(join(here, '.dsk'))).toBe(false);
  await dsk(here, 'run', 'g.dsk', '--set', 'steps=3');
  await dsk(here, 'run', 'g.dsk');
  const listed = await dsk(here, 'runs', 'g.dsk');
  expect(listed.stdout.split('\n').slice(1, 3)).toEqual([
    expect.stringMatching(/^\S+ +g\.dsk +done +\d{4}-\d\d-\d\d \d\d:\d\d +[\d.]+ s +-?[\d.,]+$/),
    expect.stringMatching(/^\S+ +g\.dsk +done/),
  ]);
  const shown = await dsk(here, 'runs', 'show', 'last');
  expect(shown.stdout).toContain(records(here)[1]?.run);
  expect(shown.stdout).toMatch(/^trained +walk +done +.* 20 /m);
  expect((await dsk(here, 'runs', 'show', 'nix')).code).toBe(1);

  expect(entries(here)).toHaveLength(3);
  expect((await dsk(here, 'clean', '--dry-run')).stdout).toMatch(/^result .*\n.* would be freed\n$/);
  expect(entries(here)).toHaveLength(3);
  expect((await dsk(here, 'clean')).stdout).toMatch(/ freed\n$/);
  expect(entries(here)).toHaveLength(2);
  const all = await dsk(here, 'clean', '--cache', '--runs', '--checkpoints', '--json');
  expect(JSON.parse(all.stdout)).toMatchObject({ removed: true });
  expect(entries(here)).toEqual([]);
  expect(list(join(here, '.dsk/runs'))).toEqual([]);
  expect(existsSync(join(here, 'out/walk/weights.txt'))).toBe(true);
});
