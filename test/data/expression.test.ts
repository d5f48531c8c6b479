import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCheckFiles } from '../../engine/data/check.ts';
import { openSession, session } from '../../engine/data/duckdb.ts';
import { checkExpression } from '../../engine/data/expression.ts';
import { type CheckFiles, InputError } from '../../engine/nodes/kind.ts';
import type { ColumnType } from '../../engine/nodes/values.ts';
import { complaintOf, ownFolder } from './setting.ts';

const folder = ownFolder();
const columns: Record<string, ColumnType> = {
  text: 'text',
  score: 'number',
  n: 'integer',
  ok: 'boolean',
  when: 'time',
  tags: 'list',
  meta: 'struct',
  'a b': 'text',
};
let files: CheckFiles & { close(): Promise<void> };
beforeAll(() => {
  files = openCheckFiles({ folder });
  writeFileSync(join(folder, 'secret.csv'), 'a\n1\n');
  mkdirSync(join(folder, 'sub'));
});
afterAll(() => files.close());

describe('expressions that are fine', () => {
  it.each([
    ['length(text) > 200', 'boolean'],
    ["score BETWEEN 0 AND 1 AND text LIKE 'a%'", 'boolean'],
    ["ok OR NOT regexp_matches(text, '[.!?]$')", 'boolean'],
    ['TEXT IS NOT NULL', 'boolean'],
    ['"a b" = \'x\'', 'boolean'],
    ['n + 1', 'integer'],
    ['n / 2', 'number'],
    ["CASE WHEN n > 1 THEN 'a' ELSE text END", 'text'],
    ['text.lower() = text', 'boolean'],
    ["text COLLATE nocase = 'x'", 'boolean'],
    ["list_contains(string_split(text, ' '), 'whale')", 'boolean'],
    ["len(list_filter(string_split(text, ' '), lambda w: length(w) > 5)) > 3", 'boolean'],
    ["len([w for w in string_split(text, ' ') if w > 'a']) > 0", 'boolean'],
    ['len(tags) > 2', 'boolean'],
    ['tags[1]', null],
    ['"when" - "when"', null],
    [`"when" + INTERVAL 1 DAY`, 'time'],
    ["meta.lang = 'en'", null],
    ['year("when") >= 2020', 'boolean'],
    ['n IN (1, 2, 3) -- a remark', 'boolean'],
    ["json_extract_string(text, '$.a') = 'b'", 'boolean'],
    ['n::VARCHAR = text', 'boolean'],
  ])('%s is %s', async (expression, type) => {
    expect(await files.expression(expression, columns)).toBe(type);
  });
});

