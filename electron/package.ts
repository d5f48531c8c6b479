// `npm run package [-- --linux|--mac|--windows TARGET... --output FOLDER]`: the desktop app to hand on, by electron-builder. Without arguments the
// plain folder for this system, which needs nothing from the network where Electron is at hand. What is packed starts and runs
// graphs offline: this Node, the engine as it is, its packages, and the TensorFlow of this working copy.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { build, type Configuration, Platform } from 'electron-builder';
import { buildPage, pageIsCurrent } from '../renderer/build.ts';
import { buildApp } from './build.ts';
import { iconPng } from './icon.ts';
import { engineFiles } from './parts.ts';
import { programName } from './runtime.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const work = join(root, 'dist', 'package');
const platforms = { linux: Platform.LINUX, mac: Platform.MAC, windows: Platform.WINDOWS };

/** What the packed app may not do. Its host is a Node of its own, so Electron's need not pass for one. */
const FUSES = {
  runAsNode: false,
  enableCookieEncryption: true,
  enableNodeOptionsEnvironmentVariable: false,
  enableNodeCliInspectArguments: false,
  enableEmbeddedAsarIntegrityValidation: true,
  onlyLoadAppFromAsar: true,
  grantFileProtocolExtraPrivileges: false,
} satisfies Configuration['electronFuses'];

const fuseNames: { [name in keyof typeof FUSES]: FuseV1Options } = {
  runAsNode: FuseV1Options.RunAsNode,
  enableCookieEncryption: FuseV1Options.EnableCookieEncryption,
  enableNodeOptionsEnvironmentVariable: FuseV1Options.EnableNodeOptionsEnvironmentVariable,
  enableNodeCliInspectArguments: FuseV1Options.EnableNodeCliInspectArguments,
  enableEmbeddedAsarIntegrityValidation: FuseV1Options.EnableEmbeddedAsarIntegrityValidation,
  onlyLoadAppFromAsar: FuseV1Options.OnlyLoadAppFromAsar,
  grantFileProtocolExtraPrivileges: FuseV1Options.GrantFileProtocolExtraPrivileges,
};

try {
  await main();
} catch (error) {
  console.error(`dsk: packaging failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const { platform, targets, output } = wanted(process.argv.slice(2));
  if (!pageIsCurrent()) await buildPage();
  await buildApp();
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  writeFileSync(join(work, 'icon.png'), iconPng(1024));
  layOutApp();
  const dist = electronFolder();
  const config: Configuration = {
    appId: 'dsk.studio',
    productName: 'Dsk',
    copyright: 'The Dsk authors',
    directories: { app: join(work, 'app'), output, buildResources: work },
    files: ['**/*'],
    asar: true,
    // Packages are not rebuilt, and none goes into the archive: they stand beside it, with the engine.
    beforeBuild: () => Promise.resolve(false),
    nodeGypRebuild: false,
    publish: null,
    icon: join(work, 'icon.png'),
    extraResources: engineFiles(work),
    electronVersion: dist?.version ?? installedVersion(),
    ...(dist === null ? {} : { electronDist: dist.folder }),
    electronFuses: await fusesFor(dist?.folder ?? null),
    fileAssociations: [
      { ext: 'dsk', name: 'Dsk graph', description: 'Dsk graph', mimeType: 'application/x-dsk', role: 'Editor' },
    ],
    linux: {
      target: ['AppImage', 'deb'],
      executableName: 'dsk-studio',
      category: 'Development;Science',
      synopsis: 'Trains DeepSeek-style models from one graph',
      maintainer: 'The Dsk authors',
    },
    mac: { target: ['dmg'], category: 'public.app-category.developer-tools', binaries: ['Contents/Resources/node'] },
    win: { target: ['nsis'] },
    nsis: { oneClick: false, perMachine: false, allowToChangeInstallationDirectory: true },
  };
  const made = await build({ targets: platform.createTarget(targets), config, projectDir: root, publish: 'never' });
  const files = made.length > 0 ? made : [output];
  console.log(`dsk: packaged ${files.join(', ')}`);
}

/** What goes into the app's archive: page and main process, which are bundled and need no packages. */
function layOutApp(): void {
  for (const part of ['renderer', 'electron']) {
    cpSync(join(root, 'dist', part), join(work, 'app', 'dist', part), {
      recursive: true,
      filter: (path) => !path.endsWith('.sha256'),
    });
  }
  const { name, version, license, main } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as PackageFile;
  const about = { description: 'Trains DeepSeek-style models from one graph', author: 'The Dsk authors' };
  writeFileSync(
    join(work, 'app', 'package.json'),
    JSON.stringify({ name, productName: 'Dsk', version, license, main, ...about }, null, 2),
  );
}

interface PackageFile {
  name: string;
  version: string;
  license: string;
  main: string;
}

/** @example --linux dir, --windows nsis --output D:/made */
function wanted(args: string[]): { platform: Platform; targets: string[]; output: string } {
  const here = process.platform === 'darwin' ? 'mac' : process.platform === 'win32' ? 'windows' : 'linux';
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      linux: { type: 'boolean' },
      mac: { type: 'boolean' },
      windows: { type: 'boolean' },
      output: { type: 'string', default: join('dist', 'app') },
    },
  });
  for (const name of ['linux', 'mac', 'windows'] as const) {
    if (!values[name] || name === here) continue;
    // Node, native packages and TensorFlow are those of the machine that packs.
    throw new Error(`--${name}: the app for it has to be packaged on such a system; this one is ${here}`);
  }
  const targets = positionals.length > 0 ? positionals : ['dir'];
  return { platform: platforms[here], targets, output: resolve(root, values.output) };
}

/** An Electron that is there already, unpacked; null where electron-builder has to fetch it. */
function electronFolder(): { folder: string; version: string } | null {
  const given = process.env.DSK_ELECTRON_DIST || process.env.ELECTRON_OVERRIDE_DIST_PATH;
  const folder = given || join(root, 'node_modules', 'electron', 'dist');
  if (!existsSync(join(folder, programName()))) {
    if (given) throw new Error(`there is no ${programName()} in ${given}; name the folder of an unpacked Electron`);
    return null;
  }
  return { folder, version: readFileSync(join(folder, 'version'), 'utf8').trim().replace(/^v/, '') };
}

function installedVersion(): string {
  const text = readFileSync(join(root, 'node_modules', 'electron', 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** The fuses as far as this Electron has them; an older one is told of those it lacks. */
async function fusesFor(folder: string | null): Promise<Configuration['electronFuses']> {
  if (folder === null) return FUSES;
  const wire = await getCurrentFuseWire(join(folder, programName()));
  const has = (name: string) => wire[fuseNames[name as keyof typeof FUSES]] !== undefined;
  const lacking = Object.keys(FUSES).filter((name) => !has(name));
  if (lacking.length > 0)
    console.error(`dsk: this Electron is older than some fuses, which are left out: ${lacking.join(', ')}`);
  return Object.fromEntries(Object.entries(FUSES).filter(([name]) => has(name)));
}
