// The numbers of a training node as columns, from the events of a run: a hundred thousand steps in about a second.
import type { Series } from './contract.ts';
import { parseEvent, readLines } from './events.ts';

const other = new Set(['event', 'node', 'step', 'at']);

/** @param path the run's events.jsonl */
export async function readSeries(path: string, node: string): Promise<Series> {
  const steps: number[] = [];
  const at: number[] = [];
  const columns = new Map<string, (number | null)[]>();
  const experts: { step: number; load: Record<string, number[]> }[] = [];
  await readLines(path, 0, (line) => {
    // Most lines are read for nothing otherwise.
    if (!line.includes('"step"') && !line.includes('"experts"')) return;
    const event = parseEvent(line) as Record<string, unknown> | null;
    if (event?.node !== node || typeof event.step !== 'number') return;
    if (event.event === 'experts') return void experts.push(event as unknown as (typeof experts)[number]);
    if (event.event === 'back') {
      // What was told of later steps does not count any more.
      const left = steps.findLastIndex((step) => step <= (event.step as number)) + 1;
      for (const each of [steps, at, ...columns.values()]) each.length = Math.min(each.length, left);
      return;
    }
    if (event.event !== 'step') return;
    const row = steps.push(event.step) - 1;
    at.push(typeof event.at === 'number' ? event.at : 0);
    for (const [name, value] of Object.entries(event)) {
      if (other.has(name) || (typeof value !== 'number' && value !== null)) continue;
      const column = columns.get(name) ?? [];
      columns.set(name, column);
      while (column.length < row) column.push(null);
      column[row] = value;
    }
  });
  for (const column of columns.values()) while (column.length < steps.length) column.push(null);
  return { step: steps, at, columns: Object.fromEntries(columns), experts: byLayer(experts) };
}

function byLayer(reports: { step: number; load: Record<string, number[]> }[]): Series['experts'] {
  const load: Record<string, number[][]> = {};
  const layers = new Set(reports.flatMap((report) => Object.keys(report.load)));
  for (const layer of layers) load[layer] = reports.map((report) => report.load[layer] ?? []);
  return { step: reports.map(({ step }) => step), load };
}
