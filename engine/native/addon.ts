// Builds tfjs's addon (its C++ sources are in the npm package) against the libraries in a folder, and tries it out in a
// process of its own, where a crash does no harm.
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { lastLines, run } from './command.ts';
import { SetupError } from './error.ts';
import { root, tfjsFolder } from './paths.ts';

/**
 * Builds the addon in `folder`, which has the libraries in deps/lib and the headers in deps/include; leaves it as
 * `folder`/addon/`version`/tfjs_binding.node, with quiet.node (quiet.cc) beside it.
 * @param version what to call this build: the version of the tfjs package its sources come from
 * @param home the folder whose addon/`version` the result will be moved to; it has the same deps/
 * @returns the addon's path
 */
export async function buildAddon(folder: string, version: string, home: string): Promise<string> {
  const build = join(folder, 'build-addon');
  rmSync(build, { recursive: true, force: true });
  cpSync(join(tfjsFolder, 'binding'), join(build, 'binding'), { recursive: true });
  copyFileSync(join(root, 'engine/native/quiet.cc'), join(build, 'quiet.cc'));
  writeFileSync(join(build, 'binding.gyp'), JSON.stringify(gypFile(folder, home), null, 2));
  const nodeGyp = createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js');
  const headers = nodeHeaders();
  const args = [nodeGyp, 'rebuild', ...(headers ? [`--nodedir=${headers}`] : [])];
  const ran = await run(process.execPath, args, { cwd: build, env: { ...process.env, MAKEFLAGS: '-j2' } });
  if (ran.status !== 0) {
    throw new SetupError(
      `TensorFlow's addon did not compile:\n${lastLines(ran, 25)}`,
      'check the C++ compiler (C++17), then run `npm run setup` again',
    );
  }
  const addon = join(folder, 'addon', version, 'tfjs_binding.node');
  mkdirSync(dirname(addon), { recursive: true });
  copyFileSync(join(build, 'build/Release/tfjs_binding.node'), addon);
  copyFileSync(join(build, 'build/Release/quiet.node'), join(dirname(addon), 'quiet.node'));
  rmSync(build, { recursive: true, force: true });
  return addon;
}

// Our own build description, as the package's expects other library names than the wheels have. The addon finds its libraries
// beside itself, and by an absolute path where it had to be copied away because links are not to be had.
function gypFile(folder: string, home: string): object {
  const libraries = tensorflowLibraries(join(folder, 'deps/lib')).map((name) => join(folder, 'deps/lib', name));
  const beside = process.platform === 'darwin' ? '@loader_path' : '\\$$ORIGIN';
  const defines = ['NAPI_VERSION=8'];
  const binding = {
    target_name: 'tfjs_binding',
    sources: ['binding/tfjs_backend.cc', 'binding/tfjs_binding.cc'],
    include_dirs: [join(folder, 'deps/include')],
    defines,
    libraries: [...libraries, `-Wl,-rpath,${beside}/../../deps/lib`, `-Wl,-rpath,${join(home, 'deps/lib')}`],
  };
  return { targets: [binding, { target_name: 'quiet', sources: ['quiet.cc'], defines }] };
}

/**
 * The names of TensorFlow's libraries in `folder`, the C API first: as the wheels call them (libtensorflow_cc.so.2,
 * libtensorflow_cc.2.dylib), as the vendor's archives do (libtensorflow.so.2), or without a version.
 */
export function tensorflowLibraries(folder: string): string[] {
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  const pick = (stem: string) => {
    const suffix = [/^\.so\.2$/, /^\.2\.dylib$/, /^\.so\.2\.\d+\.\d+$/, /^\.2\.\d+\.\d+\.dylib$/, /^\.(so|dylib)$/];
    for (const end of suffix) {
      const found = names.find((name) => name.startsWith(stem) && end.test(name.slice(stem.length)));
      if (found) return [found];
    }
    return [];
  };
  const cc = pick('libtensorflow_cc');
  return [...(cc.length > 0 ? cc : pick('libtensorflow')), ...pick('libtensorflow_framework')];
}

/** @throws SetupError when this machine lacks what building an addon takes */
export async function findCompiler(): Promise<void> {
  if (process.platform === 'win32') return; // node-gyp looks for Visual Studio itself, and says what it misses
  const missing: string[] = [];
  for (const tool of ['make', process.env.CXX || 'c++']) {
    const [command = tool] = tool.split(' ');
    if ((await run(command, ['--version'])).status !== 0) missing.push(command);
  }
  if (missing.length === 0) return;
  const remedy = process.platform === 'darwin' ? '`xcode-select --install`' : '`sudo apt-get install g++ make`';
  throw new SetupError(
    `no C++ compiler to build TensorFlow's addon with (${missing.join(' and ')} not found)`,
    `install one (${remedy} or the like), then run \`npm run setup\` again`,
  );
}

/** A folder with include/node for this very Node, so that node-gyp need not download its headers; null where there is none. */
function nodeHeaders(): string | null {
  const places = [process.env.npm_config_nodedir, join(dirname(process.execPath), '..'), '/usr/local', '/usr'];
  const found = places.find((place) => place && existsSync(join(place, 'include/node/node_api.h')));
  return found ?? null;
}

/** What came of loading an addon: the TensorFlow version it reports, or why it did not load. */
export type Probe = { version: string } | { failure: string };

/** Loads an addon in a process of its own and asks for TensorFlow's version. */
export async function probeAddon(addon: string): Promise<Probe> {
  const script = 'console.log(`TensorFlow ${require(process.argv[1]).TF_Version}`)';
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' };
  const ran = await run(process.execPath, ['-e', script, addon], { env, timeout: 120_000 });
  const version = /^TensorFlow (\d\S*)$/m.exec(ran.stdout)?.[1];
  if (ran.status === 0 && version) return { version };
  const line = ran.stderr.split('\n').find((text) => text.startsWith('Error:')) ?? lastLines(ran, 3).trim();
  return { failure: ran.signal ? `loading it ended the process by ${ran.signal}` : line };
}
