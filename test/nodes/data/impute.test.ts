// Filled values beside pandas and scikit-learn on real tables with gaps.
import { beforeAll, describe, expect, it } from 'vitest';
import { openNeighbours } from '../../../engine/data/neighbours.ts';
import { solve } from '../../../engine/nodes/ridge.ts';
import { askPython, complaintOf, withPython } from '../../data/setting.ts';
import { type Row, vega, vegaCsv, workplace } from './cleaning.ts';

const place = workplace();

/** The same gaps in every run: about one value in `one`. */
function withGaps(rows: Row[], columns: string[], one: number): Row[] {
  let state = 12345;
  const draw = () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state >>> 16;
  };
  return rows.map((row) => {
    const holes = columns.filter(() => draw() % one === 0);
    return { ...row, ...Object.fromEntries(holes.map((name) => [name, null])) };
  });
}

/** Numbers a little off, so that no two rows are equally far from a third: which of them is taken is not said anywhere. */
const apart = (rows: Row[], name: string): Row[] =>
  rows.map((row, i) => ({ ...row, [name]: (row[name] as number) + Math.sin(i) / 1000 }));

const weather = withGaps(vegaCsv('weather.csv'), ['temp_max', 'wind', 'weather'], 5);
const cars = withGaps(apart(vega('cars.json'), 'Acceleration'), ['Weight_in_lbs', 'Displacement'], 6);
const files = {
  weather: place.put('weather', weather),
  cars: place.put('cars', cars),
  // Another half to learn from.
  early: place.put('early', weather.slice(0, 1461)),
  late: place.put('late', weather.slice(1461)),
  spring: place.put('spring', apart(weather.slice(0, 300), 'temp_min')),
  summer: place.put('summer', apart(weather.slice(300, 500), 'temp_min')),
  movies: place.put('movies', vega('movies.json')),
  few: place.put('few', [
    { t: '2024-01-01', x: 1, kind: 'a', word: 'one' },
    { t: '2024-01-02', x: null, kind: 'a', word: null },
    { t: '2024-01-05', x: 5, kind: 'a', word: 'two' },
    { t: null, x: null, kind: 'a', word: 'two' },
    { t: '2024-01-06', x: null, kind: 'a', word: 'two' },
    { t: '2024-01-06', x: null, kind: 'b', word: null },
  ]),
};

const car = ['Miles_per_Gallon', 'Cylinders', 'Displacement', 'Horsepower', 'Weight_in_lbs', 'Acceleration'];
const sky = ['precipitation', 'temp_max', 'temp_min', 'wind'];

