// The kinds that choose, join, mix and deal out rows: beside pandas, and beside the definitions of their draws written anew here.
import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TableArtifact, TableSpec } from '../../../engine/nodes/values.ts';
import { askPython, complaintOf, withPython } from '../../data/setting.ts';
import { type Ran, type Row, vega, vegaCsv, workplace } from './cleaning.ts';

const place = workplace();
const { put, run, rows, errors } = place;

const cars = vega('cars.json') as (Row & { Name: string; Origin: string; Cylinders: number })[];
const people = [
  { name: 'ann', age: 30, score: 1 },
  { name: 'bob', age: 40, score: 2 },
  { name: 'bob', age: 41, score: 3 },
  { name: null, age: 9, score: 4 },
  { name: 'eve', age: 50, score: 5 },
];
const notes = ['ann', 'cid', 'bob', 'ann', null, 'dan'].map((user, i) => ({ user, score: i / 2, text: `note ${i}` }));

beforeAll(() => {
  put('cars', cars);
  put('people', people);
  put('notes', notes);
  put('stocks', vegaCsv('stocks.csv'));
  put(
    'hundred',
    Array.from({ length: 100 }, (_, i) => ({ label: i % 20 === 0 ? 'rare' : 'common', by: `u${i % 13}` })),
  );
});

const load = (...names: string[]) => names.map((name) => `${name} = load("${name}.jsonl")`).join('\n');
const column = async (ran: Ran, node: string, name = 'row', output = 'table') =>
  (await rows(ran, node, output)).map((row) => row[name]);

/** What was said before the run is what there is after it, for each table of each node. */
function asSaid(ran: Ran): void {
  for (const [node, outputs] of Object.entries(ran.made)) {
    for (const [output, artifact] of Object.entries(outputs)) {
      const said = (ran.specs[node]?.[output] as TableSpec | undefined)?.columns;
      const columns = (artifact as TableArtifact).columns;
      expect([node, output, said && Object.entries(said)]).toEqual([node, output, Object.entries(columns)]);
    }
  }
}

/** The random number of a row, or of a value, as the kinds define it: MD5 of "seed:row". */
const draw = (seed: number, what: string | number) =>
  BigInt(
    `0x${Buffer.from(createHash('md5').update(`${seed}:${what}`).digest())
      .reverse()
      .toString('hex')}`,
  );
const inOrder = (count: number, seed: number) =>
  [...Array(count).keys()].sort((a, b) => (draw(seed, a) < draw(seed, b) ? -1 : 1));
const ascending = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b);

describe('columns', () => {
  it('are chosen, renamed and computed, and said exactly before the run', async () => {
    const ran = await run(`${load('cars')}
few    = select(cars, columns: ["Year", "Name"])
most   = select(cars, except: ["Name", "row"])
named  = rename(few, columns: ["Name: Year", "Year: Name"])
litres = derive(cars, name: "litres_per_100km", value: "235.215 / Miles_per_Gallon")
short  = derive(few, name: "Name", value: "upper(left(Name, 3))")
year   = derive(few, name: "first", value: "year(Year)")
typed  = derive(few, name: "x", value: "[1, 2][1]", type: "text")`);
    asSaid(ran);
    expect((await rows(ran, 'few'))[0]).toEqual({ Year: new Date('1970-01-01'), Name: cars[0]?.Name });
    expect(Object.keys((await rows(ran, 'most'))[0] ?? {})).not.toContain('Name');
    expect((await rows(ran, 'named'))[0]).toEqual({ Name: new Date('1970-01-01'), Year: cars[0]?.Name });
    expect(await column(ran, 'litres', 'litres_per_100km')).toEqual(
      cars.map(({ Miles_per_Gallon: miles }) => (miles === null ? null : 235.215 / (miles as number))),
    );
    expect((await rows(ran, 'short'))[0]).toEqual({ Year: new Date('1970-01-01'), Name: 'CHE' });
    expect((await column(ran, 'year', 'first'))[0]).toBe(1970);
    expect((await column(ran, 'typed', 'x'))[0]).toBe('1');
  });

  it.each([
    ['select(cars, columns: "name")', 'column-unknown at "name": there is no column `name`'],
    ['select(cars)', 'param-missing at select: `select` needs `columns` or `except`'],
    ['select(cars, columns: "Name", except: "Year")', 'param-idle at "Year": `except` has no meaning beside `columns`'],
    ['select(cars, columns: ["Name", "Name"])', 'column-name at ["Name", "Name"]: column `Name` is named twice'],
    ['rename(cars, columns: "Name")', 'param-pair at "Name": "Name" is no pair'],
    ['rename(cars, columns: "Nam: name")', 'column-unknown at "Nam: name": there is no column `Nam`'],
    ['rename(cars, columns: "Name: year")', 'column-name at "Name: year": there is a column `Year` already'],
    ['rename(cars, columns: "Name: dsk_name")', 'column-name at "Name: dsk_name": the name `dsk_name` is reserved'],
    ['derive(cars, name: "NAME", value: "1")', 'column-name at "NAME": there is a column `Name` already'],
    ['derive(cars, name: "x", value: "Nme")', 'column-unknown at "Nme": there is no column `Nme` at character 1'],
    ['derive(cars, name: "x", value: "random()")', 'expression-impure at "random()": random()'],
    [
      'derive(cars, name: "x", value: "Year - Year")',
      'expression-type at "Year - Year": the type of this value cannot be told before the run',
    ],
    ['derive(cars, name: "x", value: "Name + 1")', 'expression-type at "Name + 1": `Name + 1`: '],
  ])('%s', async (statement, message) => {
    const [first = '', ...others] = await errors(`${load('cars')}\nx = ${statement}`);
    expect(first.slice(0, message.length)).toBe(message);
    expect(others).toEqual([]);
  });

  it('say which value cannot be converted', async () => {
    const graph = `${load('cars')}\nx = derive(cars, name: "n", value: "Name", type: "number")`;
    expect(await complaintOf(run(graph))).toMatchObject({ code: 'expression-value', at: 'value' });
  });
});

