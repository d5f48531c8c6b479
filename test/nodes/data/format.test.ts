// Formats beside Python: zones as zoneinfo has them, dates as strptime and pandas read them, text as unicodedata normalises it.
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { session } from '../../../engine/data/duckdb.ts';
import { tidy } from '../../../engine/data/tidy.ts';
import { readUsual, wrongSpecifier } from '../../../engine/nodes/dates.ts';
import { askPython, complaintOf, withPython } from '../../data/setting.ts';
import { type Row, vega, vegaCsv, workplace } from './cleaning.ts';

const place = workplace();
const zones = [
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'America/Sao_Paulo',
  'Pacific/Apia',
];

/** Times every 97 minutes over the weeks in which clocks are changed, and some every 37 hours from 1950 to 2022. */
function times(): string[] {
  const found: string[] = [];
  const add = (from: number, to: number, minutes: number) => {
    for (let at = from; at < to; at += minutes * 60_000)
      found.push(new Date(at).toISOString().slice(0, 19).replace('T', ' '));
  };
  add(Date.UTC(1950, 0, 1), Date.UTC(2022, 5, 1), 37 * 60 * 13 + 11);
  for (const year of [1987, 2011, 2018, 2021]) {
    for (const [month, days] of [
      [2, 31],
      [9, 33],
    ] as const)
      add(Date.UTC(year, month, 1), Date.UTC(year, month, days), 97);
  }
  add(Date.UTC(2011, 11, 28), Date.UTC(2012, 0, 2), 47);
  for (const day of [
    '2021-03-28',
    '2021-10-31',
    '2021-03-14',
    '2021-11-07',
    '2021-04-04',
    '2021-10-03',
    '2018-11-04',
    '2018-02-18',
    '2018-02-17',
    '2021-04-11',
    '2021-05-16',
  ]) {
    add(Date.parse(`${day}T00:00Z`), Date.parse(`${day}T23:59Z`), 15);
  }
  return found;
}
const local = times();
place.put(
  'times',
  local.map((time) => ({ time })),
);

const zonePython = `
from datetime import datetime, timezone
from zoneinfo import ZoneInfo
answers = {}
for name in ask["zones"]:
    zone, rows = ZoneInfo(name), []
    for text in ask["times"]:
        t = datetime.fromisoformat(text)
        utc = lambda fold: t.replace(tzinfo=zone, fold=fold).astimezone(timezone.utc)
        back = [utc(fold).astimezone(zone).replace(tzinfo=None) == t for fold in (0, 1)]
        rows.append({
            "there": t.replace(tzinfo=timezone.utc).astimezone(zone).isoformat(),
            "earlier": utc(0).strftime("%Y-%m-%dT%H:%M:%SZ"), "later": utc(1).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "gap": not any(back), "overlap": all(back) and utc(0) != utc(1)})
    answers[name] = rows
print(json.dumps(answers))`;

interface Zoned {
  there: string;
  earlier: string;
  later: string;
  gap: boolean;
  overlap: boolean;
}

withPython('beside zoneinfo', () => {
  let answers: Record<string, Zoned[]>;
  beforeAll(() => {
    answers = askPython(zonePython, { zones, times: local }) as typeof answers;
  }, 60_000);

  it.each(zones)('%s', async (zone) => {
    const theirs = answers[zone] as Zoned[];
    const ran = await place.run(`t = load("times.jsonl", types: ["time: time"])
there = format(t, columns: "time", as: "zone", to: "${zone}", type: "text")
early = format(t, columns: "time", as: "zone", from: "${zone}", to: "UTC", gap: "forward", overlap: "earlier", type: "text")
late = format(t, columns: "time", as: "zone", from: "${zone}", to: "UTC", gap: "null", overlap: "later", type: "text")
sure = format(t, columns: "time", as: "zone", from: "${zone}", to: "UTC", gap: "null", overlap: "null")`);
    const column = async (node: string) => (await place.rows(ran, node)).map(({ time }) => time);
    expect(await column('there')).toEqual(theirs.map(({ there }) => there));
    expect(await column('early')).toEqual(theirs.map(({ earlier }) => earlier));
    expect(await column('late')).toEqual(theirs.map(({ gap, later }) => (gap ? null : later)));
    expect(await column('sure')).toEqual(
      theirs.map(({ gap, overlap, earlier }) => (gap || overlap ? null : new Date(earlier))),
    );
    expect(theirs.some(({ gap }) => gap)).toBe(true);
    // Apia went around the date line, and left out a day, but never set its clocks back in these weeks.
    if (zone !== 'Pacific/Apia') expect(theirs.some(({ overlap }) => overlap)).toBe(true);
  });
});

