// Brings the native TensorFlow to this clone: picks the route, fills the user's cache folder (once for all clones, under a
// lock, everything in a temporary folder that is renamed when complete), and links the addon into the tfjs package.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { buildAddon, findCompiler, probeAddon, tensorflowLibraries } from './addon.ts';
import { lastLines, run } from './command.ts';
import { SetupError } from './error.ts';
import { withLock } from './lock.ts';
import { addonLink, cacheFolder, outcomeFile, packageVersion, root, shortHash, tfjsFolder } from './paths.ts';
import { chooseRoutes, hasNvidiaDriver, type Route, routeName, TENSORFLOW_VERSION, type Wheel } from './route.ts';
import { fetchWheel, findPython, installCuda, pipDownload, unpackWheel } from './wheel.ts';

/** What the set-up came to, kept in this clone for the next one, the loader and the doctor. */
export interface Outcome {
  /** The route that was wanted first, by its name. */
  wanted: string;
  /** The route that was taken; `none` where no native library could be had. */
  route: string;
  /** TensorFlow's version, as the library itself reports it. */
  version: string | null;
  addon: string | null;
  /** Why there is no native library, or why it is not the one wanted first. */
  reason: string | null;
}

/** The last set-up's outcome in this clone, or null. */
export function readOutcome(): Outcome | null {
  return existsSync(outcomeFile) ? (JSON.parse(readFileSync(outcomeFile, 'utf8')) as Outcome) : null;
}

const say = (text: string): void => console.error(`dsk setup: ${text}`);

/** Runs a step, and says what it is, that it still runs, and how long it took. */
async function step<T>(what: string, work: () => Promise<T>): Promise<T> {
  say(`${what} ...`);
  const started = Date.now();
  const seconds = () => ((Date.now() - started) / 1000).toFixed(1);
  const beat = setInterval(() => say(`  still at it (${seconds()} s)`), 20_000);
  try {
    const result = await work();
    say(`  done (${seconds()} s)`);
    return result;
  } finally {
    clearInterval(beat);
  }
}

/**
 * Makes sure this clone has the native TensorFlow that `DSK_TENSORFLOW` or the machine calls for. Silent when it has. Where
 * none can be had it says so once and leaves tfjs's own backend.
 * @param options.retry try again what an earlier set-up gave up, and test what is there
 * @returns false when the route the user asked for cannot be had
 */
export async function setUpTensorflow(options: { retry: boolean }): Promise<boolean> {
  const wish = process.env.DSK_TENSORFLOW;
  try {
    const machine = { platform: process.platform, arch: process.arch, nvidia: hasNvidiaDriver() };
    const routes = chooseRoutes(wish, machine);
    const [first] = routes as [Route, ...Route[]];
    const wanted = routeName(first);
    if (await isDone(wanted, options.retry, Boolean(wish))) return true;
    const failures: string[] = [];
    for (const route of routes) {
      try {
        const built = await bring(route);
        const reason = route.kind === 'none' ? route.reason : (failures[0] ?? null);
        keep({ wanted, route: routeName(route), ...built, reason });
        return true;
      } catch (error) {
        const known = asSetupError(error);
        if (wish) throw known;
        say(`${known.message}\n  Remedy: ${known.remedy}.`);
        failures.push(known.message);
      }
    }
    keep({ wanted, route: 'none', version: null, addon: null, reason: failures[0] ?? null });
    say("going on without native TensorFlow: everything runs on tfjs's own backend, many times slower.");
    return true;
  } catch (error) {
    const known = asSetupError(error);
    say(`${known.message}\n  Remedy: ${known.remedy}.`);
    return false;
  }
}

/**
 * Whether the last outcome still stands. A fall-back stands until the user asks: by trying again, or for the very route.
 * @param again whether `npm run setup` asks, which also tests that the library loads
 * @param asked whether the user named the route
 */
async function isDone(wanted: string, again: boolean, asked: boolean): Promise<boolean> {
  const last = readOutcome();
  if (last?.wanted !== wanted) return false;
  if (last.route !== wanted && (again || asked)) return false;
  if (last.addon === null) return true;
  if (!existsSync(last.addon) || !existsSync(addonLink)) return false;
  return !again || 'version' in (await probeAddon(addonLink));
}

