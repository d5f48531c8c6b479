// What a bug report needs: versions, the machine, TensorFlow and how it came here. Collected without loading TensorFlow into
// this process, so that it works where that is what fails.
import { existsSync, lstatSync, readdirSync, readFileSync, statfsSync } from 'node:fs';
import { arch, availableParallelism, cpus, freemem, release, totalmem, type } from 'node:os';
import { dirname, join } from 'node:path';
import { probeAddon } from './addon.ts';
import { run } from './command.ts';
import { readOutcome } from './install.ts';
import { setDefaults, threadCount } from './load.ts';
import { addonLink, cacheFolder, packageVersion, root } from './paths.ts';

export interface Report {
  dsk: string;
  node: string;
  /** Versions of the npm packages that matter; null where not installed. */
  packages: Record<string, string | null>;
  system: { name: string; release: string; arch: string };
  cpu: { model: string; processors: number; features: string[] };
  /** Bytes. */
  memory: { total: number; free: number };
  tensorflow: {
    /** As the library itself reports; null where it is missing or does not load. */
    version: string | null;
    route: string;
    addon: string | null;
    /** Why there is no native library, or not the one wanted first. */
    reason: string | null;
    onednn: boolean;
    threads: number;
  };
  /** One a card, as nvidia-smi describes it; empty without one. */
  gpus: { name: string; memory: string; driver: string }[];
  /** Free and used space, in bytes. */
  disk: { cwd: string; cwdFree: number; cache: string; cacheFree: number; cacheSize: number };
  /** Settings in the environment that change what happens. */
  settings: Record<string, string>;
}

const PACKAGES = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs', '@duckdb/node-api', 'chevrotain', 'tsx', 'node-gyp'];
const SETTINGS =
  /^(DSK_|TF_(CPP|CUDNN|DETERMINISTIC|ENABLE|FORCE|GPU|NUM|XLA)_|CUDA_VISIBLE_DEVICES$|OMP_NUM_THREADS$|XLA_FLAGS$)/;
// The instruction sets TensorFlow's kernels choose by.
const FEATURES =
  /^(sse4_1|sse4_2|avx|avx2|fma|f16c|avx_vnni|avx512[a-z_0-9]*|amx_[a-z0-9]+|asimd\w*|neon|sve2?|bf16|i8mm)$/i;

