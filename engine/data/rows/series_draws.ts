// What is drawn for copies of series that go down the rows: where in its series a copy's value is taken from, and by which factor and
// noise it is changed. The values themselves are looked up by a query behind this.

import { type CopyWork, copyRows } from '../../nodes/copies.ts';
import { type Random, random } from '../../nodes/random.ts';
import { factor, noise, timeWarp } from '../series.ts';
import { defineRows } from './rows.ts';

/** It sees `dsk_series`, the number of the row's series, `dsk_place`, its place in it, `dsk_length`, the series' length, and deviations. */
interface Params extends CopyWork {
  /** Number of columns that get noise. */
  noises: number;
  /** Of the noise: a number for all, or a column for each. */
  deviation: number | string[];
  scale: number;
  warp: number;
}

interface Drawn {
  course: ((time: number) => number) | null;
  times: number;
}

export default defineRows<Params>({
  open(params) {
    const { noises, deviation, scale, warp, kind, seed } = params;
    let held = new Map<string, Drawn>();
    const drawn = (series: number, copy: number): Drawn => {
      const key = `${kind} ${seed} series ${series} ${copy}`;
      const before = held.get(key);
      if (before) return before;
      const draw: Random = random(key);
      const now = { course: warp > 0 ? timeWarp(warp, draw) : null, times: factor(scale, draw) };
      if (held.size >= 10_000) held = new Map();
      held.set(key, now);
      return now;
    };
    const columns = ['dsk_place', 'dsk_factor', ...Array.from({ length: noises }, (_, i) => `dsk_noise_${i}`)];
    return (batch, first) => {
      const value = (name: string, at: number) => Number(batch[name]?.[at] ?? 0);
      return copyRows(batch, first, columns, params, (at, draw, copy) => {
        const { course, times } = drawn(value('dsk_series', at), copy);
        const place = value('dsk_place', at);
        const last = value('dsk_length', at) - 1;
        const sigma = (i: number) => (typeof deviation === 'number' ? deviation : value(deviation[i] as string, at));
        return [
          course && last > 0 ? course(place / last) * last : place,
          times,
          ...Array.from({ length: noises }, (_, i) => (sigma(i) > 0 ? (noise(1, sigma(i), draw)[0] as number) : 0)),
        ];
      });
    };
  },
});