/** Graph, column that is compared, Python over `t` (the table) that gives the filled column, tolerance. */
const tasks: [string, string, string, number][] = [
  ['impute(weather, columns: "wind", method: "mean")', 'wind', 't.wind.fillna(t.wind.mean())', 1e-12],
  ['impute(weather, columns: ["temp_max", "wind"])', 'temp_max', 't.temp_max.fillna(t.temp_max.median())', 1e-12],
  [
    'impute(weather, columns: "wind", by: ["location", "weather"])',
    'wind',
    't.wind.fillna(t.groupby(["location", "weather"], dropna=False).wind.transform("median"))',
    1e-12,
  ],
  [
    'impute(movies, columns: "Production Budget", method: "mean", by: "Major Genre")',
    'Production Budget',
    't["Production Budget"].fillna(t.groupby("Major Genre", dropna=False)["Production Budget"].transform("mean"))',
    1e-12,
  ],
  ['impute(weather, columns: "weather", method: "mode")', 'weather', 't.weather.fillna(t.weather.mode()[0])', 0],
  [
    'impute(weather, columns: ["weather", "wind"], method: "mode", by: "location")',
    'wind',
    't.wind.fillna(t.groupby("location").wind.transform(lambda x: x.mode()[0]))',
    0,
  ],
  [
    'impute(weather, columns: ["wind", "weather"], method: "mode", by: "location")',
    'weather',
    't.weather.fillna(t.groupby("location").weather.transform(lambda x: x.mode()[0]))',
    0,
  ],
  ['impute(weather, columns: "wind", method: "constant", value: -1.5)', 'wind', 't.wind.fillna(-1.5)', 0],
  ['impute(weather, columns: "weather", method: "forward")', 'weather', 't.weather.ffill()', 0],
  [
    'impute(weather, columns: "wind", method: "backward", by: "location", order: "precipitation")',
    'wind',
    't.sort_values("precipitation", kind="stable").groupby("location").wind.bfill().reindex(t.index)',
    0,
  ],
  [
    'impute(weather, columns: "wind", method: "linear")',
    'wind',
    't.wind.interpolate(method="linear", limit_area="inside")',
    1e-12,
  ],
  [
    'impute(few_days, columns: "wind", method: "linear", order: "date", by: "location")',
    'wind',
    'pd.concat([p.set_index(pd.to_datetime(p.date)).wind.interpolate(method="time", limit_area="inside").set_axis(p.index) for _, p in t.groupby("location")]).reindex(t.index)',
    1e-9,
  ],
  [
    `impute(cars, columns: "Weight_in_lbs", method: "knn", from: ${JSON.stringify(car)})`,
    'Weight_in_lbs',
    'knn(car, 5, "uniform", True, "Weight_in_lbs")',
    1e-9,
  ],
  [
    `impute(cars, columns: "Displacement", method: "knn", from: ${JSON.stringify(car)}, weights: "distance", k: 3)`,
    'Displacement',
    'knn(car, 3, "distance", True, "Displacement")',
    1e-9,
  ],
  [
    `impute(cars, columns: ["Weight_in_lbs", "Displacement", "Miles_per_Gallon"], method: "knn", from: ${JSON.stringify(car)}, scale: false, weights: "distance")`,
    'Miles_per_Gallon',
    'knn(car, 5, "distance", False, "Miles_per_Gallon")',
    1e-9,
  ],
  [
    `impute(summer, columns: ["wind", "temp_max"], method: "knn", from: ${JSON.stringify(sky)}, weights: "distance", k: 7)`,
    'wind',
    'knn(sky, 7, "distance", True, "wind")',
    1e-9,
  ],
  [
    `impute(cars, columns: "Weight_in_lbs", method: "ridge", from: ${JSON.stringify(car)})`,
    'Weight_in_lbs',
    'ridge(t, car, "Weight_in_lbs", 1.0)',
    1e-9,
  ],
  [
    `impute(weather, columns: ["temp_max", "wind"], method: "ridge", from: ${JSON.stringify(sky)}, alpha: 25)`,
    'temp_max',
    'ridge(t, sky, "temp_max", 25.0)',
    1e-9,
  ],
  [
    'impute(late, fit: early, columns: "wind", method: "mean", by: "weather")',
    'wind',
    't.wind.fillna(t.weather.fillna("").map(early.assign(weather=early.weather.fillna("")).groupby("weather").wind.mean()))',
    1e-12,
  ],
  ['impute(late, fit: early, columns: "wind", method: "median")', 'wind', 't.wind.fillna(early.wind.median())', 1e-12],
  [
    `impute(late, fit: early, columns: "wind", method: "ridge", from: ${JSON.stringify(sky)})`,
    'wind',
    'ridge(early, sky, "wind", 1.0)',
    1e-9,
  ],
  [
    `impute(summer, fit: spring, columns: "wind", method: "knn", from: ${JSON.stringify(sky)}, weights: "distance")`,
    'wind',
    'knn(sky, 5, "distance", True, "wind", spring)',
    1e-9,
  ],
];

