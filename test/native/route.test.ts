// Which TensorFlow a machine gets, and what the user's wish changes.
import { mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SetupError } from '../../engine/native/error.ts';
import { cacheFolder } from '../../engine/native/paths.ts';
import { chooseRoutes, hasNvidiaDriver, type Machine, routeName } from '../../engine/native/route.ts';

const linux: Machine = { platform: 'linux', arch: 'x64', nvidia: false };
const names = (wish: string | undefined, machine: Machine) => chooseRoutes(wish, machine).map(routeName);

describe('the route to TensorFlow', () => {
  it('is the CPU wheel on Linux, arm64 Linux and Apple silicon', () => {
    expect(chooseRoutes(undefined, linux)).toMatchObject([{ kind: 'cpu', wheel: { project: 'tensorflow-cpu' } }]);
    expect(names(undefined, { ...linux, arch: 'arm64' })).toEqual(['cpu']);
    expect(names('', { ...linux, platform: 'darwin', arch: 'arm64' })).toEqual(['cpu']);
  });

  it('is the CUDA wheel where there is an NVIDIA driver, with the CPU wheel to fall back on', () => {
    const routes = chooseRoutes(undefined, { ...linux, nvidia: true });
    expect(routes).toMatchObject([{ kind: 'cuda', wheel: { project: 'tensorflow' } }, { kind: 'cpu' }]);
    expect(names(undefined, { ...linux, arch: 'arm64', nvidia: true })).toEqual(['cpu']);
  });

  it("is the vendor's where no wheel holds the library", () => {
    expect(names(undefined, { platform: 'win32', arch: 'x64', nvidia: true })).toEqual(['vendor']);
    expect(names(undefined, { platform: 'darwin', arch: 'x64', nvidia: false })).toEqual(['vendor']);
  });

  it('is what the user asked for, without a fall-back', () => {
    const gpu = { ...linux, nvidia: true };
    expect(names('cuda', gpu)).toEqual(['cuda']);
    expect(names('cpu', gpu)).toEqual(['cpu']);
    expect(names('vendor', gpu)).toEqual(['vendor']);
    expect(chooseRoutes('none', gpu)).toEqual([{ kind: 'none', reason: 'DSK_TENSORFLOW=none' }]);
    const folder = mkdtempSync(join(tmpdir(), 'dsk-route-'));
    expect(chooseRoutes(folder, gpu)).toEqual([{ kind: 'folder', folder }]);
    rmdirSync(folder);
  });

  it('is refused with value and remedy where it does not exist', () => {
    const attempt = (wish: string, machine: Machine) => () => chooseRoutes(wish, machine);
    expect(attempt('gpu', linux)).toThrow(/DSK_TENSORFLOW=gpu: neither a route nor a folder/);
    expect(attempt('cuda', { ...linux, arch: 'arm64' })).toThrow(/no cuda wheel for linux-arm64/);
    expect(attempt('cpu', { ...linux, platform: 'win32' })).toThrow(SetupError);
  });

  it('names, for each wheel, a file of its own with a whole digest', () => {
    const machines = [linux, { ...linux, arch: 'arm64' }, { ...linux, platform: 'darwin', arch: 'arm64' }];
    const routes = [...machines.flatMap((machine) => chooseRoutes('cpu', machine)), ...chooseRoutes('cuda', linux)];
    const wheels = routes.flatMap((route) => ('wheel' in route ? [route.wheel] : []));
    expect(new Set(wheels.map((wheel) => wheel.file)).size).toBe(4);
    expect(new Set(wheels.map((wheel) => wheel.sha256)).size).toBe(4);
    for (const wheel of wheels) expect(wheel.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('finds an NVIDIA driver by its tool on the PATH', () => {
    const folder = mkdtempSync(join(tmpdir(), 'dsk-route-'));
    writeFileSync(join(folder, 'nvidia-smi'), '');
    expect(hasNvidiaDriver({ PATH: `/nowhere${delimiter}${folder}` })).toBe(true);
    rmSync(folder, { recursive: true });
  });
});

describe('the cache folder', () => {
  it("follows the platform's custom", () => {
    expect(cacheFolder({}, 'linux', '/home/ada')).toBe('/home/ada/.cache/dsk');
    expect(cacheFolder({ XDG_CACHE_HOME: '/var/tmp/x' }, 'linux', '/home/ada')).toBe('/var/tmp/x/dsk');
    expect(cacheFolder({}, 'darwin', '/Users/ada')).toBe('/Users/ada/Library/Caches/dsk');
    expect(cacheFolder({ LOCALAPPDATA: 'C:\\Local' }, 'win32', 'C:\\ada')).toBe('C:\\Local\\dsk');
    expect(cacheFolder({ DSK_CACHE: '/big/disk' }, 'linux', '/home/ada')).toBe('/big/disk');
  });
});