const mixed = vegaCsv('weather.csv').map(({ date }, i) => {
  const [year, month, day] = String(date).split('-') as [string, string, string];
  const name = new Date(String(date)).toLocaleString('en-US', {
    month: i % 2 === 0 ? 'short' : 'long',
    timeZone: 'UTC',
  });
  const ways = [
    `${year}-${month}-${day}`,
    `${Number(day)}.${Number(month)}.${year}`,
    `${day} ${name} ${year}`,
    `${name} ${Number(day)}, ${year}`,
  ];
  return { date, text: ways[(i >> 1) % ways.length] };
});
const titles = vega('movies.json').map((movie) => String(movie.Title ?? ''));
const odd = [
  'ﬁne  ½ Ⅻ',
  'e\u0301 \u00a0x\t',
  'ǅ ß İ ı Σ ΟΔΟΣ',
  '\u3000全角　ＡＢＣ\u2003',
  '\u1e9b\u0323',
  '한글',
  '\u0085a\u2028b',
];
const numbers = vega('movies.json')
  .flatMap((movie) => [movie['US Gross'], movie['IMDB Rating']])
  .filter((x) => typeof x === 'number');

const readings = [
  ['%d.%m.%Y', '%Y-%m-%d', '%d %b %Y', '%d %B %Y', '%b %d, %Y', '%B %d, %Y'],
  ['%m/%d/%y', '%d/%m/%Y %H:%M', '%I:%M %p %d.%m.%Y', '%Y-%m-%dT%H:%M:%S.%f', '%j %Y', '%Y-%m-%d %H:%M:%S%z'],
];
const texts = [
  '03/04/69',
  '12/31/68',
  '31/12/2020 23:59',
  '12:05 AM 1.2.2003',
  '2020-02-29T01:02:03.000451',
  '060 2024',
  '2021-02-29',
  '29.02.2021',
  '5.3.24',
  '31.12.1999',
  '2020-01-01 00:30:00+05:30',
  '2020-1-1',
  'soon',
  '1 Juni 2020',
  '7 june 2020',
  'Dec 31, 1999',
  '32.1.2020',
  '2020-13-01',
];

const python = `
import unicodedata, regex
from datetime import datetime, timezone
import pandas as pd
def read(text, formats):
    for format in formats:
        try:
            t = datetime.strptime(text, format)
            return (t.astimezone(timezone.utc).replace(tzinfo=None) if t.tzinfo else t).isoformat()
        except ValueError: pass
def tidy(text):
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).lower())
    return regex.sub(r"\\p{White_Space}+", " ", text).strip(" ")
def tops(text):
    text = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).upper())
    return regex.sub(r"^\\p{White_Space}+|\\p{White_Space}+$", "", text)
def written(x, style):
    english = f"{x:,}"
    return english if style == "1,234.56" else english.translate(str.maketrans(",.", {"1.234,56": ".,", "1 234,56": "\\u202f,", "1'234.56": "'."}[style]))
dates = pd.to_datetime(pd.Series(ask["films"]), format="%b %d %Y", errors="coerce")
print(json.dumps({
    "readings": [[read(text, formats) for text in ask["texts"]] for formats in ask["readings"]],
    "mixed": [read(text, ask["readings"][0]) for text in ask["mixed"]],
    "films": [None if pd.isna(d) else d.strftime("%Y-%m-%d") for d in dates],
    "lower": [tidy(t) for t in ask["strings"]], "upper": [tops(t) for t in ask["strings"]],
    "numbers": {style: [written(x, style) for x in ask["numbers"]] for style in ask["styles"]}}))`;