describe('expressions that are refused', () => {
  const attacks = [
    "(SELECT count(*) FROM read_csv('secret.csv')) > 0",
    "EXISTS (SELECT 1 FROM 'secret.csv')",
    "n IN (SELECT a FROM 'secret.csv')",
    "(FROM read_text('/etc/passwd')) IS NULL",
    "read_csv('secret.csv') IS NULL",
    "read_text('/etc/passwd') = 'a'",
    "glob('*') = 'a'",
    "getenv('HOME') = 'a'",
    "current_setting('temp_directory') = 'a'",
    "getvariable('x') = 1",
    'random() < 0.5',
    "now() > '2020-01-01'",
    'current_timestamp IS NULL',
    'today() IS NULL',
    'uuid()::VARCHAR = text',
    "nextval('s') > 0",
    'version() = text',
    'current_database() = text',
    'current_user = text',
    'pg_typeof(n) = text',
    'unnest([true, false])',
    'sum(n) > 3',
    'row_number() OVER () > 3',
    'COLUMNS(*) > 3',
    '* IS NULL',
    '#1 > 3',
    'n > ?',
    'n > $1',
    "true) FROM read_csv('secret.csv') WHERE (true",
    'true), (false',
    "true); COPY rows TO 'x'; SELECT (true",
    'true; DROP TABLE rows',
    'PRAGMA database_list',
    "ATTACH 'x.db'",
    'SET threads = 1',
    'true) ORDER BY (1',
    'true) UNION ALL SELECT (true',
    'true) FROM rows TABLESAMPLE 10% --',
    "json_execute_serialized_sql('{}')",
    'sleep_ms(10000)',
    "write_log('x')",
    'setseed(0.5) IS NULL',
    "age(TIMESTAMP '2020-01-01') > INTERVAL 1 DAY",
    "error('x')",
    'list_transform([1], lambda x: random())[1] > 0',
    "query('SELECT 1')",
  ];
  it.each(attacks)('%s', async (expression) => {
    expect((await complaintOf(files.expression(expression, columns))).code).toMatch(/^expression-|^column-unknown/);
  });

  it('also while running, should checking ever miss something: the engine reaches no other file', async () => {
    const allowed = join(folder, 'sub', 'x.csv');
    writeFileSync(allowed, 'a\n1\n');
    await session({ temp: null }, [allowed], async (s) => {
      expect(await s.rows(`FROM read_csv('${allowed}')`)).toHaveLength(1);
      for (const sql of [
        `FROM read_csv('${join(folder, 'secret.csv')}')`,
        `FROM '${join(folder, 'sub')}/../secret.csv'`,
        `FROM read_text('/etc/passwd')`,
        `FROM glob('/etc/*')`,
        `COPY (SELECT 1) TO '${join(folder, 'written.csv')}'`,
        `ATTACH '${join(folder, 'x.db')}'`,
        `EXPORT DATABASE '${join(folder, 'dump')}'`,
        'SET enable_external_access = true',
        "SET allowed_directories = ['/']",
        'RESET lock_configuration',
        'INSTALL httpfs',
        'LOAD httpfs',
      ]) {
        await expect(s.run(sql), sql).rejects.toThrow();
      }
    });
  });
});

describe('what is said', () => {
  it.each([
    [
      'lenght(text) > 2',
      'expression-function',
      'there is no function `lenght` at character 1',
      'did you mean `length`?',
    ],
    ["n > 1 AND txet = 'a'", 'column-unknown', 'there is no column `txet` at character 11', 'did you mean `text`?'],
    ['ünï > 1 AND nn = 3', 'column-unknown', 'there is no column `ünï` at character 1', /^columns: text, score/],
    ['text = "whale"', 'column-unknown', 'there is no column `whale` at character 8', /single quotes here: 'whale'/],
    ['n >', 'expression-wrong', /^syntax error/, /DuckDB expression/],
    ['', 'expression-wrong', 'the expression is empty', /condition/],
    ["text > 1 + 'a'", /^expression-/, /`text > 1 \+ 'a'`/, /.*/],
    ['length(text, n, ok) > 1', 'expression-type', /length/, /.*/],
  ])('%s', async (expression, code, message, note) => {
    const complaint = await complaintOf(files.expression(expression, columns));
    expect(complaint).toMatchObject({ at: 'where' });
    expect(complaint.code).toMatch(code);
    expect(complaint.message).toMatch(message);
    expect(complaint.note ?? '').toMatch(note);
  });
});

it('any text gives a verdict or an InputError, never another failure', async () => {
  const s = await openSession({ temp: null, threads: 1 }, []);
  const word = fc.constantFrom(
    'text',
    'n',
    '(',
    ')',
    ',',
    "'",
    '"',
    '--',
    '/*',
    '*/',
    ';',
    'SELECT',
    'FROM',
    'rows',
    '->',
    'lambda x:',
    '[',
    ']',
    '{',
    '}',
    '::',
    'INTEGER',
    'CASE',
    'WHEN',
    'END',
    '=',
    '+',
    '$$',
    '.',
    '?',
    '#',
    '\0',
    'é',
    '🐋',
    '1',
    'WITH',
    'AS',
    'COLUMNS',
    '*',
    'OVER',
    'IN',
  );
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(word).map((words) => words.join(' ')),
        ),
        async (text) => {
          try {
            await checkExpression(s, text, Object.keys(columns));
          } catch (error) {
            if (!(error instanceof InputError)) throw error;
          }
        },
      ),
      { numRuns: 400 },
    );
  } finally {
    s.close();
  }
}, 60_000);