describe('join', () => {
  const joins = (how: string, more = '') => `${load('notes', 'people')}
j = join(notes, people, on: "user: name", how: "${how}"${more})`;

  it('keeps the order of the left rows, and of their partners; null has no partner', async () => {
    const ran = await run(joins('left', ', suffix: "_p"'));
    asSaid(ran);
    expect(Object.keys((await rows(ran, 'j'))[0] ?? {})).toEqual([
      'row',
      'user',
      'score',
      'text',
      'row_p',
      'age',
      'score_p',
    ]);
    expect((await rows(ran, 'j')).map(({ row, age }) => [row, age])).toEqual([
      ...[
        [0, 30],
        [1, null],
        [2, 40],
        [2, 41],
        [3, 30],
        [4, null],
        [5, null],
      ],
    ]);
    const full = await run(joins('full', ', suffix: "_p"'));
    asSaid(full);
    expect((await rows(full, 'j')).slice(7).map(({ row, user, age }) => [row, user, age])).toEqual([
      ...[
        [null, null, 9],
        [null, 'eve', 50],
      ],
    ]);
  });

  it('gives the left rows that are left out, with the reason', async () => {
    const inner = await run(joins('inner', ', suffix: "_p"'));
    asSaid(inner);
    expect(await column(inner, 'j')).toEqual([0, 2, 2, 3]);
    const reasons = [
      'join: people has no row with this name',
      'join: user is missing',
      'join: people has no row with this name',
    ];
    expect(await column(inner, 'j', 'row', 'removed')).toEqual([1, 4, 5]);
    expect(await column(inner, 'j', 'reason', 'removed')).toEqual(reasons);
    const semi = await run(joins('semi'));
    asSaid(semi);
    expect([await column(semi, 'j'), await column(semi, 'j', 'reason', 'removed')]).toEqual([[0, 2, 3], reasons]);
    const anti = await run(joins('anti'));
    expect([await column(anti, 'j'), await column(anti, 'j', 'row', 'removed')]).toEqual([
      [1, 4, 5],
      [0, 2, 3],
    ]);
  });

  it.each([
    ['join(notes, people, on: "user")', 'column-unknown at "user": there is no column `user` in `right`'],
    ['join(notes, people, on: "usr: name")', 'column-unknown at "usr: name": there is no column `usr` in `left`'],
    ['join(notes, people, on: "user: name")', 'column-name at people: both tables have a column `row`'],
    [
      'join(notes, people, on: "text: age")',
      'column-type at "text: age": column `text` of `left` holds text, and `age` of `right` integer',
    ],
    [
      'join(notes, people, on: "user: name", how: "semi", suffix: "_p")',
      'param-idle at "_p": `suffix` has no meaning for how: "semi", which adds no columns',
    ],
  ])('%s', async (statement, message) => {
    expect(await errors(`${load('notes', 'people')}\nx = ${statement}`)).toEqual([message]);
  });

  it('says so when nothing is left', async () => {
    const graph = `${load('notes', 'people')}\nx = join(notes, people, on: "text: name", how: "semi")`;
    expect(await complaintOf(run(graph))).toMatchObject({
      code: 'data-empty',
      at: 'on',
      message: 'none of the 6 rows of `left` has a partner among the 5 of `right`',
    });
  });

  withPython('as pandas joins', () => {
    it.each(['inner', 'left', 'outer'])('%s', async (how) => {
      const ran = await run(`${load('cars', 'stocks')}
origins = dedup(select(cars, columns: ["Origin", "Cylinders"]))
j = join(select(cars, columns: ["row", "Origin", "Cylinders"]), derive(origins, name: "key", value: "Origin || Cylinders"), on: ["Origin", "Cylinders"], how: "${how === 'outer' ? 'full' : how}")`);
      const expected = askPython(
        `import pandas as pd
cars = pd.DataFrame(ask["cars"])[["Origin", "Cylinders"]].rename_axis("row").reset_index()
right = cars[["Origin", "Cylinders"]].drop_duplicates()
right = right.assign(key=right.Origin + right.Cylinders.astype(str))
j = cars.merge(right, on=["Origin", "Cylinders"], how=ask["how"]).sort_values("row", kind="stable")
print(json.dumps(j[["row", "Origin", "Cylinders", "key"]].to_dict("records")))`,
        { cars, how },
      );
      expect(await rows(ran, 'j')).toEqual(expected);
    });
  });
});

