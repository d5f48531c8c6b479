// `npm start` on machines that cannot show a window, what it says then, and the icon.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { iconPng } from '../../electron/icon.ts';
import { findRuntime, lack, missingLibraries, obstacle, programName, sandboxFault } from '../../electron/runtime.ts';
import { built, ended, place, root } from '../studio/browser.ts';

describe('what stands in the way of a window', () => {
  test('is no display or the superuser on Linux, and nothing elsewhere', () => {
    expect(obstacle({}, 'linux', 1000)).toMatch(/no display/);
    expect(obstacle({ WAYLAND_DISPLAY: 'wayland-0' }, 'linux', 1000)).toBeNull();
    expect(obstacle({ DISPLAY: ':0' }, 'linux', 0)).toMatch(/root/);
    expect(obstacle({}, 'darwin', 501)).toBeNull();
    expect(obstacle({}, 'win32', undefined)).toBeNull();
  });

  test('is a library of the system that is missing', () => {
    const text = '\tlibnss3.so => not found\n\tlibc.so.6 => /lib/libc.so.6 (0x1)\n\tlibgbm.so.1 => not found\n';
    expect(missingLibraries(text)).toEqual(['libnss3.so', 'libgbm.so.1']);
    expect(lack(process.execPath)).toBeNull();
  });

  test('is a sandbox that the system does not give', () => {
    const said = [
      '[12:0101/101010.101010:ERROR:bus.cc(399)] Failed to connect to the bus',
      '[12:0101/101010.101010:FATAL:zygote_host_impl_linux.cc(117)] No usable sandbox! Update your kernel.',
    ];
    expect(sandboxFault(said)).toBe('No usable sandbox! Update your kernel');
    expect(sandboxFault(said.slice(0, 1))).toBeNull();
  });

  test('is a folder named for Electron in which it is not', () => {
    const examples = join(root, 'examples');
    const found = findRuntime({ ELECTRON_OVERRIDE_DIST_PATH: examples });
    expect(found).toEqual({ reason: expect.stringContaining(`no ${join(examples, programName())}`) as string });
  });
});

test('without a display, npm start says so and serves the editor in the browser', { timeout: 60_000 }, async () => {
  await built();
  const at = place();
  const { DISPLAY: _, WAYLAND_DISPLAY: __, ...env } = process.env;
  // In a process group of its own, so that what it has started ends with it.
  const child = spawn(process.execPath, ['--import', 'tsx', 'electron/start.ts', at.put({ 'a.dsk': 'dsk 1\n' })], {
    cwd: root,
    env: { ...env, ...at.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let said = '';
  child.stderr.on('data', (piece: Buffer) => (said += piece.toString()));
  const address = await new Promise<string>((done) => createInterface({ input: child.stdout }).once('line', done));
  expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\//);
  expect(said).toMatch(/^dsk: no desktop app: there is no display .*\.\ndsk: the editor opens in the browser instead/);
  const gone = ended(child, 'SIGINT');
  process.kill(-(child.pid ?? 0), 'SIGINT');
  await gone;
  at.remove();
});

test('the icon is drawn from the page’s: round corners let through, the ground and a node have their colours', () => {
  const { size, at } = decode(iconPng(64));
  expect(size).toBe(64);
  expect(at(0, 0)[3]).toBe(0);
  expect(at(32, 8)).toEqual([0x1f, 0x2a, 0x44, 255]);
  expect(at(18, 18)).toEqual([0x7a, 0xa2, 0xff, 255]);
  expect(at(46, 18)).toEqual([0x4f, 0xd1, 0xb5, 255]);
});

/** Of a PNG with rows that are not filtered. */
function decode(png: Buffer): { size: number; at: (x: number, y: number) => number[] } {
  const size = png.readUInt32BE(16);
  const start = png.indexOf('IDAT') + 4;
  const rows = inflateSync(png.subarray(start, start + png.readUInt32BE(start - 8)));
  return { size, at: (x, y) => [...rows.subarray(y * (size * 4 + 1) + 1 + x * 4).subarray(0, 4)] };
}
