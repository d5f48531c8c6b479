// IDX, the format of MNIST (LeCun, Cortes, Burges; http://yann.lecun.com/exdb/mnist): pictures become PNGs, so that they are like all
// other pictures, and labels, which come in a file of their own, stand beside them.
import { basename } from 'node:path';
import { InputError } from '../../nodes/kind.ts';
import type { ColumnType, TableArtifact } from '../../nodes/values.ts';
import { bytesOf } from './bytes.ts';
import { openFill } from './fill.ts';
import { broken, type Reading } from './reading.ts';

/** Pictures made side by side. */
const BATCH = 64;

interface Header {
  count: number;
  /** Of a picture; null: the file holds labels. */
  size: { width: number; height: number } | null;
  /** Where the data begin. */
  bytes: number;
}

const pictures = { image: 'binary', width: 'integer', height: 'integer' } as const;
const label = { label: 'integer' } as const;

/** Columns that one file gives. */
export async function idxColumns(path: string): Promise<Record<string, ColumnType>> {
  return (await headerOf(path)).size === null ? label : pictures;
}

async function headerOf(path: string): Promise<Header> {
  let head: Buffer = Buffer.alloc(0);
  for await (const piece of bytesOf(path)) {
    head = Buffer.concat([head, piece]);
    if (head.length >= 16) break;
  }
  const name = basename(path);
  const [zero, type, dimensions] = [head.length < 8 ? 1 : head.readUInt16BE(0), head[2], head[3] ?? 0];
  if (zero !== 0 || head.length < 4 + 4 * dimensions) {
    throw broken(
      `${name} is no IDX file: it does not begin like one`,
      'IDX is the format of MNIST, as in train-images-idx3-ubyte',
    );
  }
  if (type !== 8 || (dimensions !== 1 && dimensions !== 3)) {
    throw new InputError({
      code: 'file-format',
      message: `${name} holds ${dimensions}-dimensional values of type 0x${(type ?? 0).toString(16).padStart(2, '0')}`,
      at: 'path',
      note: 'pictures (three dimensions) and labels (one) of unsigned bytes can be read',
    });
  }
  const [count = 0, height = 0, width = 0] = Array.from({ length: dimensions }, (_, i) => head.readUInt32BE(4 + 4 * i));
  if (dimensions === 3 && (height === 0 || width === 0))
    throw broken(`${name} has pictures without pixels`, 'the file is damaged');
  return { count, size: dimensions === 1 ? null : { width, height }, bytes: 4 + 4 * dimensions };
}

export async function loadIdx(r: Reading): Promise<TableArtifact> {
  const headers = new Map<string, Header>();
  for (const file of r.files) headers.set(file, await headerOf(file));
  const images = r.files.filter((file) => headers.get(file)?.size);
  const labels = r.files.filter((file) => !headers.get(file)?.size);
  if (images.length > 0 && labels.length > 0) checkPairs(images, labels, headers);
  const columns = { ...(images.length > 0 ? pictures : {}), ...(labels.length > 0 ? label : {}) };
  const fill = openFill(r.engine, columns, r.out);
  const total = [...headers.values()].reduce((sum, { count }) => sum + count, 0);
  try {
    for (const [i, file] of (images.length > 0 ? images : labels).entries()) {
      const beside = labels[i] === undefined || images.length === 0 ? null : await allLabels(labels[i], headers);
      const header = headers.get(file) as Header;
      let done = 0;
      for await (const items of itemsOf(file, header)) {
        r.watch.signal.throwIfAborted();
        for (const [k, row] of (await Promise.all(items.map((item) => valuesOf(item, header)))).entries()) {
          const last = beside === null ? [] : [beside[done + k] as number];
          fill.add([...row, ...last], 200 + (items[k]?.length ?? 0));
        }
        done += items.length;
        await fill.settle();
        r.watch.progress({ done: Math.min(fill.rows, total), total, unit: 'rows' });
      }
    }
    return await fill.end(r.out);
  } finally {
    await fill.close();
  }
}

function checkPairs(images: string[], labels: string[], headers: ReadonlyMap<string, Header>): void {
  if (images.length !== labels.length) {
    throw broken(
      `${images.length} ${images.length === 1 ? 'file has' : 'files have'} pictures, ${labels.length} labels`,
      'name one file of labels for each file of pictures, or none',
    );
  }
  for (const [i, file] of images.entries()) {
    const other = labels[i] as string;
    const [a, b] = [headers.get(file)?.count, headers.get(other)?.count];
    if (a !== b)
      throw broken(
        `${basename(file)} has ${a} pictures, ${basename(other)} ${b} labels`,
        'name files that belong together',
      );
  }
}

async function valuesOf(item: Buffer, { size }: Header): Promise<(number | Uint8Array)[]> {
  if (size === null) return [item[0] as number];
  const sharp = (await import('sharp')).default;
  return [
    await sharp(item, { raw: { ...size, channels: 1 } })
      .png()
      .toBuffer(),
    size.width,
    size.height,
  ];
}

async function allLabels(file: string, headers: ReadonlyMap<string, Header>): Promise<Uint8Array> {
  const header = headers.get(file) as Header;
  const values = new Uint8Array(header.count);
  let at = 0;
  for await (const items of itemsOf(file, header)) for (const item of items) values[at++] = item[0] as number;
  return values;
}

/** Items of a file, batch by batch. Throws InputError where it has fewer or more than it says. */
async function* itemsOf(path: string, { count, size, bytes }: Header): AsyncGenerator<Buffer[]> {
  const length = size === null ? 1 : size.width * size.height;
  const batch = size === null ? 1 << 16 : BATCH;
  let held: Buffer = Buffer.alloc(0);
  let skip = bytes;
  let given = 0;
  const wrong = (what: string) =>
    broken(
      `${basename(path)} ${what} than the ${count.toLocaleString('en')} items it says`,
      'the file is cut off or damaged; fetch it again',
    );
  for await (const piece of bytesOf(path)) {
    held = Buffer.concat([held, piece]);
    if (skip > 0 && held.length < skip) continue;
    held = held.subarray(skip);
    skip = 0;
    while (held.length >= length) {
      const items = Math.min(batch, Math.floor(held.length / length));
      if (given + items > count) throw wrong('holds more');
      yield Array.from({ length: items }, (_, i) => held.subarray(i * length, (i + 1) * length));
      held = held.subarray(items * length);
      given += items;
    }
  }
  if (held.length > 0 || given < count) throw wrong('holds less');
}