describe('concat', () => {
  it('brings columns together by name, one table below the other', async () => {
    const ran = await run(`${load('people', 'notes')}
both = concat(people, notes, missing: "null")
same = concat(rename(people, columns: "name: user"), select(notes, columns: ["score", "user", "row"]), people, missing: "null")
mine = concat(people, people, people)`);
    asSaid(ran);
    const all = await rows(ran, 'both');
    expect(all.map(({ row }) => row)).toEqual([0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 5]);
    expect(all[5]).toEqual({ row: 0, name: null, age: null, score: 0, user: 'ann', text: 'note 0' });
    expect(ran.specs.both).toMatchObject({ table: { columns: { score: 'number' } } });
    expect(await column(ran, 'same', 'user')).toEqual([
      ...people.map((p) => p.name),
      ...notes.map((n) => n.user),
      ...people.map(() => null),
    ]);
    expect((await rows(ran, 'mine')).length).toBe(15);
  });

  it.each([
    ['concat(people)', 'input-missing at concat: the input `table2` of `concat` needs a table, and none is given'],
    ['concat(people, notes)', 'column-unknown at notes: `notes` has no column `name`'],
    [
      'concat(people, derive(people, name: "age", value: "name"))',
      'column-type at derive(people, name: "age", value: "name"): column `age` holds integer in `people` and text in `x.table2`',
    ],
    [
      'concat(people, rename(people, columns: "age: Age"), missing: "null")',
      'column-name at concat: columns `age` and `Age` differ only in case',
    ],
  ])('%s', async (statement, message) => {
    const [first] = await errors(`${load('people', 'notes')}\nx = ${statement}`);
    expect(first).toBe(message);
  });

  withPython('as pandas does', () => {
    it('columns and rows', async () => {
      const ran = await run(`${load('people', 'notes')}\nc = concat(notes, people, notes, missing: "null")`);
      const expected = askPython(
        `import pandas as pd
a, b = [pd.DataFrame(ask[k]).rename_axis("row").reset_index() for k in ("notes", "people")]
c = pd.concat([a, b, a], ignore_index=True)
print(c.to_json(orient="records"))`,
        { notes, people },
      );
      expect(await rows(ran, 'c')).toEqual(expected);
    });
  });
});