const python = `
import pandas as pd, numpy as np
from sklearn.impute import KNNImputer
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
tables = {name: pd.read_json(path, lines=True, convert_dates=False, precise_float=True) for name, path in ask["files"].items()}
tables["few_days"] = tables["weather"][tables["weather"].row % 7 != 3].reset_index(drop=True)
car, sky, early, spring = ask["car"], ask["sky"], tables["early"], tables["spring"]
def distance(a, b, missing_values=np.nan):
    # as nan_euclidean_distances, which loses eight digits where rows are near by expanding the square
    both = ~(np.isnan(a) | np.isnan(b))
    if not both.any(): return np.nan
    return np.sqrt(len(a) / both.sum() * ((a - b)[both] ** 2).sum())
def knn(names, k, weights, scale, target, fit=None):
    scaler = StandardScaler() if scale else StandardScaler(with_mean=False, with_std=False)
    known = (t if fit is None else fit)[names].astype(float)
    scaler.fit(known.to_numpy())
    imputer = KNNImputer(n_neighbors=k, weights=weights, metric=distance).fit(scaler.transform(known.to_numpy()))
    filled = scaler.inverse_transform(imputer.transform(scaler.transform(t[names].astype(float).to_numpy())))
    return t[target].fillna(pd.Series(filled[:, names.index(target)], t.index))
def ridge(fit, names, target, alpha):
    features = [n for n in names if n != target]
    whole = fit[names].astype(float).dropna()
    model = make_pipeline(StandardScaler(), Ridge(alpha=alpha)).fit(whole[features].to_numpy(), whole[target].to_numpy())
    rows = t[features].astype(float).fillna(whole[features].mean())
    return t[target].fillna(pd.Series(model.predict(rows.to_numpy()), t.index))
answers = []
for name, code in ask["tasks"]:
    t = tables[name]
    answers.append([None if pd.isna(v) else v for v in eval(code)])
print(json.dumps(answers))`;

