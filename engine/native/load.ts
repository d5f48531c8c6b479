// Loads TensorFlow into this process: the native library that the set-up brought, else tfjs's own backend in JavaScript. The
// rest of the engine gets `tf` from here and works on either. One process should own TensorFlow: it has global state, its
// calls block, and an abort inside it ends the process.
import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import util from 'node:util';
import type * as tfjs from '@tensorflow/tfjs';
import { tensorflowLibraries } from './addon.ts';
import { readOutcome } from './install.ts';
import { addonLink } from './paths.ts';

export interface Tensorflow {
  tf: typeof tfjs;
  /** Whether TensorFlow itself computes, rather than tfjs's own backend. */
  native: boolean;
  /** tfjs's addon, which the recorded step calls directly; null without the native library. */
  binding: object | null;
  /** TensorFlow's version where native, else tfjs's. */
  version: string;
  /** How the library came here (see route.ts), or `none`. */
  route: string;
  /** Threads an operation may use; results are bit-identical only at the same number. */
  threads: number;
}

const require = createRequire(import.meta.url);
let loaded: Promise<Tensorflow> | null = null;

/**
 * TensorFlow, loaded at the first call. `DSK_TENSORFLOW=none` takes tfjs's own backend. Where the native library is missing
 * or does not load, that is said once on stderr and tfjs's own backend is taken.
 */
export function loadTensorflow(): Promise<Tensorflow> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<Tensorflow> {
  if (process.env.DSK_TENSORFLOW === 'none') return loadPlain();
  const outcome = readOutcome();
  const missing = existsSync(addonLink) ? null : (outcome?.reason ?? 'it has not been set up');
  if (missing === null) {
    try {
      return loadNative(outcome?.route ?? 'unknown');
    } catch (error) {
      tellMissing((error as Error).message.split('\n')[0] ?? 'unknown reason');
    }
  } else {
    tellMissing(missing.split('\n')[0] ?? missing);
  }
  return loadPlain();
}

function tellMissing(reason: string): void {
  console.error(
    `dsk: no native TensorFlow (${reason}); tfjs's own backend computes, many times slower. Remedy: npm run setup`,
  );
}

function loadNative(route: string): Tensorflow {
  const talkative = process.env.TF_CPP_MIN_LOG_LEVEL !== undefined;
  setDefaults(process.env);
  if (!talkative) loadQuietly();
  restoreUtil();
  const tf = require('@tensorflow/tfjs-node-gpu') as typeof tfjs;
  const { binding } = tf.backend() as unknown as { binding: { TF_Version: string } };
  return { tf, native: true, binding, version: binding.TF_Version, route, threads: threadCount(process.env) };
}

/** Loads TensorFlow's library without what it prints about itself meanwhile (see quiet.cc), where that was built. */
function loadQuietly(): void {
  const folder = dirname(realpathSync(addonLink));
  const quiet = join(folder, 'quiet.node');
  const libraries = join(folder, '../../deps/lib');
  const [library] = tensorflowLibraries(libraries);
  if (!library || !existsSync(quiet)) return;
  // A failure is not reported here: the addon needs the same library, and its loading reports it.
  (require(quiet) as { load(path: string): string | null }).load(join(libraries, library));
}

async function loadPlain(): Promise<Tensorflow> {
  const tf = require('@tensorflow/tfjs') as typeof tfjs;
  await tf.setBackend('cpu');
  // The backend's advice to install tfjs-node, printed at its first use: we have said what there is to say.
  (tf.backend() as unknown as { firstUse: boolean }).firstUse = false;
  return { tf, native: false, binding: null, version: tf.version.tfjs, route: 'none', threads: 1 };
}

/**
 * What TensorFlow reads from the environment when it is loaded, where the user has not set it: oneDNN on (matrix products are
 * 10 to 100% faster), and no log lines below errors.
 */
export function setDefaults(env: NodeJS.ProcessEnv): void {
  env.TF_ENABLE_ONEDNN_OPTS ??= '1';
  env.TF_CPP_MIN_LOG_LEVEL ??= '2';
}

/** Threads within an operation: `TF_NUM_INTRAOP_THREADS` as TensorFlow reads it, else one a processor. */
export function threadCount(env: NodeJS.ProcessEnv): number {
  const wish = Number(env.TF_NUM_INTRAOP_THREADS);
  return Number.isInteger(wish) && wish > 0 ? wish : availableParallelism();
}

/** tfjs-node calls functions of Node's util that Node 22 warns of and Node 23 and later lack. */
function restoreUtil(): void {
  Object.assign(util, {
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
    isArray: Array.isArray,
  });
}