interface Answers {
  readings: (string | null)[][];
  mixed: string[];
  films: (string | null)[];
  lower: string[];
  upper: string[];
  numbers: Record<string, string[]>;
}

const styles = ['1,234.56', '1.234,56', '1 234,56', "1'234.56"];

withPython('beside strptime, pandas and unicodedata', () => {
  let answers: Answers;
  const films = vega('movies.json').map((movie) => String(movie['Release Date']));
  const strings = [...titles, ...odd];
  beforeAll(() => {
    const asked = { readings, texts, mixed: mixed.map(({ text }) => text), films, strings, numbers, styles };
    answers = askPython(python, asked) as Answers;
  }, 60_000);
  const column = async (rows: Row[], call: string, name: string) => {
    place.put('own', rows);
    const names = Object.keys(rows[0] as Row).map((key) => `"${key}: text"`);
    const ran = await place.run(
      `t = load("own.jsonl", types: [${names.join(', ')}])\nf = format(t, columns: "${name}", ${call})`,
    );
    return (await place.rows(ran, 'f')).map((row) => row[name]);
  };

  it('dates by formats in their order', async () => {
    for (const [i, formats] of readings.entries()) {
      const call = `as: "datetime", formats: ${JSON.stringify(formats)}, unreadable: "null", type: "text"`;
      expect(
        await column(
          texts.map((text) => ({ text })),
          call,
          'text',
        ),
      ).toEqual(answers.readings[i]);
    }
  });

  it('dates of mixed formats, given or usual', async () => {
    const expected = answers.mixed.map((text) => text.slice(0, 10));
    expect(expected).toEqual(mixed.map(({ date }) => date));
    for (const how of [`formats: ${JSON.stringify(readings[0])}`, 'first: "day"']) {
      expect(await column(mixed, `as: "date", type: "text", ${how}`, 'text')).toEqual(expected);
    }
  });

  it('release dates of films', async () => {
    const rows = films.map((text) => ({ text }));
    expect(await column(rows, 'as: "date", type: "text", formats: ["%b %d %Y"], unreadable: "null"', 'text')).toEqual(
      answers.films,
    );
    expect(await column(rows, 'as: "date", type: "text", unreadable: "null"', 'text')).toEqual(answers.films);
  });

  it('titles and odd characters in one form', async () => {
    const rows = strings.map((text) => ({ text }));
    expect(await column(rows, 'as: "text", unicode: "NFKC", case: "lower", space: "collapse"', 'text')).toEqual(
      answers.lower,
    );
    expect(await column(rows, 'as: "text", unicode: "NFC", case: "upper", space: "trim"', 'text')).toEqual(
      answers.upper,
    );
  });

  it.each(styles)('numbers written as %s', async (style) => {
    const rows = (answers.numbers[style] as string[]).map((text) => ({ text }));
    expect(await column(rows, `as: "number", style: ${JSON.stringify(style)}`, 'text')).toEqual(numbers);
  });
});

