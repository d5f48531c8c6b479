// Folders of pictures as a table: each keeps the bytes of its file. Only headers and ends are looked at; what is no picture, or cut
// off, goes aside.
import { readFile, stat } from 'node:fs/promises';
import { imageColumns, labelsOf } from '../../nodes/formats.ts';
import type { TableArtifact } from '../../nodes/values.ts';
import { openFill } from './fill.ts';
import type { Reading } from './reading.ts';

/** Files looked at side by side. */
const BATCH = 16;
/** Largest file, in bytes: what a cell of a table can hold, and a picture ever has. */
const LARGEST = 512e6;

type Picture = { bytes: Buffer; width: number; height: number } | { reason: string };

export async function loadImages(r: Reading): Promise<TableArtifact> {
  const labels = labelsOf(r.files);
  const columns = imageColumns(r.files);
  const fill = openFill(r.engine, columns, r.out);
  try {
    for (let start = 0; start < r.files.length; start += BATCH) {
      r.watch.signal.throwIfAborted();
      const files = r.files.slice(start, start + BATCH);
      for (const [i, picture] of (await Promise.all(files.map(look))).entries()) {
        const file = r.names.get(files[i] as string) as string;
        if ('reason' in picture) {
          const remedy = 'replace the file, or leave it out of the glob';
          r.aside.add({ file, line: null, reason: picture.reason, content: null, remedy });
          continue;
        }
        const { bytes, width, height } = picture;
        const label = labels === null ? [] : [labels[start + i] as string];
        fill.add([bytes, width, height, file, ...label], bytes.length + 100);
        await fill.settle();
      }
      await r.aside.settle();
      r.watch.progress({ done: start + files.length, total: r.files.length, unit: 'files' });
    }
    return await fill.end(r.out);
  } finally {
    await fill.close();
  }
}

async function look(path: string): Promise<Picture> {
  const sharp = (await import('sharp')).default;
  const { size } = await stat(path);
  if (size > LARGEST) return { reason: `the file has ${size} bytes; ${LARGEST} are read at most` };
  const bytes = await readFile(path);
  try {
    const { width, height, format } = await sharp(bytes).metadata();
    return isWhole(bytes, format)
      ? { bytes, width, height }
      : { reason: `the file is cut off: its ${format.toUpperCase()} has no end` };
  } catch (error) {
    return { reason: `this is no picture that can be read: ${(error as Error).message.split('\n')[0]}` };
  }
}

/** Whether a file ends as its format does. What stands behind the end is common, and harmless. */
function isWhole(bytes: Buffer, format: string): boolean {
  if (format === 'png') return bytes.includes('IEND', Math.max(0, bytes.length - (1 << 16)), 'latin1');
  if (format === 'jpeg') return bytes.lastIndexOf(Buffer.from([0xff, 0xd9])) > 0;
  if (format === 'gif') return bytes.lastIndexOf(0x3b) > bytes.length - 1024;
  if (format === 'webp') return bytes.readUInt32LE(4) + 8 <= bytes.length;
  return true;
}
