// Which charts a training's numbers make: those that belong together share one, and what is not known here gets one of its own.
import type { Key } from '../words/index.ts';

export interface ChartSpec {
  readonly id: string;
  /** Null: called by its id. */
  readonly title: Key | null;
  /** Names of the numbers it shows, the main one first. */
  readonly names: readonly string[];
  /** Whether a logarithmic axis is the better first choice. */
  readonly log: boolean;
}

const known: readonly ChartSpec[] = [
  { id: 'loss', title: 'curves.loss', names: ['loss', 'valid_loss'], log: false },
  { id: 'learning_rate', title: 'curves.learning_rate', names: ['learning_rate'], log: false },
  { id: 'gradient_norm', title: 'curves.gradient_norm', names: ['gradient_norm'], log: false },
  { id: 'tokens_per_second', title: 'curves.tokens_per_second', names: ['tokens_per_second'], log: false },
  { id: 'expert_imbalance', title: 'curves.expert_imbalance', names: [], log: false },
];

/** The figures of the machine (engine/run/machine.ts): after everything else. */
const ofMachine: readonly ChartSpec[] = [
  { id: 'processor_percent', title: 'curves.processor', names: [], log: false },
  { id: 'memory_gb', title: 'curves.memory', names: [], log: false },
  { id: 'disk_mb_per_second', title: 'curves.disk', names: [], log: false },
  { id: 'disk_free_gb', title: 'curves.disk_free', names: ['disk_free_gb'], log: false },
  { id: 'gpu_percent', title: 'curves.gpu', names: [], log: false },
  { id: 'gpu_memory_gb', title: 'curves.gpu_memory', names: [], log: false },
  { id: 'gpu_watts', title: 'curves.gpu_watts', names: [], log: false },
  { id: 'gpu_celsius', title: 'curves.gpu_celsius', names: [], log: false },
];

/** @param names of all numbers that the runs report */
export function chartsOf(names: Iterable<string>): ChartSpec[] {
  const left = new Set(names);
  const take = (specs: readonly ChartSpec[]) =>
    specs.flatMap((chart) => {
      const prefix = `${chart.id}/`;
      const own = [
        ...chart.names.filter((name) => left.has(name)),
        ...[...left].filter((name) => name.startsWith(prefix)),
      ];
      for (const name of own) left.delete(name);
      return own.length > 0 ? [{ ...chart, names: own }] : [];
    });
  const charts = take(known);
  const machine = take(ofMachine);
  const groups = new Map<string, string[]>();
  for (const name of left) {
    const id = name.includes('/') ? name.slice(0, name.indexOf('/')) : name;
    groups.set(id, [...(groups.get(id) ?? []), name]);
  }
  for (const [id, own] of groups) charts.push({ id, title: null, names: own, log: false });
  return [...charts, ...machine];
}
