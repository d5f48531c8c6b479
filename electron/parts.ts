// What of the working copy goes beside the packed app, in resources/: a Node, and in dsk/ the engine as it is run here, with the
// packages it needs and TensorFlow's library where the tfjs package looks for it.
import { copyFileSync, existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FileSet } from 'electron-builder';

const root = fileURLToPath(new URL('..', import.meta.url));
const tfjs = 'node_modules/@tensorflow/tfjs-node-gpu';

/** Files for electron-builder's `extraResources`. @param work a folder for what has to be written first */
export function engineFiles(work: string): FileSet[] {
  // By way of another folder: what is named here as a file would be left out of the app's own archive.
  for (const name of ['package.json', 'LICENSE']) copyFileSync(join(root, name), join(work, name));
  const sources = ['engine', 'grammar'].map((name) => ({ from: name, to: `dsk/${name}`, filter: ['**/*'] }));
  return [
    { from: process.execPath, to: process.platform === 'win32' ? 'node.exe' : 'node' },
    ...sources,
    { from: work, to: 'dsk', filter: ['package.json', 'LICENSE'] },
    { from: 'examples', to: 'dsk/examples', filter: ['**/*', '!.dsk/**', '!out/**'] },
    ...productionPackages().map((name) => ({
      from: name,
      to: `dsk/${name}`,
      // The native library is put there below: here it is a link into the user's cache.
      filter: name === tfjs ? ['**/*', '!lib/**', '!deps/**'] : ['**/*'],
    })),
    ...tensorflow(work),
  ];
}

/** The packages that running needs, as package-lock.json has them: those at the top with what is nested in them. */
function productionPackages(): string[] {
  const text = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const { packages } = JSON.parse(text) as { packages: Record<string, { dev?: boolean; devOptional?: boolean }> };
  return Object.entries(packages)
    .filter(([path, { dev }]) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) && !dev)
    .map(([path]) => path)
    .filter((path) => existsSync(join(root, path)));
}

/** The addon and its libraries, in the layout that the addon knows: lib/napi-v8 beside deps/lib. */
function tensorflow(work: string): FileSet[] {
  const outcome = join(root, tfjs, 'lib/dsk-setup.json');
  const link = join(root, tfjs, 'lib/napi-v8/tfjs_binding.node');
  if (!existsSync(link)) {
    console.error(
      "dsk: no native TensorFlow is set up here; the packed app will compute with tfjs's own, much slower backend",
    );
    return [];
  }
  const addon = dirname(realpathSync(link));
  const deps = realpathSync(join(addon, '../../deps'));
  const copied = join(work, 'dsk-setup.json');
  const kept = JSON.parse(readFileSync(outcome, 'utf8')) as object;
  writeFileSync(copied, `${JSON.stringify({ ...kept, addon: null }, null, 2)}\n`);
  const to = `dsk/${tfjs}`;
  return [
    { from: addon, to: `${to}/lib/napi-v8`, filter: ['*.node'] },
    { from: copied, to: `${to}/lib/dsk-setup.json` },
    { from: realpathSync(join(deps, 'lib')), to: `${to}/deps/lib`, filter: ['*.so*', '*.dylib', '*.dll'] },
    ...(existsSync(join(deps, 'nvidia'))
      ? [{ from: join(deps, 'nvidia'), to: `${to}/deps/nvidia`, filter: ['**/*'] }]
      : []),
  ];
}
