// What a run takes of the machine: processor, memory, disk and GPU. Read when somebody asks, from what the system counts anyway;
// only the GPU's figures come from a program (nvidia-smi), which runs beside and prints them by itself.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { delimiter, join } from 'node:path';

export interface Reading {
  /** Shares of all cores, since the reading before: of this process, and of all processes. */
  processor: { run: number; machine: number; cores: number };
  /** Bytes: resident set of this process; in use by all, and all there is (in a container: what it may use). */
  memory: { run: number; used: number; total: number };
  /** Bytes: free on the disk; and what this process has read from disks and written to them since its start (Linux), or null. */
  disk: { free: number; read: number | null; written: number | null };
  gpus: Gpu[];
}

/** Null is what the card does not tell. */
export interface Gpu {
  index: number;
  /** Share of the time in which something ran on it. */
  busy: number | null;
  /** Bytes. */
  memory: number | null;
  total: number | null;
  watts: number | null;
  celsius: number | null;
}

export interface Machine {
  read(): Reading;
  close(): void;
}

/** @param folder one on the disk that matters */
export function openMachine(folder: string): Machine {
  const gpus = watchGpus();
  const cores = cpus().length;
  let before = times();
  return {
    read() {
      const now = times();
      const all = now.all - before.all;
      const elapsed = now.at - before.at;
      const processor = {
        run: elapsed > 0 ? Math.min(1, (now.run - before.run) / elapsed / cores) : 0,
        machine: all > 0 ? 1 - (now.idle - before.idle) / all : 0,
        cores,
      };
      before = now;
      const { bavail, bsize } = statfsSync(folder);
      return { processor, memory: memory(), disk: { free: bavail * bsize, ...transfers() }, gpus: gpus.latest() };
    },
    close: () => gpus.close(),
  };
}

/** Milliseconds that passed, that this process has computed, and that cores have spent, in all and on nothing. */
function times(): { at: number; run: number; all: number; idle: number } {
  const { user, system } = process.cpuUsage();
  let [all, idle] = [0, 0];
  for (const { times } of cpus()) {
    all += times.user + times.nice + times.sys + times.idle + times.irq;
    idle += times.idle;
  }
  return { at: performance.now(), run: (user + system) / 1000, all, idle };
}

function memory(): Reading['memory'] {
  const limit = process.constrainedMemory();
  const total = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  return { run: process.memoryUsage.rss(), used: Math.max(0, total - process.availableMemory()), total };
}

/** See proc(5), /proc/PID/io. */
function transfers(): { read: number | null; written: number | null } {
  try {
    const text = readFileSync('/proc/self/io', 'utf8');
    const count = (name: string) => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
    return { read: count('read_bytes'), written: count('write_bytes') };
  } catch {
    return { read: null, written: null }; // not Linux, or a kernel that does not count them
  }
}

const fields = ['index', 'utilization.gpu', 'memory.used', 'memory.total', 'power.draw', 'temperature.gpu'];

/** What nvidia-smi prints of each card, every two seconds; nothing where there is none. */
function watchGpus(): { latest(): Gpu[]; close(): void } {
  const found = new Map<number, Gpu>();
  const program = (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, process.platform === 'win32' ? 'nvidia-smi.exe' : 'nvidia-smi'))
    .find((path) => existsSync(path));
  if (program === undefined) return { latest: () => [], close() {} };
  const child: ChildProcess = spawn(
    program,
    [`--query-gpu=${fields.join(',')}`, '--format=csv,noheader,nounits', '--loop=2'],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  child.on('error', () => {}); // a driver that does not answer: there are no figures then, which is no reason to stop
  child.unref();
  let rest = '';
  child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    for (const gpu of lines.map(parseGpu)) if (gpu) found.set(gpu.index, gpu);
  });
  if (child.stdout && 'unref' in child.stdout) (child.stdout as unknown as { unref(): void }).unref();
  return {
    latest: () => [...found.values()].sort((a, b) => a.index - b.index),
    close: () => void child.kill('SIGKILL'),
  };
}

/** One line of it, such as `0, 37, 1024, 81559, 251.30, 41`; `[N/A]` is what a card does not tell. Null for anything else. */
export function parseGpu(line: string): Gpu | null {
  const values = line.split(',').map((text) => (/^\s*-?\d+(\.\d+)?\s*$/.test(text) ? Number(text) : null));
  const [index, percent, used, total, watts, celsius] = values;
  if (values.length !== fields.length || index === null || index === undefined) return null;
  const of = (value: number | null | undefined, factor: number) => (value == null ? null : value * factor);
  return {
    index,
    busy: of(percent, 0.01),
    memory: of(used, 1 << 20),
    total: of(total, 1 << 20),
    watts: of(watts, 1),
    celsius: of(celsius, 1),
  };
}

// Milliseconds between two readings beside a training, and before the first: less would tell nothing of the processor.
const between = 2000;
const first = 200;

/** The figures of a training under way, for its curves: now and then, and nothing at the steps between. */
export function openFigures(folder: string): { due(): Record<string, number>; close(): void } {
  const machine = openMachine(folder);
  let last = { at: performance.now(), reading: machine.read() };
  let told = false;
  return {
    due() {
      const at = performance.now();
      if (at - last.at < (told ? between : first)) return {};
      told = true;
      const reading = machine.read();
      const found = figures(reading, last.reading, (at - last.at) / 1000);
      last = { at, reading };
      return found;
    },
    close: () => machine.close(),
  };
}

/** A reading as numbers for curves, in units that people read: percent, GB, MB a second, watts, degrees. */
export function figures(now: Reading, before: Reading | null, seconds: number): Record<string, number> {
  const rate = (name: 'read' | 'written') => {
    const [a, b] = [before?.disk[name], now.disk[name]];
    return a == null || b === null || seconds <= 0 ? null : rounded((b - a) / seconds / 1e6);
  };
  const found: Record<string, number | null> = {
    'processor_percent/run': rounded(100 * now.processor.run),
    'processor_percent/machine': rounded(100 * now.processor.machine),
    'memory_gb/run': rounded(now.memory.run / 1e9),
    'memory_gb/machine': rounded(now.memory.used / 1e9),
    'disk_mb_per_second/read': rate('read'),
    'disk_mb_per_second/written': rate('written'),
    disk_free_gb: rounded(now.disk.free / 1e9),
  };
  for (const { index, busy, memory, watts, celsius } of now.gpus) {
    found[`gpu_percent/${index}`] = busy === null ? null : rounded(100 * busy);
    found[`gpu_memory_gb/${index}`] = memory === null ? null : rounded(memory / 1e9);
    found[`gpu_watts/${index}`] = watts;
    found[`gpu_celsius/${index}`] = celsius;
  }
  return Object.fromEntries(Object.entries(found).filter((entry): entry is [string, number] => entry[1] !== null));
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
