// Outliers beside pandas and scipy on real tables: the same rows go, the same limits clip.
import { beforeAll, describe, expect, it } from 'vitest';
import type { TableArtifact } from '../../../engine/nodes/values.ts';
import { askPython, complaintOf, withPython } from '../../data/setting.ts';
import { vega, vegaCsv, workplace } from './cleaning.ts';

const place = workplace();
const files = {
  weather: place.put('weather', vegaCsv('weather.csv')),
  movies: place.put('movies', vega('movies.json')),
  few: place.put('few', [
    ...[1, 2, 2, 3, 3, 3, 4, 4, 5, 90, null].map((x) => ({ x, y: 1, kind: 'a' })),
    ...[1, 1, 1, 1].map((x) => ({ x, y: 1, kind: 'b' })),
  ]),
};

const python = `
import pandas as pd, numpy as np
from scipy import stats
def limits(x, method, threshold):
    if method == "zscore":
        assert np.allclose(stats.zscore(x.to_numpy(float), ddof=1, nan_policy="omit"), (x - x.mean()) / x.std(), equal_nan=True)
        return x.mean() - threshold * x.std(), x.mean() + threshold * x.std()
    if method == "robust_zscore":
        assert np.isclose(stats.median_abs_deviation(x, nan_policy="omit"), (x - x.median()).abs().median(), equal_nan=True)
        step = threshold * (x - x.median()).abs().median() / 0.6745
        return x.median() - step, x.median() + step
    low, high = x.quantile(0.25), x.quantile(0.75)
    return low - threshold * (high - low), high + threshold * (high - low)
answers = []
for path, columns, method, threshold, by in ask:
    table = pd.read_json(path, lines=True, precise_float=True)
    groups = [table] if not by else [part for _, part in table.groupby(by, dropna=False)]
    out, clipped = set(), {c: table[c].astype(float).copy() for c in columns}
    for part in groups:
        for c in columns:
            low, high = limits(part[c], method, threshold)
            if low == high or np.isnan(low): continue
            out |= set(part.index[(part[c] < low) | (part[c] > high)].tolist())
            clipped[c].loc[part.index] = part[c].clip(low, high)
    answers.append({"out": sorted(out), "clipped": {c: [None if np.isnan(v) else v for v in x] for c, x in clipped.items()}})
print(json.dumps(answers))`;

interface Answer {
  out: number[];
  clipped: Record<string, (number | null)[]>;
}

const tasks = [
  ['weather', ['wind'], 'zscore', 3, []],
  ['weather', ['precipitation', 'temp_max', 'wind'], 'zscore', 2.5, ['location']],
  ['weather', ['wind', 'temp_min'], 'robust_zscore', 2, []],
  ['weather', ['wind', 'temp_min'], 'robust_zscore', 3.5, ['location', 'weather']],
  ['weather', ['wind', 'precipitation'], 'iqr', 1.5, ['location', 'weather']],
  ['movies', ['Worldwide Gross', 'IMDB Rating'], 'zscore', 3, []],
  ['movies', ['Production Budget'], 'robust_zscore', 3.5, ['Major Genre']],
  ['movies', ['Running Time min', 'IMDB Votes'], 'iqr', 1.5, ['MPAA Rating']],
] as const;

withPython('beside pandas and scipy', () => {
  let answers: Answer[];
  beforeAll(() => {
    const asked = tasks.map(([table, ...rest]) => [files[table], ...rest]);
    answers = askPython(python, asked) as Answer[];
  }, 60_000);

  it.each(tasks.map((task, i) => [...task, i] as const))(
    '%s %j by %s over %d in groups of %j',
    async (table, columns, method, threshold, by, i) => {
      const theirs = answers[i] as Answer;
      const call = `outliers(t, columns: ${JSON.stringify(columns)}, method: "${method}", threshold: ${threshold}${
        by.length > 0 ? `, by: ${JSON.stringify(by)}` : ''
      }`;
      const ran = await place.run(
        `t = load("${table}.jsonl")\nd = ${call})\nm = ${call}, action: "mark")\nc = ${call}, action: "clip")`,
      );
      expect(theirs.out.length).toBeGreaterThan(5);
      expect((await place.rows(ran, 'd', 'removed')).map(({ row }) => row)).toEqual(theirs.out);
      const all = await place.rows(ran, 't');
      expect((await place.rows(ran, 'd')).map(({ row }) => row)).toEqual(
        all.map(({ row }) => row).filter((row) => !theirs.out.includes(row as number)),
      );
      const marked = await place.rows(ran, 'm');
      expect(marked.filter(({ outlier }) => outlier).map(({ row }) => row)).toEqual(theirs.out);
      const clipped = await place.rows(ran, 'c');
      const { columns: types } = ran.made.c?.table as TableArtifact;
      for (const column of columns) {
        // Whole numbers stay whole, less than 1 inside of the limit.
        const digits = types[column] === 'integer' ? -0.301 : 6;
        for (const [row, value] of (theirs.clipped[column] as (number | null)[]).entries()) {
          const own = clipped[row]?.[column];
          if (value === null) expect(own).toBeNull();
          else if (Math.abs((own as number) - value) > 1e-9 * Math.abs(value)) {
            expect(own, `${column} ${row}`).toBeCloseTo(value, digits);
          }
        }
      }
    },
  );
});

