// Inputs of kinds that take any number of tables: `concat(a, b, c)`. They are ports like any other, numbered, of which an editor
// offers the next only when the one before is connected.
import { closest } from '../../grammar/diagnostic.ts';
import type { InferContext, Port } from './kind.ts';
import { identifier } from './sql.ts';
import type { ColumnType, TableSpec } from './values.ts';

/** Tables that one node takes at most; more are taken in steps. */
export const mostTables = 16;

const nameOf = (i: number) => (i === 0 ? 'table' : `table${i + 1}`);

export const tablePorts: readonly string[] = Array.from({ length: mostTables }, (_, i) => nameOf(i));

/** `table`, `table2` (both needed), `table3` ... */
export function tableInputs(doc: string): Record<string, Port> {
  return Object.fromEntries(
    tablePorts.map((port, i): [string, Port] => [
      port,
      { type: 'table', doc, ...(i < 2 ? {} : { optional: true, after: nameOf(i - 1) }) },
    ]),
  );
}

/** The connected ones, in order. */
export function connected(inputs: { readonly [port: string]: unknown }): string[] {
  return tablePorts.filter((port) => inputs[port] !== undefined);
}

/** A column that several tables have. */
export interface Shared {
  readonly name: string;
  readonly type: ColumnType;
  /** Ports of the tables that lack it. */
  readonly missing: readonly string[];
  /** Two tables that hold it in types that do not go together. */
  readonly clash: readonly [port: string, type: ColumnType, port: string, type: ColumnType] | null;
}

/** The columns of several tables by name, in the order in which they first appear; whole numbers and numbers become numbers. */
export function shared(tables: readonly { port: string; columns: Record<string, ColumnType> }[]): Shared[] {
  const names = [...new Set(tables.flatMap(({ columns }) => Object.keys(columns)))];
  return names.map((name) => {
    const having = tables.filter(({ columns }) => Object.hasOwn(columns, name));
    const [first] = having as [(typeof tables)[number]];
    let type = first.columns[name] as ColumnType;
    let clash: Shared['clash'] = null;
    for (const { port, columns } of having) {
      const other = columns[name] as ColumnType;
      const numbers = [type, other].every((each) => each === 'integer' || each === 'number');
      if (other !== type && numbers) type = 'number';
      else if (other !== type) clash ??= [first.port, type, port, other];
    }
    return { name, type, missing: tables.filter((table) => !having.includes(table)).map(({ port }) => port), clash };
  });
}

/** SQL: a table's rows with these columns in this order, those it lacks as null. */
export function aligned(from: string, own: readonly string[], names: readonly string[], more?: string): string {
  const columns = names.map((name) => (own.includes(name) ? identifier(name) : `NULL AS ${identifier(name)}`));
  return `SELECT ${[...(more ? [more] : []), ...columns].join(', ')} FROM ${identifier(from)}`;
}

/** Rows and bytes of several tables together. */
export function sumOf(tables: readonly TableSpec[]): Pick<TableSpec, 'rows' | 'rowsEstimate' | 'bytesEstimate'> {
  const sum = (numbers: readonly (number | null | undefined)[]) =>
    numbers.reduce<number | null>((total, each) => (total === null || each == null ? null : total + each), 0);
  const rows = sum(tables.map((table) => table.rows));
  const estimate = sum(tables.map((table) => table.rows ?? table.rowsEstimate));
  const bytes = sum(tables.map((table) => table.bytesEstimate));
  return {
    rows,
    ...(estimate === null ? {} : { rowsEstimate: estimate }),
    ...(bytes === null ? {} : { bytesEstimate: bytes }),
  };
}

/**
 * The columns of several tables together, and 'wrong' where they do not fit (reported). Null where not all are known.
 * @param fill whether a column that a table lacks is null there
 */
export function together<P>(
  { error, sources }: Pick<InferContext<P>, 'error' | 'sources'>,
  ports: readonly string[],
  specs: readonly TableSpec[],
  fill: boolean,
): TableSpec['columns'] | 'wrong' {
  const known = ports.flatMap((port, i) => {
    const columns = specs[i]?.columns;
    return columns ? [{ port, columns }] : [];
  });
  const columns = shared(known);
  const node = (port: string) => {
    const source = sources[port];
    return source === undefined || source.output === 'table'
      ? `\`${source?.node ?? port}\``
      : `\`${source.node}.${source.output}\``;
  };
  for (const { name, missing, clash } of columns) {
    if (clash) {
      const [a, typeA, b, typeB] = clash;
      error({
        code: 'column-type',
        message: `column \`${name}\` holds ${typeA} in ${node(a)} and ${typeB} in ${node(b)}`,
        at: b,
        note: `convert one of them: derive(..., name: "${name}", value: "try_cast(\"${name}\" AS ...)")`,
      });
      return 'wrong';
    }
    const [lacking] = missing;
    if (lacking !== undefined && !fill) {
      const own = known.find(({ port }) => port === lacking)?.columns ?? {};
      const near = closest(
        name,
        Object.keys(own).filter((column) => columns.some((each) => each.name === column && each.missing.length > 0)),
      );
      error({
        code: 'column-unknown',
        message: `${node(lacking)} has no column \`${name}\``,
        at: lacking,
        note: near
          ? `its \`${near}\` may be meant: \`rename\` it`
          : 'missing: "null" leaves it empty there; `select` takes it out of the others',
      });
      return 'wrong';
    }
  }
  const lower = columns.map(({ name }) => name.toLowerCase());
  const twin = columns.find((_, i) => lower.indexOf(lower[i] as string) !== i);
  if (twin) {
    const other = columns[lower.indexOf(twin.name.toLowerCase())]?.name;
    error({
      code: 'column-name',
      message: `columns \`${other}\` and \`${twin.name}\` differ only in case`,
      at: null,
      note: '`rename` one of them',
    });
    return 'wrong';
  }
  return known.length < specs.length ? null : Object.fromEntries(columns.map(({ name, type }) => [name, type]));
}
