// Brings a wheel from the Python package index through pip, whatever Python runs it, checks it against the pinned hash, and
// unpacks the C API from it. The CUDA wheel also needs NVIDIA's libraries, which are wheels of their own.
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lastLines, run } from './command.ts';
import { SetupError } from './error.ts';
import { TENSORFLOW_VERSION, type Wheel } from './route.ts';

const here = dirname(fileURLToPath(import.meta.url));

/** Downloads `wheel` into `folder` under the name it has on the index; `fresh` keeps pip from using its own cache. */
export type Download = (wheel: Wheel, folder: string, fresh: boolean) => Promise<void>;

/**
 * The wheel's file in `folder`, with the pinned hash: the one that is there, or a new one. A broken file is removed and
 * brought once more.
 * @throws SetupError when the second one is broken as well, or none can be had
 */
export async function fetchWheel(wheel: Wheel, folder: string, download: Download): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, wheel.file);
  let found = '';
  for (const fresh of [false, true]) {
    if (!existsSync(file)) await download(wheel, folder, fresh);
    found = existsSync(file) ? await sha256(file) : 'no file of that name';
    if (found === wheel.sha256) return file;
    rmSync(file, { force: true });
  }
  throw new SetupError(
    `${wheel.file}: downloaded twice, and twice it is not the file expected (SHA-256 ${found}, expected ${wheel.sha256})`,
    'check the package index pip is set to (`pip config list`), or set DSK_TENSORFLOW to a folder with lib/ and include/',
  );
}

/** SHA-256 of a file, hexadecimal. */
export async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Downloads by `pip download`. pip keeps what it loaded in its own cache and, where it can, resumes. */
export function pipDownload(python: string): Download {
  return async (wheel, folder, fresh) => {
    const ran = await run(python, [
      ...[
        '-m',
        'pip',
        'download',
        '--progress-bar',
        'off',
        '--no-input',
        '--no-deps',
        '--only-binary=:all:',
        '--dest',
        folder,
      ],
      ...['--platform', wheel.platform, '--python-version', '3.11', '--implementation', 'cp', '--abi', 'cp311'],
      ...(fresh ? ['--no-cache-dir'] : []),
      `${wheel.project}==${TENSORFLOW_VERSION}`,
    ]);
    if (ran.status !== 0) {
      throw new SetupError(
        `pip could not download ${wheel.project} ${TENSORFLOW_VERSION} (${Math.round(wheel.size / 1e6)} MB):\n${lastLines(ran, 6)}`,
        'check the network and pip, then run `npm run setup` again',
      );
    }
  };
}

/** The first Python on the PATH that has pip. */
export async function findPython(): Promise<string> {
  let found = false;
  for (const name of ['python3', 'python']) {
    const ran = await run(name, ['-m', 'pip', '--version']);
    if (ran.status === 0) return name;
    found ||= ran.failure === null;
  }
  const linux = found ? 'python3-pip' : 'python3 python3-pip';
  throw new SetupError(
    found ? 'Python is there, but its pip is not' : 'no Python 3 found on the PATH',
    process.platform === 'linux'
      ? `install it (Debian, Ubuntu: \`sudo apt-get install ${linux}\`), then run \`npm run setup\` again`
      : 'install Python 3 with pip, then run `npm run setup` again',
  );
}

/**
 * Unpacks the C API into `folder`/tensorflow (libraries beside include/).
 * @returns the wheel's metadata, a text of `Key: value` lines
 */
export async function unpackWheel(python: string, file: string, folder: string): Promise<string> {
  const ran = await run(python, [join(here, 'unpack.py'), file, folder]);
  if (ran.status === 0) return ran.stdout;
  throw new SetupError(
    `could not unpack ${file}:\n${lastLines(ran, 4)}`,
    `make room in ${folder}, then run \`npm run setup\` again`,
  );
}

/** What the wheel's metadata says its `and-cuda` extra needs, in pip's notation: `nvidia-cublas-cu12<13.0,>=12.5.3.2`. */
export function cudaRequirements(metadata: string): string[] {
  const lines = metadata.split('\n').filter((line) => /^Requires-Dist:.*extra == ["']and-cuda["']/.test(line));
  return lines.map((line) => line.replace(/^Requires-Dist:\s*/, '').replace(/\s*;.*$/, ''));
}

/**
 * Puts NVIDIA's libraries into `folder`/nvidia, beside `folder`/tensorflow: as in site-packages, where the library's RUNPATH
 * ($ORIGIN/../nvidia/NAME/lib) looks for them.
 */
export async function installCuda(python: string, metadata: string, folder: string): Promise<void> {
  const ran = await run(python, [
    ...[
      '-m',
      'pip',
      'install',
      '--progress-bar',
      'off',
      '--no-input',
      '--no-deps',
      '--only-binary=:all:',
      '--target',
      folder,
    ],
    ...cudaRequirements(metadata),
  ]);
  if (ran.status === 0) return;
  throw new SetupError(
    `pip could not install NVIDIA's CUDA libraries:\n${lastLines(ran, 6)}`,
    'check the network and pip, then run `npm run setup` again; DSK_TENSORFLOW=cpu does without CUDA',
  );
}
