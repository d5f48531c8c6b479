// Interleaves tables by weight.
import { randomOrder, seedParam } from '../deal.ts';
import { aligned, connected, mostTables, shared, tableInputs, tablePorts, together } from '../inputs.ts';
import { defineKind } from '../kind.ts';
import { identifier } from '../sql.ts';
import { carried, rowCount, tableCost } from '../table.ts';
import type { TableSpec } from '../values.ts';

interface Params {
  weights?: number[];
  until: 'first_exhausted' | 'all_exhausted';
  seed: number;
  missing: 'error' | 'null';
}

export default defineKind<Params>({
  kind: 'mix',
  stage: 'data',
  group: 'rows',
  version: 1,
  doc: `Interleaves two or more tables by weight: \`mix(code, prose, weights: [1, 3])\`, up to ${mostTables} of them.

For each row of the result one table is drawn, with a chance in proportion to its weight, and gives its next row; so any stretch of the result holds the tables in these proportions. \`until: "first_exhausted"\` ends with the row that is the last of a table, and no row is repeated. \`"all_exhausted"\` ends when every table has given all its rows; a table that is at its end begins again, so rows of those with much weight are repeated. Both are what Hugging Face's \`interleave_datasets\` calls so.

Draws depend on the seed alone. A table's rows come in their order (see \`shuffle\`). Columns are brought together by name, as by \`concat\`.`,
  example: 'mixed = mix(book, more, weights: [3, 1])\nmore = filter(book, where: "length(text) > 200")',
  inputs: tableInputs('Rows that are mixed with those of the other inputs.'),
  outputs: { table: 'table' },
  positional: [...tablePorts],
  params: {
    weights: {
      description: 'A number above 0 for each table, in their order. Default: all alike.',
      type: 'array',
      items: { type: 'number', minimum: 0 },
      minItems: 2,
      maxItems: mostTables,
    },
    until: {
      description: 'When the result ends.',
      enum: ['first_exhausted', 'all_exhausted'],
      default: 'first_exhausted',
    },
    missing: {
      description: 'What happens where a table lacks a column that another one has.',
      enum: ['error', 'null'],
      default: 'error',
    },
    seed: seedParam('Another seed draws otherwise.'),
  },
  lineage: ({ until }) => ({ from: tablePorts, ...(until === 'all_exhausted' ? { adds: 'repeats' } : { part: true }) }),
  infer(context) {
    const { params, inputs, error } = context;
    const ports = connected(inputs);
    const specs = ports.map((port) => inputs[port] as TableSpec);
    const { weights } = params;
    if (weights && weights.length !== ports.length) {
      const message = `${weights.length} weights are given for ${ports.length} tables`;
      error({ code: 'param-range', message, at: 'weights', note: 'give one for each table, in their order' });
      return null;
    }
    if (weights?.includes(0)) {
      const note = 'a table with the weight 0 would give no row: leave it out';
      error({ code: 'param-range', message: 'a weight is above 0', at: 'weights', note });
      return null;
    }
    const columns = together(context, ports, specs, params.missing === 'null');
    return columns === 'wrong'
      ? null
      : { table: { ...carried(...specs), columns, rows: null, ...estimate(specs, params) } };
  },
  cost: ({ outputs }) => tableCost(outputs.table as TableSpec),
  async run(context) {
    const { params, artifact, sources, tables, files, log, parts } = context;
    const ports = connected(sources);
    const given = ports.map((port) => artifact(port, 'table'));
    const sizes = given.map(({ rows }) => rows);
    const shares = sharesOf(params.weights, ports.length);
    let draws = likelyEnd(sizes, shares, params.until);
    let ends: number[] = [];
    while (ends.length < (params.until === 'all_exhausted' ? ports.length : 1)) {
      const last = `SELECT i FROM (${taken(draws, shares, params.seed)}) WHERE k = ${cases(sizes)} - 1 ORDER BY i`;
      ends = (await tables.values({ tables: {}, sql: last }, context)).map(({ i }) => Number(i));
      draws *= 2;
    }
    const rows = 1 + (params.until === 'all_exhausted' ? Math.max(...ends) : Math.min(...ends));
    const names = shared(ports.map((port, i) => ({ port, columns: given[i]?.columns ?? {} }))).map(({ name }) => name);
    const all = ports.map((port, i) =>
      aligned(port, Object.keys(given[i]?.columns ?? {}), names, `${i} AS dsk_source, dsk_row`),
    );
    const named = Object.fromEntries(ports.map((port, i) => [port, given[i] as (typeof given)[number]]));
    // Stored on their own and on the right, so that the join holds these narrow rows in memory, and not the tables'.
    const sequence = { tables: {}, sql: `${taken(rows, shares, params.seed)} ORDER BY i` };
    const drawn = await tables.query(sequence, `${parts}/draws.parquet`, context);
    const sql = `SELECT ${names.map((name) => `r.${identifier(name)}`).join(', ')}
      FROM (${all.join(' UNION ALL ')}) r JOIN dsk_draws t
      ON t.s = r.dsk_source AND t.k % ${cases(sizes)} = r.dsk_row ORDER BY t.i`;
    const table = await tables.query(
      { tables: { ...named, dsk_draws: drawn }, sql },
      files.join('table.parquet'),
      context,
    );
    const counts = 'SELECT s, count(*) AS n FROM dsk_draws GROUP BY s ORDER BY s';
    const counted = await tables.values({ tables: { dsk_draws: drawn }, sql: counts }, context);
    const of = new Map(counted.map(({ s, n }) => [Number(s), Number(n)]));
    log(ports.map((port, i) => `${sources[port]?.node ?? port} ${of.get(i) ?? 0} of ${sizes[i]}`).join(', '));
    return { table };
  },
});

