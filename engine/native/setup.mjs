// The one set-up step, run by every npm script before it starts: node_modules as package-lock.json says, then the native
// TensorFlow. Idempotent, and quick when nothing is to be done. Plain JavaScript on Node's own modules, because it runs
// before anything is installed; what follows the installation is TypeScript (install.ts).
//
//   node engine/native/setup.mjs          what running needs
//   node engine/native/setup.mjs --dev    what the tests and checks need, too
//   ... --retry                           tries again what could not be had before (npm run setup)
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/**
 * What of package-lock.json is not in node_modules, by npm's own record of the last finished installation
 * (node_modules/.package-lock.json). Packages for other platforms and other optional ones may be absent.
 * @param {string} folder the project's folder
 * @param {boolean} dev whether packages only development needs count
 * @returns {string[]} paths of packages that are missing or another version
 */
export function missingPackages(folder, dev) {
  const read = (/** @type {string} */ path) => JSON.parse(readFileSync(path, 'utf8')).packages;
  const wanted = read(join(folder, 'package-lock.json'));
  const record = join(folder, 'node_modules/.package-lock.json');
  const found = existsSync(record) ? read(record) : {};
  return Object.keys(wanted).filter((path) => {
    const entry = wanted[path];
    if (path === '' || entry.link || entry.optional || entry.devOptional || (entry.dev && !dev)) return false;
    return found[path]?.version !== entry.version || found[path]?.integrity !== entry.integrity;
  });
}

/** Brings node_modules to what package-lock.json says; returns whether it is there. */
function installPackages(/** @type {boolean} */ dev) {
  const missing = missingPackages(root, dev);
  if (missing.length === 0) return true;
  const started = Date.now();
  console.error(`dsk setup: installing npm packages (${missing.length} missing or changed)`);
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error', ...(dev ? [] : ['--omit=dev'])];
  // npm names its own script when it is what started us; on Windows a bare `npm` is a .cmd file and needs a shell.
  const npm = process.env.npm_execpath;
  /** @type {import('node:child_process').SpawnSyncOptions} */
  const options = { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] };
  const done = npm?.endsWith('.js')
    ? spawnSync(process.execPath, [npm, ...args], options)
    : spawnSync('npm', args, { ...options, shell: process.platform === 'win32' });
  if (done.status !== 0) {
    console.error(
      `dsk setup: \`npm ci\` failed${done.error ? ` (${done.error.message})` : ''}; see its message above.`,
    );
    return false;
  }
  console.error(`dsk setup: npm packages ready (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  return true;
}

async function main() {
  const [major] = process.versions.node.split('.');
  if (Number(major) < 20) {
    console.error(`dsk setup: Node ${process.versions.node} is too old; install Node 20 or newer.`);
    return 1;
  }
  const options = new Set(process.argv.slice(2));
  if (!installPackages(options.has('--dev'))) return 1;
  const { register } = await import('tsx/esm/api');
  register();
  const { setUpTensorflow } = await import('./install.ts');
  return (await setUpTensorflow({ retry: options.has('--retry') })) ? 0 : 1;
}

if (process.argv[1] && import.meta.url === pathToFileURL(resolve(process.argv[1])).href)
  process.exitCode = await main();
