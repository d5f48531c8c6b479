// A file's bytes, piece by piece, unpacked where it is compressed. What is cut off or damaged is an error: a reader that takes what
// it gets would lose rows without a word.
import { createReadStream, createWriteStream, statSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline } from 'node:stream';
import { pipeline as finished } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { InputError } from '../../nodes/kind.ts';

export type Compression = 'gzip' | 'zstd';

const PIECE = 1 << 20;

/** How a file is compressed, by its first bytes (RFC 1952, RFC 8878): its name may say something else. */
export async function compressionOf(path: string): Promise<Compression | null> {
  const magic = (await readAt(path, 0, 4)).toString('hex');
  return magic.startsWith('1f8b') ? 'gzip' : magic === '28b52ffd' ? 'zstd' : null;
}

/** Bytes at an offset of a file as it lies on the disk; fewer where it ends. */
async function readAt(path: string, offset: number, length: number): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/**
 * A file's content. Throws InputError where compressed data end early or are damaged.
 * @param told called with the bytes taken from the disk so far
 */
export async function* bytesOf(path: string, told?: (bytes: number) => void): AsyncGenerator<Buffer> {
  const compression = await compressionOf(path);
  const stored = counted(createReadStream(path, { highWaterMark: PIECE }), told);
  if (compression === null) {
    yield* stored;
    return;
  }
  try {
    yield* compression === 'gzip' ? gunzipped(stored) : unzstd(stored);
  } catch (error) {
    throw packedFault(error, path, compression);
  }
}

async function* counted(chunks: AsyncIterable<unknown>, told?: (bytes: number) => void): AsyncGenerator<Buffer> {
  let read = 0;
  for await (const chunk of chunks) {
    read += (chunk as Buffer).length;
    told?.(read);
    yield chunk as Buffer;
  }
}

async function* gunzipped(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: PIECE });
  // A failure destroys the stream, and so reaches the loop below.
  pipeline(chunks, gunzip, () => {});
  for await (const piece of gunzip) yield piece as Buffer;
}

async function* unzstd(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const { Decompress } = await import('fzstd');
  const ready: Buffer[] = [];
  const unpack = new Decompress((piece) => void ready.push(Buffer.from(piece)));
  for await (const chunk of chunks) {
    unpack.push(chunk);
    yield* ready.splice(0);
  }
  unpack.push(new Uint8Array(0), true);
  yield* ready;
}

function packedFault(error: unknown, path: string, compression: Compression): unknown {
  if (error instanceof InputError || !(error instanceof Error)) return error;
  const { code } = error as Error & { code?: unknown };
  const packing = compression === 'gzip' ? typeof code === 'string' && code.startsWith('Z_') : typeof code === 'number';
  if (!packing) return error;
  const short = /unexpected (end of file|EOF)/i.test(error.message);
  return new InputError({
    code: 'file-broken',
    message: `${basename(path)} ${short ? 'is cut off: its compressed data end early' : `is damaged: ${error.message}`}`,
    at: 'path',
    note: 'fetch or pack the file again',
  });
}

/** The first bytes of a file's content, about `limit` of them at most. */
export async function headOf(path: string, limit: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of bytesOf(path)) {
    pieces.push(piece);
    length += piece.length;
    if (length >= limit) break;
  }
  return Buffer.concat(pieces).subarray(0, limit);
}

/** Pieces from all over a file that is not compressed: what stands at the end may look unlike the beginning. */
export async function samplesOf(path: string, count: number, length: number): Promise<Buffer[]> {
  const { size } = statSync(path);
  const step = Math.floor(size / count);
  return Promise.all(Array.from({ length: count }, (_, i) => readAt(path, i * step, length)));
}

/** Reads a compressed file to its end, so that what is damaged is found by the checks that its format has. */
export async function checkWhole(path: string, told?: (bytes: number) => void): Promise<void> {
  for await (const _ of bytesOf(path, told)) continue;
}

/** Writes a working file from pieces; where that fails, none of it is left. It need not outlive a power cut, so nothing is synced. */
export async function writePieces(path: string, pieces: AsyncIterable<string>): Promise<void> {
  try {
    await finished(pieces, createWriteStream(path));
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}
