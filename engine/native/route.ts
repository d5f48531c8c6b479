// By which route TensorFlow comes to this machine: one of the wheels of its Python package (they hold the C API), the
// vendor's own prebuilt library, a folder the user names, or none. `DSK_TENSORFLOW` decides, else what the machine has.
import { existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { SetupError } from './error.ts';

export const TENSORFLOW_VERSION = '2.21.0';

/** A file of the Python package index that holds the C API, pinned by its hash. Sizes in bytes. */
export interface Wheel {
  project: 'tensorflow-cpu' | 'tensorflow';
  file: string;
  platform: string;
  sha256: string;
  size: number;
}

const TAG = 'cp311-cp311';

const wheel = (project: Wheel['project'], platform: string, sha256: string, megabytes: number): Wheel => ({
  project,
  file: `${project.replace('-', '_')}-${TENSORFLOW_VERSION}-${TAG}-${platform}.whl`,
  platform,
  sha256,
  size: megabytes * 1e6,
});

// Measured on the index on the day the version was pinned: `pip install --dry-run --report` prints the digests. Windows has
// wheels too, but their library is an empty stub. Only the x86-64 wheel of `tensorflow` is built with CUDA.
const WHEELS: Record<string, Wheel> = {
  'cpu-linux-x64': wheel(
    'tensorflow-cpu',
    'manylinux_2_27_x86_64',
    '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
    274,
  ),
  'cpu-linux-arm64': wheel(
    'tensorflow',
    'manylinux_2_27_aarch64',
    '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c',
    282,
  ),
  'cpu-darwin-arm64': wheel(
    'tensorflow',
    'macosx_12_0_arm64',
    '51f46f4806139d01fc7920cc72a4c75876f80649bf40ff083ab6212ceb43ca88',
    223,
  ),
  'cuda-linux-x64': wheel(
    'tensorflow',
    'manylinux_2_27_x86_64',
    '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
    572,
  ),
};

export type Route =
  | { kind: 'cpu' | 'cuda'; wheel: Wheel }
  | { kind: 'vendor' }
  | { kind: 'folder'; folder: string }
  | { kind: 'none'; reason: string };

/** What of the machine decides the route. */
export interface Machine {
  platform: string;
  arch: string;
  /** Whether an NVIDIA driver is installed. */
  nvidia: boolean;
}

/**
 * The routes to try, best first. A route the user asked for stands alone; one found by itself has a fall-back.
 * @throws SetupError when `DSK_TENSORFLOW` names what is not there or does not exist for this machine
 */
export function chooseRoutes(wish: string | undefined, machine: Machine): Route[] {
  const at = `${machine.platform}-${machine.arch}`;
  const byWheel = (kind: 'cpu' | 'cuda'): Route[] => {
    const found = WHEELS[`${kind}-${at}`];
    return found ? [{ kind, wheel: found }] : [];
  };
  switch (wish) {
    case undefined:
    case '': {
      const routes = [...(machine.nvidia ? byWheel('cuda') : []), ...byWheel('cpu')];
      return routes.length > 0 ? routes : [{ kind: 'vendor' }];
    }
    case 'cpu':
    case 'cuda': {
      const routes = byWheel(wish);
      if (routes.length > 0) return routes;
      const remedy = wish === 'cuda' ? 'cpu (or vendor)' : 'vendor';
      throw new SetupError(
        `DSK_TENSORFLOW=${wish}: TensorFlow ${TENSORFLOW_VERSION} has no ${wish} wheel for ${at}`,
        `set DSK_TENSORFLOW to ${remedy}, to none, or to a folder with lib/ and include/`,
      );
    }
    case 'vendor':
      return [{ kind: 'vendor' }];
    case 'none':
      return [{ kind: 'none', reason: 'DSK_TENSORFLOW=none' }];
    default: {
      const folder = resolve(wish);
      if (existsSync(folder)) return [{ kind: 'folder', folder }];
      throw new SetupError(
        `DSK_TENSORFLOW=${wish}: neither a route nor a folder that exists`,
        'set it to cpu, cuda, vendor, none or the path of a folder with lib/ and include/',
      );
    }
  }
}

/** A name for what was decided on, to notice when another route is wanted than the one set up. */
export function routeName(route: Route): string {
  return route.kind === 'folder' ? `folder ${route.folder}` : route.kind;
}

/** Whether an NVIDIA driver is installed: its kernel module, its library or its tool is there. */
export function hasNvidiaDriver(env = process.env): boolean {
  const places = ['/proc/driver/nvidia/version', '/usr/lib/x86_64-linux-gnu/libcuda.so.1', '/usr/lib64/libcuda.so.1'];
  const tools = (env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'nvidia-smi'));
  return [...places, ...tools].some((path) => existsSync(path));
}
