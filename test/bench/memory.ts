// How much main memory a process and its children hold (Linux).
import { readdirSync, readFileSync } from 'node:fs';

/** Bytes of the resident sets of a process and of all it has started, threads included; 0 when it is gone. */
export function memoryOf(pid: number): number {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const parent = Number(/^PPid:\s*(\d+)/m.exec(statusOf(name))?.[1]);
    if (parent) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const own = (process: number): number =>
    1024 * Number(/^VmRSS:\s*(\d+)/m.exec(statusOf(String(process)))?.[1] ?? 0) +
    (children.get(process) ?? []).reduce((sum, child) => sum + own(child), 0);
  return own(pid);
}

function statusOf(name: string): string {
  if (!/^\d+$/.test(name)) return '';
  try {
    return readFileSync(`/proc/${name}/status`, 'utf8');
  } catch {
    return ''; // ended meanwhile
  }
}