function sharesOf(weights: readonly number[] | undefined, count: number): number[] {
  const given = weights ?? Array.from({ length: count }, () => 1);
  const sum = given.reduce((total, weight) => total + weight, 0);
  return given.map((weight) => weight / sum);
}

/** SQL: for each of the first draws `i` the table `s` that was drawn, and how often it was before, `k`. */
function taken(draws: number, shares: readonly number[], seed: number): string {
  let sum = 0;
  const bounds = shares.slice(0, -1).map((share, s) => {
    sum += share;
    const bound = BigInt(Math.round(sum * 2 ** 53)) << 75n; // of 2 ** 128
    return `WHEN draw < ${bound}::UHUGEINT THEN ${s}`;
  });
  const drawn = `SELECT range AS i, ${randomOrder(seed, 'range')} AS draw FROM range(${draws})`;
  const sources = `SELECT i, CASE ${bounds.join(' ')} ELSE ${shares.length - 1} END AS s FROM (${drawn})`;
  return `SELECT i, s, row_number() OVER (PARTITION BY s ORDER BY i) - 1 AS k FROM (${sources})`;
}

/** SQL: the rows of table `s`. */
function cases(sizes: readonly number[]): string {
  return `CASE s ${sizes.map((size, s) => `WHEN ${s} THEN ${size}`).join(' ')} END`;
}

/** As many draws as are very likely enough: the expected number and six standard deviations more. */
function likelyEnd(sizes: readonly number[], shares: readonly number[], until: Params['until']): number {
  const expected = sizes.map((size, i) => {
    const share = shares[i] as number;
    return (size + 6 * Math.sqrt(size * (1 - share)) + 36) / share;
  });
  return Math.ceil(until === 'all_exhausted' ? Math.max(...expected) : Math.min(...expected));
}

function estimate(specs: readonly TableSpec[], { weights, until }: Params): Partial<TableSpec> {
  const rows = specs.map(rowCount);
  if (rows.includes(undefined)) return {};
  const shares = sharesOf(weights, specs.length);
  const ends = shares.map((share, i) => (rows[i] as number) / share);
  const whole = until === 'all_exhausted' ? Math.max(...ends) : Math.min(...ends);
  const bytes = specs.map(({ bytesEstimate }, i) => {
    return bytesEstimate === undefined
      ? undefined
      : (bytesEstimate / Math.max(1, rows[i] as number)) * (shares[i] as number);
  });
  const each = bytes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  return {
    rowsEstimate: Math.round(whole),
    ...(bytes.includes(undefined) ? {} : { bytesEstimate: Math.round(whole * each) }),
  };
}
