// Rows of a stored table as JSON, cut to what can be looked at.
import { type EngineOptions, type Session, session } from '../data/duckdb.ts';
import { filesOf, openViews, source } from '../data/view.ts';
import { identifier } from '../nodes/sql.ts';
import type { ColumnType, Table } from '../nodes/values.ts';
import type { Cell, Rows } from './contract.ts';
import { isImage, mostBytes, thumbnail } from './images.ts';

/** Characters of a text that are sent, and elements of a list. */
const longest = 1000;
const mostElements = 100;
/** Columns that are sent at once: a table may have ten thousand. */
export const mostColumns = 100;
/** Pictures of one answer; the others are sent as their size. */
const mostImages = 200;
const engine = { threads: 2, memory: 512e6, temp: null };

export type Column = Rows['columns'][number];

/** Rows `offset` .. `offset + limit - 1`, of the columns from number `from` on as many as are sent at once. */
export async function readRows(table: Table, offset: number, limit: number, from = 0): Promise<Rows> {
  const columns = columnsOf(table).slice(from, from + mostColumns);
  const rows = await reading(engine, table, (s, from) =>
    cellsOf(s, columns, `FROM ${from} LIMIT ${limit} OFFSET ${offset}`),
  );
  return { columns, rows: rows.map((cells, i) => ({ index: offset + i, cells })), total: table.rows };
}

export function columnsOf(table: Table): Column[] {
  return Object.entries(table.columns).map(([name, type]) => ({ name, type }));
}

/** Lets `work` read a table, as which it puts `from` behind FROM. */
export function reading<T>(
  engine: EngineOptions,
  table: Table,
  work: (s: Session, from: string) => Promise<T>,
): Promise<T> {
  return session(engine, filesOf(table), async (s) => {
    await openViews(s, table);
    return work(s, source(table));
  });
}

/** What a query gives, cut; long texts and lists are cut by DuckDB already. `from`: the query behind its columns. */
export async function cellsOf(s: Session, columns: readonly Column[], from: string): Promise<Cell[][]> {
  const selected = columns.map(({ name, type }) => cutColumn(name, type));
  const found = await s.connection.runAndReadAll(`SELECT ${selected.join(', ')} ${from}`);
  let images = 0;
  return Promise.all(
    found.getRowsJS().map((values) =>
      Promise.all(
        values.map(async (value, i) => {
          if (columns[i]?.type !== 'binary' || value === null) return cell(value);
          const { size, bytes } = value as { size: bigint; bytes: Uint8Array | null };
          const seen = bytes !== null && images++ < mostImages ? await thumbnail(bytes) : null;
          return seen ? { ...seen, bytes: Number(size) } : sizeOf(Number(size));
        }),
      ),
    ),
  );
}

function cutColumn(name: string, type: ColumnType): string {
  const column = identifier(name);
  if (type === 'text') return `left(${column}::VARCHAR, ${longest + 1}) AS ${column}`;
  if (type === 'time') return `${column}::VARCHAR AS ${column}`;
  if (type === 'list') return `${column}[1:${mostElements + 1}] AS ${column}`;
  if (type !== 'binary') return column;
  const blob = `${column}::BLOB`;
  const bytes = `CASE WHEN octet_length(${blob}) <= ${mostBytes} AND ${isImage(blob)} THEN ${blob} END`;
  return `CASE WHEN ${column} IS NOT NULL THEN struct_pack(size := octet_length(${blob}), bytes := ${bytes}) END AS ${column}`;
}

const sizeOf = (bytes: number) => (bytes === 1 ? '1 byte' : `${bytes.toLocaleString('en')} bytes`);

/** One value as JSON. */
export function cell(value: unknown): Cell {
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

function compound(value: object): Cell {
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return sizeOf(value.length);
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
