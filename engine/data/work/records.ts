// One part of a table to records: reads its rows, puts the numbers of each side by side. Behind the records stands how many pictures
// were scaled, as uint32.
import { closeSync, openSync, writeSync } from 'node:fs';
import sharp from 'sharp';
import type { Field, RecordWork } from '../../nodes/context.ts';
import { type Complaint, InputError } from '../../nodes/kind.ts';
import { identifier } from '../../nodes/sql.ts';
import { columnList } from '../../nodes/table.ts';
import type { TableArtifact } from '../../nodes/values.ts';
import { replaceFile } from '../atomic.ts';
import { openBinding } from '../binding.ts';
import { type EngineOptions, session } from '../duckdb.ts';
import type { PartTask } from '../parts.ts';
import type { Work } from '../pool.ts';
import { columnsOf, type Place, placesOf } from '../records.ts';
import { parquet, ROW } from '../store.ts';

export interface RecordsShared {
  engine: EngineOptions;
  table: TableArtifact;
  work: RecordWork;
}

/** What is wrong with a value, without the row. */
type Fault = Pick<Complaint, 'code' | 'message' | 'note'>;

sharp.concurrency(1);

const open: Work<RecordsShared, PartTask, void> = async ({ engine, table, work }) => {
  const { JSDuckDBValueConverter } = await openBinding();
  const { places, bytes } = placesOf(work.fields);
  const columns = [...new Set(work.fields.flatMap(columnsOf))];
  const wanted = columns.map(identifier).join(', ');
  return ({ start, end, out }, { report, signal }) =>
    replaceFile(out, async (temporary) => {
      const file = openSync(temporary, 'w');
      let scaled = 0;
      try {
        await session({ ...engine, signal }, [table.path], async (s) => {
          const rows = parquet(table.path, 'file_row_number = true');
          const result = await s.connection.stream(
            `SELECT ${wanted} FROM ${rows} WHERE ${ROW} >= ${start} AND ${ROW} < ${end}`,
          );
          let row = start;
          for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
            const records = Buffer.alloc(bytes * chunk.rowCount);
            for (const [i, values] of chunk.convertRows(JSDuckDBValueConverter).entries()) {
              const byName = new Map(columns.map((name, c) => [name, values[c] as unknown]));
              for (const [f, field] of work.fields.entries()) {
                const place = { ...(places[f] as Place) };
                place.at += i * bytes;
                try {
                  if (await put(field, byName, records, place)) scaled++;
                } catch (fault) {
                  throw told(fault, row, work.port);
                }
              }
              row++;
            }
            writeAll(file, records);
            report(row - start);
            signal.throwIfAborted();
          }
        });
        const tail = Buffer.alloc(4);
        tail.writeUInt32LE(scaled);
        writeAll(file, tail);
      } finally {
        closeSync(file);
      }
    });
};

export default open;

/** A value that a field cannot hold. */
class ValueFault extends Error {
  readonly fault: Fault;
  constructor(fault: Fault) {
    super(fault.message);
    this.fault = fault;
  }
}

function told(error: unknown, row: number, port: string): unknown {
  if (!(error instanceof ValueFault)) return error;
  const { code, message, note } = error.fault;
  return new InputError({
    code,
    message: `row ${row + 1} of \`${port}\`: ${message}`,
    at: port,
    ...(note && { note }),
  });
}

const missing = (column: string): ValueFault =>
  new ValueFault({
    code: 'data-missing',
    message: `\`${column}\` has no value`,
    note: `leave such rows out: filter(TABLE, where: "${column} IS NOT NULL")`,
  });

/** Writes a field's values to their place; true where a picture was scaled. */
async function put(
  field: Field,
  values: ReadonlyMap<string, unknown>,
  to: Buffer,
  { at, count }: Place,
): Promise<boolean> {
  if (field.kind === 'picture') return picture(field, values.get(field.column), to, at);
  if (field.kind === 'label') {
    const value = values.get(field.column);
    if (value === null || value === undefined) throw missing(field.column);
    const place = field.labels.indexOf(String(value));
    if (place < 0)
      throw new ValueFault({
        code: 'label-wrong',
        message: `\`${field.column}\` is "${String(value)}", which is none of the model's labels`,
        note: `its labels are ${columnList(field.labels)}`,
      });
    to.writeFloatLE(place, at);
    return false;
  }
  const lists = field.columns.map((column) => numbers(column, values.get(column)));
  if (field.kind === 'series') {
    for (const [c, list] of lists.entries()) {
      if (list.length !== field.time)
        throw new ValueFault({
          code: 'data-shape',
          message: `\`${field.columns[c] as string}\` has ${list.length} values, and the model takes ${field.time}`,
          note: `windows(TABLE, columns: ..., size: ${field.time}) cuts series to this length`,
        });
      for (const [t, value] of list.entries()) to.writeFloatLE(value, at + 4 * (t * lists.length + c));
    }
    return false;
  }
  const all = lists.flat();
  if (all.length !== count)
    throw new ValueFault({
      code: 'data-shape',
      message: `${columnList(field.columns)} ${field.columns.length === 1 ? 'has' : 'have'} ${all.length} values, and the model foretells ${count}`,
    });
  for (const [i, value] of all.entries()) to.writeFloatLE(value, at + 4 * i);
  return false;
}

/** Numbers of a cell. */
function numbers(column: string, cell: unknown): number[] {
  if (cell === null || cell === undefined) throw missing(column);
  return (Array.isArray(cell) ? (cell as unknown[]) : [cell]).map((value) => {
    if (value === null || value === undefined) throw missing(column);
    const number = Number(value);
    if (!Number.isFinite(number) || typeof value === 'string')
      throw new ValueFault({
        code: 'value-unusable',
        message: `\`${column}\` is ${String(value)}, which is no number that can be learned`,
        note: `leave such rows out: filter(TABLE, where: "isfinite(${column})")`,
      });
    return number;
  });
}

async function picture(
  { column, shape: [height, width, channels] }: Field & { kind: 'picture' },
  cell: unknown,
  to: Buffer,
  at: number,
): Promise<boolean> {
  if (cell === null || cell === undefined) throw missing(column);
  try {
    let image = sharp(cell as Uint8Array, { limitInputPixels: 1 << 26 });
    const found = await image.metadata();
    const scale = found.width !== width || found.height !== height;
    if (scale) image = image.resize(width, height, { fit: 'fill' });
    // What is transparent is white, unless the model sees it.
    const seen = channels % 2 === 0 ? image.ensureAlpha() : image.flatten({ background: 'white' });
    const { data } = await seen
      .toColourspace(channels < 3 ? 'b-w' : 'srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    if (data.length !== height * width * channels)
      throw new Error(`it has ${data.length} values, not ${height * width * channels}`);
    data.copy(to, at);
    return scale;
  } catch (error) {
    throw new ValueFault({
      code: 'value-unusable',
      message: `\`${column}\` is no picture that can be read: ${(error as Error).message}`,
    });
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, bytes.length - done);
}