describe('mix', () => {
  /** interleave_datasets of Hugging Face's datasets with probabilities, over our draws. */
  function interleaved(sizes: number[], weights: number[], seed: number, until: 'first' | 'all'): [number, number][] {
    const sum = weights.reduce((total, weight) => total + weight);
    const bounds = weights.map((_, i) => weights.slice(0, i + 1).reduce((total, weight) => total + weight) / sum);
    const [next, over] = [sizes.map(() => 0), sizes.map(() => false)];
    const taken: [number, number][] = [];
    while (!(until === 'all' ? over.every(Boolean) : over.some(Boolean))) {
      const chance = Number(draw(seed, taken.length) >> 75n) / 2 ** 53;
      const source = bounds.findIndex((bound, i) => chance < bound || i === bounds.length - 1);
      taken.push([source, next[source] as number]);
      next[source] = (next[source] as number) + 1;
      if (next[source] === sizes[source]) [over[source], next[source]] = [true, 0];
    }
    return taken;
  }

  it.each([
    ['first', [1, 1], 0],
    ['first', [1, 9], 7],
    ['all', [5, 1], 0],
    ['all', [1, 50], 3],
  ] as const)('until the %s is exhausted, weights %j', async (until, weights, seed) => {
    const ran = await run(`${load('cars', 'hundred')}
a = derive(select(cars, columns: "row"), name: "source", value: "0")
b = derive(select(hundred, columns: "row"), name: "source", value: "1")
m = mix(a, b, weights: [${weights.join(', ')}], until: "${until}_exhausted", seed: ${seed})`);
    asSaid(ran);
    const found = (await rows(ran, 'm')).map(({ source, row }) => [source, row]);
    expect(found).toEqual(interleaved([cars.length, 100], [...weights], seed, until));
  });

  it('takes three tables alike by default', async () => {
    const ran = await run(`${load('hundred')}
m = mix(hundred, hundred, hundred)`);
    const taken = interleaved([100, 100, 100], [1, 1, 1], 0, 'first');
    expect(await column(ran, 'm')).toEqual(taken.map(([, row]) => row));
    expect(ran.log.at(-1)).toMatch(/^hundred \d+ of 100, hundred \d+ of 100, hundred \d+ of 100$/);
  });

  it.each([
    ['mix(people, people, weights: [1, 2, 3])', 'param-range at [1, 2, 3]: 3 weights are given for 2 tables'],
    ['mix(people, people, weights: [1, 0])', 'param-range at [1, 0]: a weight is above 0'],
  ])('%s', async (statement, message) => {
    expect(await errors(`${load('people')}\nx = ${statement}`)).toEqual([message]);
  });
});

describe('shuffle', () => {
  it('puts the rows into the order of their draws', async () => {
    const ran = await run(`${load('cars')}\na = shuffle(cars)\nb = shuffle(cars, seed: 5)`);
    asSaid(ran);
    expect(await column(ran, 'a')).toEqual(inOrder(cars.length, 0));
    expect(await column(ran, 'b')).toEqual(inOrder(cars.length, 5));
  });
});

it('a column may be called as DuckDB numbers rows', async () => {
  put('odd', [{ file_row_number: 7 }, { file_row_number: 8 }]);
  const ran = await run(`${load('odd')}\na = shuffle(odd, seed: 1)`);
  expect((await column(ran, 'a', 'file_row_number')).toSorted()).toEqual([7, 8]);
});

describe('sample', () => {
  it('keeps as many rows as asked for, in their order', async () => {
    const ran = await run(`${load('cars')}
a = sample(cars, rows: 17)
b = sample(cars, share: 10%, seed: 2)
c = sample(cars, rows: 100000)`);
    asSaid(ran);
    expect(await column(ran, 'a')).toEqual(ascending(inOrder(cars.length, 0).slice(-17)));
    expect(await column(ran, 'b')).toEqual(ascending(inOrder(cars.length, 2).slice(-40)));
    expect((await rows(ran, 'c')).length).toBe(cars.length);
  });

  it('draws whole groups, or from each class in proportion', async () => {
    const ran = await run(`${load('hundred')}
groups  = sample(hundred, share: 30%, group: "by")
classes = sample(hundred, rows: 40, stratify: "label")`);
    const groups = await rows(ran, 'groups');
    const whole = (by: unknown) => Array.from({ length: 100 }, (_, i) => `u${i % 13}`).filter((each) => each === by);
    expect(groups.map(({ by }) => by).toSorted()).toEqual(
      [...new Set(groups.map(({ by }) => by))].flatMap(whole).toSorted(),
    );
    expect(Math.abs(groups.length - 30)).toBeLessThanOrEqual(4);
    const labels = await column(ran, 'classes', 'label');
    expect([labels.length, labels.filter((label) => label === 'rare').length]).toEqual([40, 2]);
  });

  it.each([
    ['sample(cars)', 'param-missing at sample: `sample` needs `rows` or `share`'],
    ['sample(cars, rows: 3, share: 5%)', 'param-idle at 5%: `share` has no meaning beside `rows`'],
    ['sample(cars, rows: 3, group: "Orign")', 'column-unknown at "Orign": there is no column `Orign`'],
    [
      'sample(cars, rows: 3, group: "Origin", stratify: "Name")',
      'param-idle at "Name": `stratify` has no meaning beside `group`',
    ],
  ])('%s', async (statement, message) => {
    expect(await errors(`${load('cars')}\nx = ${statement}`)).toEqual([message]);
  });
});

