// A wheel is used only with the pinned hash, a broken one is brought again, and only the C API is taken from it.
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tensorflowLibraries } from '../../engine/native/addon.ts';
import { run } from '../../engine/native/command.ts';
import type { Wheel } from '../../engine/native/route.ts';
import { cudaRequirements, type Download, fetchWheel, sha256, unpackWheel } from '../../engine/native/wheel.ts';

const good = 'the bytes of a wheel';
const wheel: Wheel = {
  project: 'tensorflow-cpu',
  file: 'small.whl',
  platform: 'any',
  sha256: createHash('sha256').update(good).digest('hex'),
  size: good.length,
};

let folder = '';
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'dsk-wheel-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** A download that brings one text after the other, and notes whether each was to be fresh. */
function bringing(...texts: string[]): { download: Download; fresh: boolean[] } {
  const fresh: boolean[] = [];
  const download: Download = async (_, into, isFresh) => {
    writeFileSync(join(into, 'small.whl'), texts[fresh.length] ?? '');
    fresh.push(isFresh);
  };
  return { download, fresh };
}

describe('fetchWheel', () => {
  it('downloads what is missing, and takes what is there', async () => {
    const { download, fresh } = bringing(good);
    expect(await fetchWheel(wheel, folder, download)).toBe(join(folder, 'small.whl'));
    expect(await fetchWheel(wheel, folder, download)).toBe(join(folder, 'small.whl'));
    expect(fresh).toEqual([false]);
  });

  it('replaces a file that is broken', async () => {
    writeFileSync(join(folder, 'small.whl'), good.slice(0, 5));
    const { download, fresh } = bringing(good);
    const file = await fetchWheel(wheel, folder, download);
    expect(readFileSync(file, 'utf8')).toBe(good);
    expect(fresh).toEqual([true]);
  });

  it("downloads again, past pip's cache, what arrived broken", async () => {
    const { download, fresh } = bringing('half of it', good);
    expect(readFileSync(await fetchWheel(wheel, folder, download), 'utf8')).toBe(good);
    expect(fresh).toEqual([false, true]);
  });

  it('gives up after the second broken one, keeps nothing, and names both hashes', async () => {
    const { download } = bringing('something', 'something else');
    const found = createHash('sha256').update('something else').digest('hex');
    await expect(fetchWheel(wheel, folder, download)).rejects.toThrow(`SHA-256 ${found}, expected ${wheel.sha256}`);
    expect(existsSync(join(folder, 'small.whl'))).toBe(false);
  });

  it('hashes files of more than one read', async () => {
    const bytes = Buffer.alloc(3 << 20, 'dsk');
    writeFileSync(join(folder, 'large'), bytes);
    expect(await sha256(join(folder, 'large'))).toBe(createHash('sha256').update(bytes).digest('hex'));
  });
});

const python = (await run('python3', ['--version'])).status === 0 ? 'python3' : null;

describe.skipIf(python === null)('unpackWheel (needs python3 on the PATH)', () => {
  const files = [
    'tensorflow/libtensorflow_cc.so.2',
    'tensorflow/libtensorflow_framework.so.2',
    'tensorflow/include/tensorflow/c/c_api.h',
    'tensorflow/include/tensorflow/c/eager/c_api.h',
    'tensorflow/include/xla/tsl/c/tsl_status.h',
    'tensorflow/include/tsl/platform/ctstring.h',
    'tensorflow/include/tensorflow/compiler/mlir/ops.h.inc',
    'tensorflow/include/external/llvm/x.h',
    'tensorflow/python/keras.py',
    'tensorflow-2.21.0.dist-info/METADATA',
  ];
  const metadata = [
    'Requires-Dist: numpy>=1.26.0',
    'Requires-Dist: nvidia-cublas-cu12<13.0,>=12.5.3.2; extra == "and-cuda"',
    'Requires-Dist: nvidia-cudnn-cu12<10.0,>=9.3.0.75; extra == "and-cuda"',
  ].join('\n');

  const pack = async (): Promise<string> => {
    const path = join(folder, 'x.whl');
    const script = `
import json, sys, zipfile
path, names, metadata = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3]
with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
    for name in names: z.writestr(name, metadata if name.endswith("METADATA") else name)`;
    expect((await run('python3', ['-c', script, path, JSON.stringify(files), metadata])).status).toBe(0);
    return path;
  };

  it('takes the libraries and the C headers, and returns what the wheel says it needs', async () => {
    const text = await unpackWheel('python3', await pack(), join(folder, 'deps'));
    const found = readdirSync(join(folder, 'deps'), { recursive: true, encoding: 'utf8' });
    expect(found.filter((name) => /\.(h|2|inc|py)$/.test(name)).sort()).toEqual(files.slice(0, 6).sort());
    expect(tensorflowLibraries(join(folder, 'deps/tensorflow'))).toEqual([
      'libtensorflow_cc.so.2',
      'libtensorflow_framework.so.2',
    ]);
    expect(cudaRequirements(text)).toEqual(['nvidia-cublas-cu12<13.0,>=12.5.3.2', 'nvidia-cudnn-cu12<10.0,>=9.3.0.75']);
  });

  it('notices damaged contents', async () => {
    const path = await pack();
    const bytes = readFileSync(path);
    const at = bytes.indexOf('tensorflow/libtensorflow_cc.so.2') + 'tensorflow/libtensorflow_cc.so.2'.length;
    bytes[at + 3] = (bytes[at + 3] ?? 0) ^ 0xff;
    writeFileSync(path, bytes);
    await expect(unpackWheel('python3', path, join(folder, 'deps'))).rejects.toThrow(/could not unpack .*x\.whl/);
  });
});

describe('tensorflowLibraries', () => {
  const inFolder = (...names: string[]) => {
    for (const name of names) writeFileSync(join(folder, name), '');
    return tensorflowLibraries(folder);
  };

  it("knows the wheels' names on macOS", () => {
    expect(inFolder('libtensorflow_cc.2.dylib', 'libtensorflow_framework.2.dylib')).toEqual([
      'libtensorflow_cc.2.dylib',
      'libtensorflow_framework.2.dylib',
    ]);
  });

  it("knows the vendor's names, and prefers the one with the major version", () => {
    expect(
      inFolder('libtensorflow.so', 'libtensorflow.so.2', 'libtensorflow.so.2.9.1', 'libtensorflow_framework.so.2'),
    ).toEqual(['libtensorflow.so.2', 'libtensorflow_framework.so.2']);
  });

  it('finds nothing in a folder without them', () => {
    expect(inFolder('libtorch.so')).toEqual([]);
    expect(tensorflowLibraries(join(folder, 'nowhere'))).toEqual([]);
  });
});
