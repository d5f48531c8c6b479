// A shard: the tokens of some documents in one file that is written front to back and read by position. Little-endian:
//   0   8 bytes  "dsktoken"
//   8   uint32   format, 1
//   12  uint32   bytes of an id, 2 or 4
//   16  uint32   whether there is a mask, 0 or 1
//   24  uint64   tokens
//   32  uint64   documents
//   64           ids; then, at the next multiple of 4, a uint32 for each document: tokens up to its end; then a byte a token: the mask
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { basename } from 'node:path';
import { InputError } from '../nodes/kind.ts';
import type { Document } from './documents/documents.ts';

export interface ShardHead {
  /** Bytes of an id. */
  width: 2 | 4;
  masked: boolean;
  tokens: number;
  documents: number;
}

const MAGIC = Buffer.from('dsktoken');
const HEAD = 64;
/** Ids held in memory before they are written. */
const BUFFERED = 1 << 20;

/** Ids below `size` take this many bytes. */
export function widthFor(size: number): 2 | 4 {
  return size <= 1 << 16 ? 2 : 4;
}

export interface ShardWriter {
  /** Appends a document; null is an empty one. */
  add(document: Document | null): void;
  /** Writes what is left and the head, and closes the file. */
  end(): ShardHead;
  /** Closes the file as it is. */
  drop(): void;
}

/** Starts a shard at `path`. The caller syncs and renames it when it is done. */
export function newShard(path: string, width: 2 | 4, masked: boolean): ShardWriter {
  const file = openSync(path, 'w');
  const ids = width === 2 ? new Uint16Array(BUFFERED) : new Uint32Array(BUFFERED);
  let held = 0;
  let tokens = 0;
  let at = HEAD;
  const ends: number[] = [];
  const masks: Uint8Array[] = [];
  const write = (bytes: Uint8Array) => {
    writeAll(file, bytes, at);
    at += bytes.length;
  };
  const flush = () => {
    write(new Uint8Array(ids.buffer, 0, held * width));
    held = 0;
  };
  return {
    add(document) {
      const given = document?.ids ?? [];
      for (let i = 0; i < given.length; i++) {
        if (held === BUFFERED) flush();
        ids[held++] = given[i] as number;
      }
      tokens += given.length;
      ends.push(tokens);
      if (!masked) return;
      const mask = document?.mask ?? [];
      if (mask.length !== given.length)
        throw new Error(`a document has ${given.length} ids and a mask of ${mask.length}`);
      masks.push(Uint8Array.from(mask));
    },
    end() {
      flush();
      write(new Uint8Array(-at & 3));
      const places = Uint32Array.from(ends);
      write(new Uint8Array(places.buffer));
      for (const mask of masks) write(mask);
      const head: ShardHead = { width, masked, tokens, documents: ends.length };
      writeAll(file, packHead(head), 0);
      closeSync(file);
      return head;
    },
    drop: () => closeSync(file),
  };
}

export interface ShardReader extends ShardHead {
  /** Fills `to` with ids from token `start` of the shard on. */
  ids(start: number, to: Int32Array): void;
  /** Fills `to` with the mask from token `start` on: 1 where there is none. */
  mask(start: number, to: Uint8Array): void;
  /** For each document, tokens of the shard up to its end. */
  ends(): Uint32Array;
  close(): void;
}

/** Opens a shard. Throws InputError where it is none, or not as long as its head says. */
export function openShard(path: string): ShardReader {
  const file = openFile(path);
  try {
    const bytes = fstatSync(file).size;
    const head = unpackHead(readAll(file, path, 0, Math.min(bytes, HEAD)));
    if (!head) throw damaged(path, 'it does not begin like a shard of tokens');
    const places = HEAD + Math.ceil((head.tokens * head.width) / 4) * 4;
    const masks = places + 4 * head.documents;
    const whole = masks + (head.masked ? head.tokens : 0);
    if (bytes !== whole) throw damaged(path, `it has ${bytes} bytes, ${whole} are needed`);
    let ends: Uint32Array | null = null;
    return {
      ...head,
      ids(start, to) {
        const { buffer } = readAll(file, path, HEAD + start * head.width, to.length * head.width);
        to.set(head.width === 2 ? new Uint16Array(buffer) : new Int32Array(buffer));
      },
      mask(start, to) {
        if (head.masked) to.set(readAll(file, path, masks + start, to.length));
        else to.fill(1);
      },
      ends() {
        ends ??= new Uint32Array(readAll(file, path, places, 4 * head.documents).buffer);
        return ends;
      },
      close: () => closeSync(file),
    };
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

function openFile(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw damaged(path, 'it is gone');
    throw error;
  }
}

export function damaged(path: string, what: string): InputError {
  return new InputError({
    code: 'tokens-damaged',
    message: `the tokens in ${path} are damaged: ${what}`,
    at: null,
    note: `remove the folder that ${basename(path)} is in, and run again: the tokens are made again`,
  });
}

function packHead({ width, masked, tokens, documents }: ShardHead): Uint8Array {
  const bytes = Buffer.alloc(HEAD);
  MAGIC.copy(bytes);
  bytes.writeUInt32LE(1, 8);
  bytes.writeUInt32LE(width, 12);
  bytes.writeUInt32LE(Number(masked), 16);
  bytes.writeBigUInt64LE(BigInt(tokens), 24);
  bytes.writeBigUInt64LE(BigInt(documents), 32);
  return bytes;
}

function unpackHead(bytes: Uint8Array): ShardHead | null {
  const view = Buffer.from(bytes);
  if (view.length < HEAD || !view.subarray(0, MAGIC.length).equals(MAGIC) || view.readUInt32LE(8) !== 1) return null;
  const width = view.readUInt32LE(12);
  const masked = view.readUInt32LE(16);
  if ((width !== 2 && width !== 4) || masked > 1) return null;
  return {
    width,
    masked: masked === 1,
    tokens: Number(view.readBigUInt64LE(24)),
    documents: Number(view.readBigUInt64LE(32)),
  };
}

/** Writes all of the bytes at a place; writing may stop half-way. */
function writeAll(file: number, bytes: Uint8Array, at: number): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, bytes.length - done, at + done);
}

/** Reads exactly `count` bytes, into a buffer of their own. */
function readAll(file: number, path: string, at: number, count: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(count);
  for (let done = 0; done < count; ) {
    const got = readSync(file, bytes, done, count - done, at + done);
    if (got === 0) throw damaged(path, `it ends at byte ${at + done}`);
    done += got;
  }
  return bytes;
}