function keep(outcome: Outcome): void {
  mkdirSync(dirname(outcomeFile), { recursive: true });
  if (outcome.addon === null) rmSync(addonLink, { force: true });
  else if (outcome.addon !== addonLink) link(outcome.addon, addonLink);
  writeFileSync(`${outcomeFile}.new`, `${JSON.stringify(outcome, null, 2)}\n`);
  renameSync(`${outcomeFile}.new`, outcomeFile);
  if (outcome.version) say(`TensorFlow ${outcome.version} ready (route: ${outcome.route})`);
}

/** Puts a link to `target` at `place`, or a copy where the file system has no links. */
function link(target: string, place: string): void {
  mkdirSync(dirname(place), { recursive: true });
  rmSync(`${place}.new`, { force: true });
  try {
    symlinkSync(target, `${place}.new`);
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'ENOSYS'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    copyFileSync(target, `${place}.new`);
  }
  renameSync(`${place}.new`, place);
}

type Built = { version: string | null; addon: string | null };

async function bring(route: Route): Promise<Built> {
  switch (route.kind) {
    case 'none':
      return { version: null, addon: null };
    case 'vendor':
      return bringVendor();
    case 'folder': {
      const lib = [join(route.folder, 'lib'), route.folder].find((place) => tensorflowLibraries(place).length > 0);
      const include = join(route.folder, 'include');
      if (!lib || !existsSync(join(include, 'tensorflow/c/c_api.h'))) {
        throw new SetupError(
          `DSK_TENSORFLOW=${route.folder}: ${lib ? 'no include/tensorflow/c/c_api.h' : 'no libtensorflow'} in this folder`,
          "name a folder with lib/ and include/ of TensorFlow's C library, or the tensorflow/ folder of its wheel",
        );
      }
      const { mtimeMs, size } = statSync(join(lib, tensorflowLibraries(lib)[0] ?? ''));
      const name = `folder-${shortHash(`${route.folder} ${mtimeMs} ${size}`)}-${process.platform}-${process.arch}`;
      return fillCache(name, async (deps) => linkLibrary(deps, lib, include));
    }
    default: {
      const name = `${TENSORFLOW_VERSION}-${route.kind}-${process.platform}-${process.arch}`;
      return fillCache(name, (deps) => bringWheel(route.kind, route.wheel, deps));
    }
  }
}

/**
 * The cache's entry `name`, filled if it is not there: deps/ with the libraries, and the addon built for them.
 * @param fill puts lib/ and include/ into a new folder
 */
async function fillCache(name: string, fill: (deps: string) => Promise<void>): Promise<Built> {
  const version = packageVersion('@tensorflow/tfjs-node-gpu') ?? 'unknown';
  const cache = join(cacheFolder(), 'tensorflow');
  const home = join(cache, name);
  const addon = join(home, 'addon', version, 'tfjs_binding.node');
  const waiting = (owner: string) => say(`waiting for another set-up (process ${owner}) ...`);
  return withLock(
    join(cache, 'lock'),
    async () => {
      // Whoever holds the lock is the only one at work here: other temporary folders were left behind.
      for (const old of readdirSync(cache)) if (old.startsWith('.new-')) rmSync(join(cache, old), { recursive: true });
      if (existsSync(addon)) {
        const probe = await probeAddon(addon);
        if ('version' in probe) return { version: probe.version, addon };
        say(`${addon} does not load (${probe.failure}); building it again`);
        rmSync(home, { recursive: true });
      }
      await findCompiler();
      const temporary = mkdtempSync(join(cache, '.new-'));
      try {
        if (!existsSync(join(home, 'deps'))) {
          mkdirSync(join(temporary, 'deps'));
          await fill(join(temporary, 'deps'));
          mkdirSync(home, { recursive: true });
          renameSync(join(temporary, 'deps'), join(home, 'deps'));
        }
        symlinkSync(join(home, 'deps'), join(temporary, 'deps'), 'junction');
        const built = await step("building TensorFlow's addon for Node", () => buildAddon(temporary, version, home));
        const probe = await probeAddon(built);
        if ('failure' in probe) {
          throw new SetupError(
            `the addon was built, but does not load: ${probe.failure}`,
            'run `npx dsk doctor` and report what it prints; DSK_TENSORFLOW=none does without',
          );
        }
        mkdirSync(join(home, 'addon'), { recursive: true });
        rmSync(dirname(addon), { recursive: true, force: true });
        renameSync(dirname(built), dirname(addon));
        return { version: probe.version, addon };
      } finally {
        rmSync(temporary, { recursive: true, force: true });
      }
    },
    { waiting },
  );
}

