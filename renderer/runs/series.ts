// The numbers of a training, step by step, in arrays that grow: appending a batch of events copies nothing that was there.
import type { Series } from '../../engine/host/contract.ts';
import type { RunEvent } from '../../engine/run/events.ts';

export interface Experts {
  /** Experts of this layer. */
  readonly count: number;
  readonly step: Growing;
  /** `count` values a row. */
  readonly load: Growing;
}

/** Numbers with room at the end. */
export interface Growing {
  values: Float64Array;
  length: number;
}

export interface Curves {
  readonly step: Growing;
  /** Seconds since the run began. */
  readonly at: Growing;
  /** As long as `step`; NaN where a step has no such number. */
  readonly columns: Map<string, Growing>;
  /** By layer. */
  readonly experts: Map<string, Experts>;
}

export function newCurves(): Curves {
  return { step: growing(), at: growing(), columns: new Map(), experts: new Map() };
}

export function growing(capacity = 256): Growing {
  return { values: new Float64Array(capacity), length: 0 };
}

export function push(array: Growing, value: number): void {
  if (array.length === array.values.length) {
    const wider = new Float64Array(2 * array.values.length);
    wider.set(array.values);
    array.values = wider;
  }
  array.values[array.length++] = value;
}

/** What is filled, without a copy. Valid until the next push. */
export function filled(array: Growing): Float64Array {
  return array.values.subarray(0, array.length);
}

export function curvesOf(series: Series): Curves {
  const curves = newCurves();
  for (const step of series.step) push(curves.step, step);
  for (const at of series.at) push(curves.at, at);
  for (const [name, values] of Object.entries(series.columns)) {
    const column = growing(Math.max(256, values.length));
    for (const value of values) push(column, value ?? Number.NaN);
    curves.columns.set(name, column);
  }
  for (const [layer, rows] of Object.entries(series.experts.load)) {
    rows.forEach((load, row) => addLoad(curves, layer, series.experts.step[row] ?? 0, load));
  }
  return curves;
}

/** Takes what one node reports after the steps that are there already. @returns whether anything was new */
export function append(curves: Curves, node: string, events: readonly RunEvent[]): boolean {
  let changed = false;
  for (const each of events) {
    if (each.event === 'back' && each.node === node) changed = cut(curves, each.step) || changed;
    if (each.event === 'experts' && each.node === node) changed = loads(curves, each.step, each.load) || changed;
    if (each.event !== 'step' || each.node !== node || each.step <= last(curves.step)) continue;
    changed = true;
    const { event: _, node: __, step, at, ...rest } = each;
    push(curves.step, step);
    push(curves.at, at);
    for (const [name, value] of Object.entries(rest)) {
      if (typeof value === 'number' || value === null)
        column(curves, name, curves.step.length - 1, value ?? Number.NaN);
    }
    for (const each of curves.columns.values()) if (each.length < curves.step.length) push(each, Number.NaN);
  }
  return changed;
}

/** Forgets the steps after this one: the training went back. */
function cut(curves: Curves, step: number): boolean {
  const { length } = curves.step;
  while (last(curves.step) > step) {
    for (const each of [curves.step, curves.at, ...curves.columns.values()]) each.length--;
  }
  return curves.step.length < length;
}

/** The newest value, or -1 where there is none. */
export function last(array: Growing): number {
  return array.length === 0 ? -1 : (array.values[array.length - 1] as number);
}

function column(curves: Curves, name: string, row: number, value: number): void {
  let array = curves.columns.get(name);
  if (!array) {
    array = growing();
    for (let i = 0; i < row; i++) push(array, Number.NaN);
    curves.columns.set(name, array);
  }
  push(array, value);
}

/** Tokens each expert got, by layer. */
function loads(curves: Curves, step: number, load: { readonly [layer: string]: readonly number[] }): boolean {
  let changed = false;
  for (const [layer, each] of Object.entries(load)) {
    const known = curves.experts.get(layer);
    if (known && step <= last(known.step)) continue;
    addLoad(curves, layer, step, each);
    changed = true;
  }
  return changed;
}

function addLoad(curves: Curves, layer: string, step: number, load: readonly number[]): void {
  let experts = curves.experts.get(layer);
  if (!experts) {
    experts = { count: load.length, step: growing(), load: growing() };
    curves.experts.set(layer, experts);
  }
  if (load.length !== experts.count) return;
  push(experts.step, step);
  for (const each of load) push(experts.load, each);
}

/** Row of the last step at or before `step`, or -1. */
export function rowAt(steps: Float64Array, step: number): number {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((steps[middle] as number) <= step) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
