// Numbers of whole tables, a record of fixed length for each row: made in worker threads, one file a part, and read by position.
// Implements `RecordFiles` of engine/nodes/context.ts. The files hold nothing but the records, little-endian: what is float32 first,
// then pictures as bytes; index.json says how long each field is.
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Field, RecordFiles, RecordReader, RecordWork, Watch } from '../nodes/context.ts';
import { InputError } from '../nodes/kind.ts';
import type { TableArtifact } from '../nodes/values.ts';
import { writeFile } from './atomic.ts';
import type { EngineOptions } from './duckdb.ts';
import { workerEngine } from './map.ts';
import { openParts, openTasks, rangesOf } from './parts.ts';
import { inWorkers } from './pool.ts';
import { requireColumn } from './store.ts';
import type { RecordsShared } from './work/records.ts';

/** Where a field lies in a record. */
export interface Place {
  /** Bytes before it. */
  at: number;
  /** Values. */
  count: number;
  /** Bytes a value, 1 for levels of grey or colour. */
  width: 1 | 4;
}

interface Index {
  format: 1;
  places: Place[];
  scaled: number;
  parts: { file: string; rows: number }[];
}

const indexPath = (folder: string): string => join(folder, 'index.json');

export function openRecordFiles(engine: EngineOptions): RecordFiles {
  return { encode: (table, work, folder, watch) => encode(engine, table, work, folder, watch), open: openRecords };
}

/** Values of a field. */
export function countOf(field: Field): number {
  if (field.kind === 'picture') return field.shape.reduce((product, length) => product * length, 1);
  if (field.kind === 'series') return field.time * field.columns.length;
  return field.kind === 'values' ? field.count : 1;
}

export function columnsOf(field: Field): readonly string[] {
  return 'columns' in field ? field.columns : [field.column];
}

/** Where the fields lie, and how many bytes a record has: a multiple of 4. */
export function placesOf(fields: readonly Field[]): { places: Place[]; bytes: number } {
  const places = fields.map(
    (field): Place => ({ at: 0, count: countOf(field), width: field.kind === 'picture' ? 1 : 4 }),
  );
  let bytes = 0;
  for (const place of [...places].sort((a, b) => b.width - a.width)) {
    place.at = bytes;
    bytes += place.count * place.width;
  }
  return { places, bytes: Math.ceil(bytes / 4) * 4 };
}

const recordBytes = (places: readonly Place[]): number =>
  Math.ceil(places.reduce((sum, { count, width }) => sum + count * width, 0) / 4) * 4;

async function encode(
  engine: EngineOptions,
  table: TableArtifact,
  work: RecordWork,
  folder: string,
  { parts: kept, progress, signal }: Watch,
): Promise<void> {
  const columns = [...new Set(work.fields.flatMap(columnsOf))];
  for (const column of columns) requireColumn(table, column, work.port);
  const ranges = await rangesOf(engine, table, columns);
  const parts = await openParts(kept, 'records', work, 'records');
  const { tasks, tell } = openTasks(table, ranges, parts, { progress }, 'reading');
  const shared: RecordsShared = { engine: workerEngine(engine), table, work };
  await inWorkers('records', shared, tasks, { threads: engine.threads, signal, progress: tell });

  await mkdir(folder, { recursive: true });
  const { places } = placesOf(work.fields);
  const index: Index = { format: 1, places, scaled: 0, parts: [] };
  for (const [i, range] of ranges.entries()) {
    const file = `${String(i).padStart(5, '0')}.records`;
    index.scaled += tailOf(parts.path(range));
    await rename(parts.path(range), join(folder, file));
    index.parts.push({ file, rows: range.end - range.start });
  }
  await writeFile(indexPath(folder), `${JSON.stringify(index, null, 1)}\n`);
}

/** The number at the end of a part: pictures that were scaled. */
function tailOf(path: string): number {
  const file = openSync(path, 'r');
  try {
    const tail = Buffer.alloc(4);
    readSync(file, tail, 0, 4, fstatSync(file).size - 4);
    return tail.readUInt32LE();
  } finally {
    closeSync(file);
  }
}

function openRecords(folder: string): RecordReader {
  const { places, parts, scaled } = readIndex(folder);
  const bytes = recordBytes(places);
  const files = new Map<number, number>();
  const close = (): void => {
    for (const file of files.values()) closeSync(file);
    files.clear();
  };
  const starts: number[] = [];
  let rows = 0;
  for (const part of parts) {
    starts.push(rows);
    rows += part.rows;
  }
  const fileOf = (part: number): number => {
    const open = files.get(part);
    if (open !== undefined) return open;
    const path = join(folder, parts[part]?.file as string);
    const file = openSync(path, 'r');
    const found = fstatSync(file).size;
    const whole = (parts[part]?.rows as number) * bytes + 4;
    if (found !== whole) {
      closeSync(file);
      throw damaged(path, `it has ${found} bytes, ${whole} are needed`);
    }
    if (files.size >= 64) close(); // a process may not have many files open
    files.set(part, file);
    return file;
  };
  const record = new Uint8Array(bytes);
  return {
    rows,
    scaled,
    read(row) {
      if (!(row >= 0 && row < rows)) throw new RangeError(`there is no row ${row} of ${rows}`);
      let part = parts.length - 1;
      while ((starts[part] as number) > row) part--;
      const from = (row - (starts[part] as number)) * bytes;
      if (readSync(fileOf(part), record, 0, bytes, from) !== bytes)
        throw damaged(join(folder, parts[part]?.file as string), `it ends within row ${row}`);
      return places.map(({ at, count, width }) =>
        width === 4
          ? new Float32Array(record.buffer.slice(at, at + 4 * count))
          : Float32Array.from(record.subarray(at, at + count), (level) => level / 255),
      );
    },
    close,
  };
}

function readIndex(folder: string): Index {
  const path = indexPath(folder);
  try {
    const index = JSON.parse(readFileSync(path, 'utf8')) as Index;
    if (index.format === 1 && Array.isArray(index.parts) && Array.isArray(index.places)) return index;
  } catch (error) {
    if (!(error instanceof SyntaxError) && (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  throw damaged(path, 'the index of the records cannot be read');
}

function damaged(path: string, what: string): InputError {
  return new InputError({
    code: 'records-damaged',
    message: `the records in ${path} are damaged: ${what}`,
    at: null,
    note: 'remove the folder, and run again: they are made again',
  });
}