withPython('beside pandas and scikit-learn', () => {
  let answers: (number | string | null)[][];
  beforeAll(() => {
    const asked = tasks.map(([call, , code]) => [/\((\w+)/.exec(call)?.[1], code]);
    answers = askPython(python, { files, car, sky, tasks: asked }) as typeof answers;
  }, 60_000);

  it.each(tasks.map(([call, column, , tolerance], i) => [call, column, tolerance, i] as const))(
    '%s',
    async (call, column, tolerance, i) => {
      const table = /\((\w+)/.exec(call)?.[1] as string;
      const load = (name: string) => `${name} = load("${name}.jsonl")\n`;
      const source =
        table === 'few_days'
          ? 'w = load("weather.jsonl")\nfew_days = filter(w, where: "row % 7 <> 3")'
          : `${load(table)}${[...call.matchAll(/fit: (\w+)/g)].map(([, name]) => load(name as string)).join('')}`;
      const ran = await place.run(`${source}\nfilled = ${call}`);
      const before = await place.rows(ran, table);
      const after = await place.rows(ran, 'filled');
      const theirs = answers[i] as (number | string | null)[];
      expect(after).toHaveLength(theirs.length);
      let filled = 0;
      for (const [row, value] of theirs.entries()) {
        const own = after[row]?.[column];
        if (before[row]?.[column] === null && own !== null) filled++;
        if (typeof value === 'number' && typeof own === 'number') {
          if (Math.abs(own - value) > tolerance * Math.max(1, Math.abs(value))) expect(own, `row ${row}`).toBe(value);
        } else expect(own, `row ${row}`).toBe(value);
      }
      expect(filled).toBeGreaterThan(0);
      expect(Object.keys(after[0] as Row)).toEqual(Object.keys(before[0] as Row));
    },
  );
});

it('fills more columns than are asked for at once, each with its own median', async () => {
  const names = Array.from({ length: 1100 }, (_, c) => `c${c}`);
  const value = (row: number, c: number) => ((row + c) % 5 === 0 ? null : row * c + 0.5);
  place.put(
    'wide',
    Array.from({ length: 5 }, (_, row) => Object.fromEntries(names.map((name, c) => [name, value(row, c)]))),
  );
  const ran = await place.run(`w = load("wide.jsonl")\ni = impute(w, columns: ${JSON.stringify(names)})`);
  const rows = await place.rows(ran, 'i');
  for (const [c, name] of names.entries()) {
    const there = [0, 1, 2, 3, 4].flatMap((row) => value(row, c) ?? []).sort((a, b) => a - b);
    const median = ((there[1] as number) + (there[2] as number)) / 2;
    expect(rows.map((row) => row[name])).toEqual([0, 1, 2, 3, 4].map((row) => value(row, c) ?? median));
  }
});

describe('impute', () => {
  const column = async (statements: string, node: string, name: string) => {
    const ran = await place.run(`few = load("few.jsonl")\n${statements}`);
    return { values: (await place.rows(ran, node)).map((row) => row[name]), ran };
  };

  it('goes along the order, in each group, and says what stays empty', async () => {
    const { values, ran } = await column(
      `days = derive(few, name: "day", value: "t::DATE", type: "time")
line = impute(days, columns: "x", method: "linear", order: "day", by: "kind")
rest = impute(line, columns: "x", method: "forward", order: "day")`,
      'line',
      'x',
    );
    // One of four days after the first; without a day, and behind the last value, nothing tells it.
    expect(values).toEqual([1, 2, 5, null, null, null]);
    expect(ran.log).toContain('x: 1 of 6 values filled with what lies between their neighbours');
    expect(ran.warnings).toContain('x: 3 values are still missing, as nothing tells them');
    expect((await place.rows(ran, 'rest')).map(({ x }) => x)).toEqual([1, 2, 5, null, 5, 5]);
    expect(ran.specs.line).toMatchObject({ table: { columns: { x: 'number', day: 'time' } } });
  });

  it('fills text, times and true or false with what is there, or a given value', async () => {
    const { values, ran } = await column(
      `typed = derive(few, name: "day", value: "t::DATE", type: "time")
flags = derive(typed, name: "flag", value: "CASE WHEN x IS NOT NULL THEN x > 2 END")
word = impute(flags, columns: ["word", "flag"], method: "mode")
day = impute(word, columns: "day", method: "constant", value: "2024-02-29")
flag = impute(flags, columns: "flag", method: "constant", value: true)`,
      'day',
      'day',
    );
    expect(values[3]).toEqual(new Date('2024-02-29'));
    const words = await place.rows(ran, 'word');
    expect(words.map(({ word }) => word)).toEqual(['one', 'two', 'two', 'two', 'two', 'two']);
    // Equally frequent: the smaller.
    expect(words.map(({ flag }) => flag)).toEqual([false, false, true, false, false, false]);
    expect((await place.rows(ran, 'flag')).map(({ flag }) => flag)).toEqual([false, true, true, true, true, true]);
    expect(ran.log).toContain('word: 2 of 6 values filled with the mode "two"');
  });

  it('keeps infinite numbers and takes NaN for missing', async () => {
    const { values } = await column(
      `odd = derive(few, name: "v", value: "CASE row WHEN 0 THEN 'inf'::DOUBLE WHEN 1 THEN 'nan'::DOUBLE WHEN 2 THEN NULL ELSE row END")
mean = impute(odd, columns: "v", method: "mean")`,
      'mean',
      'v',
    );
    expect(values).toEqual([Number.POSITIVE_INFINITY, 4, 4, 3, 4, 5]);
  });

  it('looks through so many rows for the nearest, drawn by the seed', async () => {
    const { ran } = await column(
      `weather = load("weather.jsonl")
a = impute(weather, columns: "wind", method: "knn", fit_rows: 200)
b = impute(weather, columns: "wind", method: "knn", fit_rows: 200)
c = impute(weather, columns: "wind", method: "knn", fit_rows: 200, seed: 1)`,
      'a',
      'wind',
    );
    const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((node) => place.rows(ran, node)));
    expect(a).toEqual(b);
    expect(a).not.toEqual(c);
    expect(ran.log).toContain('200 of 2922 rows, drawn at random, are looked through for the nearest (fit_rows)');
  });

  it.each([
    ['columns: "z"', 'column-unknown at "z"'],
    ['columns: ["x", "x"]', 'param-idle at ["x", "x"]: column `x` is named twice'],
    ['columns: "word"', 'column-type at "word": column `word` holds text, not integer or number'],
    ['columns: "x", k: 3', 'param-idle at 3: `k` has no meaning for the method median'],
    ['columns: "x", value: 3', 'param-idle at 3'],
    ['columns: "x", order: "t"', 'param-idle at "t"'],
    ['columns: "x", method: "knn", by: "kind"', 'param-idle at "kind"'],
    ['columns: "x", method: "knn", alpha: 2', 'param-idle at 2'],
    ['columns: "x", method: "linear", order: "word"', 'column-type at "word"'],
    ['columns: "x", method: "linear", order: "x"', 'param-idle at "x": `x` cannot be filled along itself'],
    ['columns: "x", method: "constant"', 'param-missing'],
    [
      'columns: "x", method: "constant", value: "one"',
      'column-type at "one": column `x` holds integer, and "one" is none',
    ],
    ['columns: "x", method: "constant", value: 0.5', 'column-type at 0.5'],
    ['columns: "x", method: "ridge", from: "x"', 'data-few at "x"'],
    ['columns: "x", method: "forward", fit: few', 'param-idle at few: `fit` has no meaning for the method forward'],
    ['columns: "x", fit: other', 'column-unknown at other: there is no column `x`'],
  ])('impute(few, %s) is refused', async (args, message) => {
    const [first, ...others] = await place.errors(
      `few = load("few.jsonl")\nother = select(few, columns: ["kind"])\no = impute(few, ${args})`,
    );
    expect(first?.slice(0, message.length)).toBe(message);
    expect(others).toEqual([]);
  });

  it('says what there is nothing to learn from', async () => {
    const graph = (method: string) =>
      `few = load("few.jsonl")\nnone = filter(few, where: "x IS NULL")\no = impute(none, columns: "x", method: "${method}")`;
    const [median, knn, ridge] = await Promise.all(
      ['median', 'knn', 'ridge'].map((method) => complaintOf(place.run(graph(method)))),
    );
    const nothing = { code: 'data-few', at: 'columns', message: 'column `x` has no value to learn from' };
    expect([median, knn]).toMatchObject([nothing, nothing]);
    expect(ridge?.message).toBe('no row has a value in `x` and in all of row');
    const wrong = 'days = derive(few, name: "day", value: "t::DATE", type: "time")\n';
    expect(
      await complaintOf(
        column(`${wrong}o = impute(days, columns: "day", method: "constant", value: "soon")`, 'o', 'day'),
      ),
    ).toMatchObject({ code: 'column-type', at: 'value', message: '"soon" cannot stand in column `day`' });
  });
});

describe('the nearest rows', () => {
  const model = {
    columns: [
      { name: 'a', values: [0, 0, 1, 5, null] },
      { name: 'b', values: [1, 3, 10, 100, 7] },
    ],
    targets: ['b'],
    k: 3,
    weights: 'distance' as const,
    scale: false,
  };
  const fill = (row: number[], more: object = {}) => openNeighbours({ ...model, ...more })(Float64Array.from(row))[0];

  it('at distance 0 outweigh all others', () => expect(fill([0, Number.NaN])).toBe(2));
  it('of equally near ones the first are taken', () => expect(fill([0, Number.NaN], { k: 1 })).toBe(1));
  it('are all rows where the row has nothing in common with them', () => {
    expect(fill([Number.NaN, Number.NaN])).toBeCloseTo((1 + 3 + 10 + 100 + 7) / 5, 12);
  });
  it('are fewer than k where only so many have a value', () => {
    expect(fill([1, Number.NaN], { k: 9, weights: 'uniform' })).toBe((1 + 3 + 10 + 100) / 4);
  });
  it('leave what is there', () => expect(fill([0, 8])).toBe(8));
});

it('a symmetric system is solved', () => {
  const values = solve([[4], [2, 5], [0.5, -1, 3]], [4 - 4 + 1.5, 2 - 10 - 3, 0.5 + 2 + 9]);
  for (const [i, value] of [1, -2, 3].entries()) expect(values[i]).toBeCloseTo(value, 12);
});
