// Rows of a stored table as JSON, cut to what can be looked at.
import { session } from '../data/duckdb.ts';
import { identifier, literal } from '../nodes/sql.ts';
import type { ColumnType, TableArtifact } from '../nodes/values.ts';
import type { Rows } from './contract.ts';

/** Characters of a text that are sent, and elements of a list. */
const longest = 1000;
const mostElements = 100;
const engine = { threads: 2, memory: 512e6, temp: null };

/** Rows `offset` .. `offset + limit - 1`. */
export async function readRows(table: TableArtifact, offset: number, limit: number): Promise<Rows> {
  const rows = await session(engine, [table.path], async (s) => {
    const query = `SELECT ${cutColumns(table)} FROM read_parquet(${literal(table.path)}) LIMIT ${limit} OFFSET ${offset}`;
    return (await s.connection.runAndReadAll(query)).getRowsJS();
  });
  return {
    columns: columnsOf(table),
    rows: rows.map((cells, i) => ({ index: offset + i, cells: cells.map(cell) })),
    total: table.rows,
  };
}

export function columnsOf(table: TableArtifact): Rows['columns'] {
  return Object.entries(table.columns).map(([name, type]) => ({ name, type }));
}

/** All columns as they are sent: texts are cut by DuckDB already, times become text. */
export function cutColumns(table: TableArtifact): string {
  return Object.entries(table.columns)
    .map(([name, type]) => cutColumn(name, type))
    .join(', ');
}

function cutColumn(name: string, type: ColumnType): string {
  const column = identifier(name);
  if (type === 'text') return `left(${column}::VARCHAR, ${longest + 1}) AS ${column}`;
  if (type === 'time') return `${column}::VARCHAR AS ${column}`;
  return column;
}

/** One value as JSON. */
export function cell(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
      return cut(value, longest);
    case 'number':
      return Number.isFinite(value) ? value : String(value); // JSON knows no NaN
    case 'bigint':
      return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : String(value);
    case 'object':
      return value === null ? null : compound(value);
    case 'boolean':
      return value;
    default:
      return null;
  }
}

function compound(value: object): unknown {
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return value.length === 1 ? '1 byte' : `${value.length} bytes`;
  if (Array.isArray(value)) {
    const elements = value.slice(0, mostElements).map(cell);
    return value.length > mostElements ? [...elements, '…'] : elements;
  }
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, cell(each)]));
}

/** At most `most` characters, the last an ellipsis where something is missing; no character is cut in half. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = /[\uD800-\uDBFF]/.test(text.charAt(most - 2)) ? most - 2 : most - 1;
  return `${text.slice(0, end)}…`;
}