describe('split', () => {
  const parts = ['train', 'valid', 'test'];
  const split = async (table: string, more: string) => {
    const ran = await run(`${load(table)}\np = split(${table}, valid: 20%, test: 10%${more})`);
    asSaid(ran);
    const found = await Promise.all(parts.map((part) => rows(ran, 'p', part)));
    const numbers = found.map((part) => part.map(({ row }) => row as number));
    // Nothing is lost, nothing is in two parts, and each part keeps the order.
    expect(ascending(numbers.flat())).toEqual([...Array(numbers.flat().length).keys()]);
    for (const part of numbers) expect(part).toEqual(ascending(part));
    return { found, numbers, sizes: numbers.map(({ length }) => length) };
  };

  it('at random: by the draws of the rows, as ever', async () => {
    const { numbers } = await split('cars', ', seed: 3');
    const order = inOrder(cars.length, 3);
    const train = cars.length - 81 - 40;
    expect(numbers).toEqual(
      [order.slice(0, train), order.slice(train, train + 81), order.slice(train + 81)].map(ascending),
    );
  });

  it('by time: the newest rows are set aside', async () => {
    const { found, sizes } = await split('stocks', ', time: "price"');
    expect(sizes).toEqual([392, 112, 56]);
    const prices = found.map((part) => part.map(({ price }) => price as number));
    expect(Math.max(...(prices[0] ?? []))).toBeLessThanOrEqual(Math.min(...(prices[1] ?? [])));
    expect(Math.max(...(prices[1] ?? []))).toBeLessThanOrEqual(Math.min(...(prices[2] ?? [])));
    const years = await split('cars', ', time: "Year"');
    const [last, first] = [years.found[0], years.found[1]].map((part) => (part ?? []).map(({ Year }) => Number(Year)));
    expect(Math.max(...(last ?? []))).toBeLessThanOrEqual(Math.min(...(first ?? [])));
    expect(years.sizes).toEqual([285, 81, 40]);
  });

  it('by group: a group is in one part, and sizes are as near as groups allow', async () => {
    const { found, sizes } = await split('hundred', ', group: "by"');
    const groups = found.map((part) => new Set(part.map(({ by }) => by)));
    expect(groups.reduce((sum, { size }) => sum + size, 0)).toBe(13);
    for (const [i, wanted] of [70, 20, 10].entries()) expect(Math.abs((sizes[i] ?? 0) - wanted)).toBeLessThanOrEqual(8);
    // Whatever the seed, no part is without a group.
    for (const seed of [1, 2, 3])
      expect(Math.min(...(await split('people', `, group: "name", seed: ${seed}`)).sizes)).toBeGreaterThan(0);
  });

  it('stratified: every class in every part, by its share', async () => {
    const { found, sizes } = await split('hundred', ', stratify: "label"');
    expect(sizes).toEqual([70, 20, 10]);
    const rare = found.map((part) => part.filter(({ label }) => label === 'rare').length);
    expect(rare).toEqual([3, 1, 1]);
    const origin = await split('cars', ', stratify: "Origin"');
    expect(origin.sizes).toEqual([285, 81, 40]);
    for (const name of new Set(cars.map(({ Origin }) => Origin))) {
      const all = cars.filter(({ Origin }) => Origin === name).length;
      const counts = origin.found.map((part) => part.filter(({ Origin }) => Origin === name).length);
      for (const [i, size] of [285, 81, 40].entries()) {
        expect(Math.abs((counts[i] ?? 0) - (all * size) / cars.length)).toBeLessThanOrEqual(i === 0 ? 2 : 1);
      }
    }
  });

  it.each([
    ['split(cars, time: "Name")', 'column-type at "Name": column `Name` holds text, not time or integer or number'],
    ['split(cars, group: "x")', 'column-unknown at "x": there is no column `x`'],
    ['split(cars, time: "Year", group: "Origin")', 'param-idle at "Origin": `group` has no meaning beside `time`'],
    ['split(cars, time: "Year", seed: 4)', 'param-idle at 4: `seed` has no meaning beside `time`'],
  ])('%s', async (statement, message) => {
    expect(await errors(`${load('cars')}\nx = ${statement}`)).toEqual([message]);
  });

  it('refuses too few groups, and times that are missing', async () => {
    const cases = [
      ['cars', 'filter(cars, where: "Origin = \'USA\'")', 'group: "Origin"', 'data-few', 'group'],
      ['cars', 'cars', 'time: "Miles_per_Gallon"', 'data-missing', 'time'],
    ] as const;
    for (const [table, of, how, code, at] of cases) {
      expect(
        await complaintOf(
          run(`${load(table)}\ns = ${of === 'cars' ? 'select(cars, except: "row")' : of}\np = split(s, ${how})`),
        ),
      ).toMatchObject({ code, at });
    }
  });
});