describe('format', () => {
  const one = async (values: (string | null)[], call: string) => {
    place.put(
      'one',
      values.map((v) => ({ v })),
    );
    const ran = await place.run(`t = load("one.jsonl", types: ["v: text"])\nf = format(t, columns: "v", ${call})`);
    return { values: (await place.rows(ran, 'f')).map(({ v }) => v), ran };
  };

  it('never guesses which number is the day', async () => {
    const values = ['5/3/2024', '25/3/2024', '3/25/2024', '4/4/2024', '2024-05-03', ' ', null];
    const read = async (more: string) =>
      (await one(values, `as: "date", type: "text", unreadable: "keep"${more}`)).values;
    expect(await read('')).toEqual(['5/3/2024', '2024-03-25', '2024-03-25', '2024-04-04', '2024-05-03', null, null]);
    expect(await read(', first: "day"')).toEqual([
      '2024-03-05',
      '2024-03-25',
      '3/25/2024',
      '2024-04-04',
      '2024-05-03',
      null,
      null,
    ]);
    expect(await read(', first: "month"')).toEqual([
      '2024-05-03',
      '25/3/2024',
      '2024-03-25',
      '2024-04-04',
      '2024-05-03',
      null,
      null,
    ]);
    expect(await complaintOf(one(values, 'as: "date"'))).toMatchObject({
      code: 'value-unreadable',
      at: 'columns',
      message: 'v: row 0 holds "5/3/2024", where the day or the month may come first',
      note: 'say which, as in first: "day"',
    });
  });

  it('reads the usual formats', async () => {
    const values = [
      '2024-03-05T10:20:30.5Z',
      '2024-03-05 10:20+02:00',
      '20240305',
      'Tue, 5 Mar 2024 10:20:30 +0000',
      'March 5, 2024',
      '05-Mar-2024 9:05 PM',
      '2024/3/5',
    ];
    expect((await one(values, 'as: "datetime", type: "text"')).values).toEqual([
      '2024-03-05T10:20:30.5',
      '2024-03-05T08:20:00',
      '2024-03-05T00:00:00',
      '2024-03-05T10:20:30',
      '2024-03-05T00:00:00',
      '2024-03-05T21:05:00',
      '2024-03-05T00:00:00',
    ]);
    expect(
      (
        await one(
          ['5/3/24', '2024305', '24-03-05', '2024-02-30', 'today'],
          'as: "date", unreadable: "null", first: "day"',
        )
      ).values,
    ).toEqual([null, null, null, null, null]);
  });

  it('warns where a later format would tell another date', async () => {
    const { values, ran } = await one(
      ['03/04/2024', '13/04/2024', '04/13/2024'],
      'as: "date", type: "text", formats: ["%d/%m/%Y", "%m/%d/%Y"]',
    );
    expect(values).toEqual(['2024-04-03', '2024-04-13', '2024-04-13']);
    expect(ran.warnings).toEqual([
      'v: 1 values fit several formats that tell different dates, such as "03/04/2024": the first format counts',
    ]);
  });

  it('takes numbers in one style only', async () => {
    const read = async (style: string, values: string[]) =>
      (await one(values, `as: "number", style: "${style}", unreadable: "null"`)).values;
    expect(
      await read('1.234,56', [
        '1.234,56',
        '1234',
        '-7',
        '\u22121,5',
        '1.23',
        '1,2,3',
        '12.345.678',
        '1.2345',
        '5e-1',
        '',
      ]),
    ).toEqual([1234.56, 1234, -7, -1.5, null, null, 12345678, null, 0.5, null]);
    expect(await read('12,34,567.89', ['12,34,567.89', '1,23,456', '1,234,567', '567'])).toEqual([
      1234567.89,
      123456,
      null,
      567,
    ]);
    expect(await read('1 234,56', ['1 234,56', '1\u202f234', '1\u00a0234\u00a0567,8'])).toEqual([
      1234.56, 1234, 1234567.8,
    ]);
    expect(await complaintOf(one(['1', '1.5'], 'as: "number", style: "1.234,56"'))).toMatchObject({
      code: 'value-unreadable',
      message: 'v: row 1 holds "1.5", which is no number like 1.234,56',
    });
  });

  it('says which local time does not exist or comes twice', async () => {
    const zoned = (time: string, more = '') => {
      place.put('zoned', [{ v: '2024-01-01 00:00:00' }, { v: time }]);
      return place.run(
        `t = load("zoned.jsonl", types: ["v: time"])\nf = format(t, columns: "v", as: "zone", from: "Europe/Berlin", to: "UTC"${more})`,
      );
    };
    expect(await complaintOf(zoned('2024-03-31 02:30:00'))).toMatchObject({
      at: 'gap',
      message:
        'v: row 1 holds 2024-03-31 02:30:00, which in Europe/Berlin does not exist there: the clocks went forward',
    });
    expect(await complaintOf(zoned('2024-10-27 02:30:00'))).toMatchObject({ at: 'overlap' });
    const ran = await zoned('2024-10-27 02:30:00', ', overlap: "later"');
    expect(ran.log).toEqual([
      expect.any(String),
      'v: times that the clocks showed twice: 1 (row 1 holds 2024-10-27 02:30:00); overlap: "later"',
    ]);
  });

  it('knows that dates and instants are in no zone of their own', async () => {
    const path = join(place.folder, 'times.parquet');
    await session({ temp: null }, [path], (s) =>
      s.run(`COPY (SELECT DATE '2024-01-01' AS day, TIMESTAMPTZ '2024-01-01 00:00:00+00' AS at) TO '${path}'`),
    );
    const run = (more: string) =>
      place.run(`t = load("times.parquet")\nf = format(t, as: "zone", to: "Asia/Tokyo", ${more})`);
    expect(await complaintOf(run('columns: "day"'))).toMatchObject({
      code: 'column-type',
      message: 'column `day` holds dates without a time of day, which are in no zone',
    });
    expect(await complaintOf(run('columns: "at", from: "Europe/Berlin"'))).toMatchObject({
      code: 'param-idle',
      at: 'from',
    });
    expect((await place.rows(await run('columns: "at", type: "text"'), 'f'))[0]?.at).toBe('2024-01-01T09:00:00+09:00');
  });

  it.each([
    ['columns: "v", as: "text"', 'param-missing'],
    ['columns: "v", as: "number"', 'param-missing'],
    ['columns: "row", as: "text", case: "upper"', 'column-type at "row": column `row` holds integer, not text'],
    [
      'columns: "v", as: "text", case: "upper", style: "1,234.56"',
      'param-idle at "1,234.56": `style` has no meaning for as: "text"',
    ],
    [
      'columns: "v", as: "date", formats: ["%d.%Q"]',
      'param-format at ["%d.%Q"]: "%Q" is nothing that a format may hold',
    ],
    ['columns: "v", as: "date", formats: ["day"]', 'param-format at ["day"]: "day" has no place for a date'],
    ['columns: "v", as: "date", formats: ["%d"], first: "day"', 'param-idle at "day"'],
    [
      'columns: "v", as: "date", unreadable: "keep"',
      'param-idle at "keep": a text cannot be kept in a column of times',
    ],
    ['columns: "v", as: "number", style: "1,234.56", unreadable: "keep"', 'param-idle at "keep"'],
    ['columns: "v", as: "zone", to: "UTC"', 'column-type at "v": column `v` holds text, not time'],
    ['columns: "t", as: "zone"', 'param-missing'],
    [
      'columns: "t", as: "zone", to: "Europe/Berln"',
      'zone-unknown at "Europe/Berln": there is no time zone Europe/Berln',
    ],
    ['columns: "t", as: "zone", to: "+02:00"', 'zone-unknown at "+02:00"'],
    ['columns: "t", as: "zone", to: "UTC"', 'param-idle at "UTC": the times are in UTC already'],
    ['columns: "t", as: "zone", to: "Asia/Tokyo", gap: "null"', 'param-idle at "null"'],
  ])('format(d, %s) is refused', async (args, message) => {
    place.put('kinds', [{ v: 'a', t: '2024-01-01 00:00:00' }]);
    const [first, ...others] = await place.errors(
      `d = load("kinds.jsonl", types: ["t: time"])\no = format(d, ${args})`,
    );
    expect(first?.slice(0, message.length)).toBe(message);
    expect(others).toEqual([]);
  });
});

it('text without anything to do stays as it is', () => {
  expect(tidy(' a\u0301 ', {})).toBe(' a\u0301 ');
  expect(tidy(`${' '.repeat(100_000)}x${' '.repeat(100_000)}y`, { space: 'trim' })).toHaveLength(100_002);
});

it('specifiers are those of strptime', () => {
  expect(['%Y-%m-%d', '100%% %d', '%q', 'x%'].map(wrongSpecifier)).toEqual([null, null, '%q', '%']);
  expect(readUsual('t', 'day').other).toBe('NULL::TIMESTAMP');
});