/** Looks at this machine and this clone. Takes about a second; changes nothing. */
export async function doctor(): Promise<Report> {
  const outcome = readOutcome();
  const env = { ...process.env };
  const settings = Object.fromEntries(
    Object.entries(env).filter(([name]) => SETTINGS.test(name)),
  ) as Report['settings'];
  setDefaults(env);
  const plain = process.env.DSK_TENSORFLOW === 'none';
  const probe = existsSync(addonLink) && !plain ? await probeAddon(addonLink) : null;
  const broken = probe && 'failure' in probe ? probe.failure : null;
  const version = probe && 'version' in probe ? probe.version : null;
  const cache = cacheFolder();
  return {
    dsk: (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version,
    node: process.versions.node,
    packages: Object.fromEntries(PACKAGES.map((name) => [name, packageVersion(name)])),
    system: { name: type(), release: release(), arch: arch() },
    cpu: { model: cpus()[0]?.model.trim() ?? 'unknown', processors: cpus().length, features: await cpuFeatures() },
    memory: { total: totalmem(), free: freemem() },
    tensorflow: {
      version,
      route: version === null ? 'none' : (outcome?.route ?? 'unknown'),
      addon: existsSync(addonLink) ? (outcome?.addon ?? addonLink) : null,
      reason: plain ? 'DSK_TENSORFLOW=none' : (broken ?? (outcome ? outcome.reason : 'not set up')),
      onednn: version !== null && env.TF_ENABLE_ONEDNN_OPTS !== '0',
      threads: version === null ? 1 : threadCount(env),
    },
    gpus: await nvidiaCards(),
    disk: { cwd: process.cwd(), cwdFree: freeSpace('.'), cache, cacheFree: freeSpace(cache), cacheSize: sizeOf(cache) },
    settings,
  };
}

async function cpuFeatures(): Promise<string[]> {
  let words: string[] = [];
  if (process.platform === 'linux') {
    const line = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? '';
    words = line.split(' ');
  } else if (process.platform === 'darwin') {
    const ran = await run('sysctl', ['-a']);
    const present = [...ran.stdout.matchAll(/^hw\.optional\.(?:arm\.FEAT_)?(\w+): 1$/gm)].map(
      (match) => match[1] ?? '',
    );
    const intel = /^machdep\.cpu\.(?:leaf7_)?features: (.*)$/gm;
    words = [...present, ...[...ran.stdout.matchAll(intel)].flatMap((match) => (match[1] ?? '').split(' '))];
  }
  return [...new Set(words.map((word) => word.toLowerCase().replace('.', '_')))].filter((word) => FEATURES.test(word));
}

async function nvidiaCards(): Promise<Report['gpus']> {
  const ran = await run('nvidia-smi', ['--query-gpu=name,memory.total,driver_version', '--format=csv,noheader'], {
    timeout: 20_000,
  });
  if (ran.status !== 0) return [];
  const rows = ran.stdout
    .trim()
    .split('\n')
    .map((line) => line.split(',').map((cell) => cell.trim()));
  return rows.map(([name = '', memory = '', driver = '']) => ({ name, memory, driver }));
}

/** Bytes free to this user where `folder` is, or would be. */
function freeSpace(folder: string): number {
  if (!existsSync(folder)) return freeSpace(dirname(folder));
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** Bytes of all files below `path`; links count as what they are. 0 when there is nothing. */
function sizeOf(path: string): number {
  if (!existsSync(path)) return 0;
  return readdirSync(path, { withFileTypes: true }).reduce((sum, entry) => {
    const inside = join(path, entry.name);
    return sum + (entry.isDirectory() ? sizeOf(inside) : lstatSync(inside).size);
  }, 0);
}

/** The report as text, one fact a line, to be pasted into an issue. */
export function renderDoctor(report: Report): string {
  const { tensorflow: tf, cpu, disk, memory, system } = report;
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  const versions = Object.entries(report.packages).map(([name, version]) => `${name} ${version ?? 'missing'}`);
  const cards = report.gpus.map((gpu) => `${gpu.name}, ${gpu.memory}, driver ${gpu.driver}`);
  const settings = Object.entries(report.settings).map(([name, value]) => `${name}=${value}`);
  const facts: [name: string, value: string][] = [
    ['dsk', `${report.dsk}, Node ${report.node}`],
    ['packages', versions.join(', ')],
    ['system', `${system.name} ${system.release} ${system.arch}`],
    ['processor', `${cpu.model}, ${cpu.processors} processors, ${availableParallelism()} usable`],
    ['features', cpu.features.join(' ') || 'unknown'],
    ['memory', `${gigabytes(memory.total)}, ${gigabytes(memory.free)} free`],
    ['TensorFlow', tf.version ? `${tf.version} (route: ${tf.route})` : "not native: tfjs's own backend, much slower"],
    ...(tf.reason ? [['  because', tf.reason.split('\n')[0] ?? ''] as [string, string]] : []),
    ...(tf.addon ? [['  addon', tf.addon] as [string, string]] : []),
    ['  oneDNN', tf.onednn ? 'on' : 'off'],
    ['  threads', String(tf.threads)],
    ['GPU', cards.join('; ') || 'none found (nvidia-smi)'],
    ['disk', `${gigabytes(disk.cwdFree)} free in ${disk.cwd}`],
    ['cache', `${disk.cache}: ${gigabytes(disk.cacheSize)}, ${gigabytes(disk.cacheFree)} free`],
    ['settings', settings.join(' ') || 'none'],
  ];
  return facts.map(([name, value]) => `${name.padEnd(12)}${value}`).join('\n');
}
