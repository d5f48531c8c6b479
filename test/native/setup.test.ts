// The set-up step before anything is installed: what of package-lock.json is missing, and how it refuses.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../engine/native/command.ts';
import { root } from '../../engine/native/paths.ts';
import { missingPackages } from '../../engine/native/setup.mjs';

const lock = {
  '': { version: '0.1.0' },
  'node_modules/ajv': { version: '8.20.0', integrity: 'sha512-a' },
  'node_modules/vitest': { version: '4.1.12', integrity: 'sha512-v', dev: true },
  'node_modules/other-platform': { version: '1.0.0', optional: true, os: ['sunos'] },
};

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dsk-setup-'));
  mkdirSync(join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages: lock }));
});
afterEach(() => rmSync(folder, { recursive: true }));

const installed = (packages: object) =>
  writeFileSync(join(folder, 'node_modules/.package-lock.json'), JSON.stringify({ packages }));

describe('missingPackages', () => {
  it('names everything before the first installation, but nothing optional', () => {
    expect(missingPackages(folder, true)).toEqual(['node_modules/ajv', 'node_modules/vitest']);
    expect(missingPackages(folder, false)).toEqual(['node_modules/ajv']);
  });

  it('is content with an installation for running until the tests are wanted', () => {
    installed({ 'node_modules/ajv': lock['node_modules/ajv'] });
    expect(missingPackages(folder, false)).toEqual([]);
    expect(missingPackages(folder, true)).toEqual(['node_modules/vitest']);
  });

  it('is content with a whole installation for both', () => {
    installed({ 'node_modules/ajv': lock['node_modules/ajv'], 'node_modules/vitest': lock['node_modules/vitest'] });
    expect(missingPackages(folder, false)).toEqual([]);
    expect(missingPackages(folder, true)).toEqual([]);
  });

  it('notices another version, and other contents under the same version', () => {
    installed({ 'node_modules/ajv': { version: '8.19.0', integrity: 'sha512-a' } });
    expect(missingPackages(folder, false)).toEqual(['node_modules/ajv']);
    installed({ 'node_modules/ajv': { version: '8.20.0', integrity: 'sha512-b' } });
    expect(missingPackages(folder, false)).toEqual(['node_modules/ajv']);
  });
});

describe('the set-up', () => {
  const setUp = (wish: string) =>
    run(process.execPath, [join(root, 'engine/native/setup.mjs')], { env: { ...process.env, DSK_TENSORFLOW: wish } });

  it('refuses a route that does not exist, with what to do', async () => {
    const ran = await setUp('gpu');
    expect(ran.status).toBe(1);
    expect(ran.stderr).toMatch(/DSK_TENSORFLOW=gpu: neither a route nor a folder that exists\n +Remedy: set it to cpu/);
  });

  it('refuses a folder without the library, with what to do', async () => {
    const ran = await setUp(folder);
    expect(ran.status).toBe(1);
    expect(ran.stderr).toMatch(/no libtensorflow in this folder\n +Remedy: name a folder with lib\/ and include\//);
  });
});
