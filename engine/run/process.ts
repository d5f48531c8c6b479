// What can be told about processes: whether one is still the one that was written down, and how much memory this one took.
import { readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** Names a process so that a later one with the same number is not taken for it. */
export interface ProcessName {
  pid: number;
  host: string;
  /** Clock ticks after boot at which it began (Linux), or null. */
  began: number | null;
}

export function thisProcess(): ProcessName {
  return { pid: process.pid, host: hostname(), began: beginning(process.pid) };
}

/** Whether the process still runs; null where that cannot be told from here (another machine or container). */
export function alive(name: ProcessName): boolean | null {
  if (name.host !== hostname()) return null;
  try {
    process.kill(name.pid, 0);
  } catch (error) {
    // EPERM: it is there, and somebody else's.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const began = beginning(name.pid);
  return name.began === null || began === null || began === name.began;
}

/** Field 22 of /proc/PID/stat, counted behind the command's name, which may hold spaces and brackets. See proc(5). */
function beginning(pid: number): number | null {
  const stat = procfs(`/proc/${pid}/stat`);
  if (stat === null) return null;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? -1 : Number(fields[19]);
}

/** Lets the peak count anew, where Linux allows it. Elsewhere `peakMemory` stays the peak of the whole process. */
export function resetPeakMemory(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Not Linux, or a kernel without it: the number is then an upper bound, which its documentation says.
  }
}

/** Bytes the resident set reached since the last reset. */
export function peakMemory(): number {
  const line = /^VmHWM:\s+(\d+) kB$/m.exec(procfs('/proc/self/status') ?? '');
  return (line ? Number(line[1]) : process.resourceUsage().maxRSS) * 1024;
}

function procfs(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