describe('outliers', () => {
  it('says why a row went, and in which group', async () => {
    const ran = await place.run(`t = load("few.jsonl")
z = outliers(t, columns: "x", threshold: 2, by: "kind")
q = outliers(t, columns: "x", method: "iqr")
r = outliers(t, rule: "x > 3 AND kind = 'a'")`);
    const reasons = async (node: string) => (await place.rows(ran, node, 'removed')).map(({ reason }) => reason);
    expect(await reasons('z')).toEqual(['x 90 (kind a): z-score 2.844, at most 2']);
    expect(await reasons('q')).toEqual(['x 90: above 7.875, the third quartile plus 1.5 ranges between the quartiles']);
    expect(await reasons('r')).toHaveLength(4);
    expect((await reasons('r'))[0]).toBe("the rule holds: x > 3 AND kind = 'a'");
    expect(ran.warnings).toEqual(['x: all values are equal in 1 of 2 groups, where nothing counts as an outlier']);
    expect(ran.log).toContain('1 of 15 rows were outliers and are dropped');
    expect(Object.keys((await place.rows(ran, 'z', 'removed'))[0] as object).at(-1)).toBe('reason');
    expect(ran.specs.z).toMatchObject({ removed: { columns: { x: 'integer', reason: 'text' } } });
  });

  it('keeps nulls, and knows no outliers where there is no spread', async () => {
    const ran = await place.run(`t = load("few.jsonl")
z = outliers(t, columns: ["x", "y"], threshold: 2)
y = outliers(t, columns: "y", method: "iqr", action: "mark", name: "odd")`);
    const kept = await place.rows(ran, 'z');
    expect(kept.filter(({ x }) => x === null)).toHaveLength(1);
    expect(kept).toHaveLength(14);
    expect((await place.rows(ran, 'y')).every(({ odd }) => odd === false)).toBe(true);
    expect(ran.warnings).toEqual([
      'y: all values are equal, so that nothing counts as an outlier',
      'y: half of the values are equal, so that nothing counts as an outlier',
    ]);
  });

  it('counts infinite numbers as outliers and NaN as missing', async () => {
    const ran = await place.run(`t = load("few.jsonl")
n = derive(t, name: "v", value: "CASE row WHEN 0 THEN 'inf'::DOUBLE WHEN 1 THEN 'nan'::DOUBLE ELSE row END")
z = outliers(n, columns: "v")
c = outliers(n, columns: "v", action: "clip")`);
    const removed = await place.rows(ran, 'z', 'removed');
    expect(removed.map(({ reason }) => reason)).toEqual(['v inf: z-score inf, at most 3']);
    const clipped = await place.rows(ran, 'c');
    expect(clipped[0]?.v).toBeCloseTo(8 + 3 * Math.sqrt((13 * 14) / 12), 9);
    expect(clipped[1]?.v).toBeNaN();
  });

  it('says so when everything is an outlier', async () => {
    expect(await complaintOf(place.run('t = load("few.jsonl")\nz = outliers(t, rule: "row >= 0")'))).toMatchObject({
      code: 'data-empty',
      at: 'rule',
      message: 'each of 15 rows counts as an outlier',
    });
  });

  it.each([
    ['outliers(t)', 'param-missing'],
    ['outliers(t, columns: "z")', 'column-unknown at "z": there is no column `z`'],
    ['outliers(t, columns: "kind")', 'column-type at "kind": column `kind` holds text, not integer or number'],
    ['outliers(t, columns: "x", by: "knd")', 'column-unknown at "knd": there is no column `knd`'],
    ['outliers(t, columns: "x", name: "odd")', 'param-idle at "odd"'],
    ['outliers(t, columns: "x", action: "mark", name: "kind")', 'column-name at "kind"'],
    ['outliers(t, columns: "x", rule: "x > 1")', 'param-idle at "x"'],
    ['outliers(t, rule: "x > 1", method: "iqr")', 'param-idle at "iqr"'],
    ['outliers(t, rule: "x > 1", threshold: 2)', 'param-idle at 2'],
    ['outliers(t, rule: "x > 1", by: "kind")', 'param-idle at "kind"'],
    ['outliers(t, rule: "x > 1", action: "clip")', 'param-idle at "clip": a rule gives no limits to clip to'],
    ['outliers(t, rule: "x + 1")', 'expression-type at "x + 1": the rule is of type integer, not true or false'],
    ['outliers(t, rule: "z > 1")', 'column-unknown at "z > 1": there is no column `z` at character 1'],
  ])('%s is refused', async (call, message) => {
    const [first, ...others] = await place.errors(`t = load("few.jsonl")\no = ${call}`);
    expect(first?.slice(0, message.length)).toBe(message);
    expect(others).toEqual([]);
  });
});