async function bringWheel(kind: 'cpu' | 'cuda', wheel: Wheel, deps: string): Promise<void> {
  checkLibc();
  checkRoom(deps, kind === 'cuda' ? 9e9 : 5 * wheel.size);
  const python = await findPython();
  const downloads = join(cacheFolder(), 'tensorflow', 'downloads');
  const size = `${Math.round(wheel.size / 1e6)} MB`;
  const file = await step(`TensorFlow ${TENSORFLOW_VERSION} (${kind}): downloading ${wheel.project}, ${size}`, () =>
    fetchWheel(wheel, downloads, pipDownload(python)),
  );
  const metadata = await step(`unpacking its C library into ${cacheFolder()}`, () => unpackWheel(python, file, deps));
  if (kind === 'cuda') {
    await step("installing NVIDIA's CUDA libraries, about 3 GB", () => installCuda(python, metadata, deps));
  }
  linkLibrary(deps, 'tensorflow', 'tensorflow/include');
  rmSync(file);
}

function linkLibrary(deps: string, lib: string, include: string): void {
  symlinkSync(lib, join(deps, 'lib'), 'junction');
  symlinkSync(include, join(deps, 'include'), 'junction');
}

/** The package's own installation script: downloads the vendor's library and addon into the package. */
async function bringVendor(): Promise<Built> {
  rmSync(addonLink, { force: true });
  const kind = hasNvidiaDriver() ? 'gpu' : 'cpu';
  const PATH = `${join(root, 'node_modules/.bin')}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH ?? ''}`;
  const ran = await step(`TensorFlow by the vendor's route (${kind}): downloading and installing`, () =>
    run(process.execPath, ['scripts/install.js', kind, 'download'], {
      cwd: tfjsFolder,
      env: { ...process.env, PATH },
      timeout: 30 * 60_000,
    }),
  );
  const probe = existsSync(addonLink) ? await probeAddon(addonLink) : { failure: lastLines(ran, 6) };
  if ('version' in probe) return { version: probe.version, addon: addonLink };
  throw new SetupError(
    `the vendor's installation script brought no working library:\n${probe.failure}`,
    'check that its download host can be reached, or set DSK_TENSORFLOW to a folder with lib/ and include/',
  );
}

/** The wheels are built for glibc. */
function checkLibc(): void {
  if (process.platform !== 'linux') return;
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  if (header.glibcVersionRuntime) return;
  throw new SetupError(
    "this Linux has no glibc, which TensorFlow's wheels are built for",
    'use a glibc distribution, or set DSK_TENSORFLOW to a folder with lib/ and include/ built for this one',
  );
}

function checkRoom(folder: string, bytes: number): void {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize >= bytes) return;
  const gigabytes = (count: number) => (count / 1e9).toFixed(1);
  throw new SetupError(
    `${cacheFolder()}: ${gigabytes(bavail * bsize)} GB free, TensorFlow needs ${gigabytes(bytes)} GB while it is set up`,
    'make room, or set DSK_CACHE to a folder on another disk',
  );
}

/** What the file system refuses, in the user's terms; any other error is a defect of ours and goes on as it is. */
function asSetupError(error: unknown): SetupError {
  if (error instanceof SetupError) return error;
  const { code, path, message } = error as NodeJS.ErrnoException;
  const remedies: Record<string, string> = {
    ENOSPC: 'make room, or set DSK_CACHE to a folder on another disk',
    EACCES: 'make the folder writable, or set DSK_CACHE to one that is',
    EPERM: 'make the folder writable, or set DSK_CACHE to one that is',
    ENOTDIR: 'set DSK_CACHE to the path of a folder',
    EROFS: 'set DSK_CACHE to a folder that can be written to',
  };
  const remedy = remedies[code ?? ''];
  if (!remedy) throw error;
  return new SetupError(`${path ?? cacheFolder()}: ${message}`, remedy);
}
