// NAME.layout.json beside a graph: where its nodes stand. It holds no meaning, so a damaged one counts as missing.
import { readFile } from 'node:fs/promises';
import { writeFile } from '../data/atomic.ts';
import type { Layout } from './contract.ts';

export function layoutPath(graph: string): string {
  return graph.replace(/\.dsk$/, '.layout.json');
}

export async function readLayout(graph: string): Promise<Layout | null> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(layoutPath(graph), 'utf8'));
  } catch {
    return null; // missing or damaged: the editor lays out anew
  }
  const { format, nodes } = (value ?? {}) as Partial<Layout>;
  if (format !== 1 || typeof nodes !== 'object' || nodes === null) return null;
  const sound = Object.entries(nodes).filter(([, at]) => Number.isFinite(at?.x) && Number.isFinite(at?.y));
  return { format: 1, nodes: Object.fromEntries(sound) };
}

/** One node a line, sorted, so that a diff shows which was moved. */
export async function writeLayout(graph: string, { nodes }: Layout): Promise<void> {
  const lines = Object.entries(nodes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, at]) => `    ${JSON.stringify(path)}: ${JSON.stringify(at)}`);
  await writeFile(layoutPath(graph), `{\n  "format": 1,\n  "nodes": {\n${lines.join(',\n')}\n  }\n}\n`);
}
