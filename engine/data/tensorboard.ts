// TensorBoard event files: TFRecords (length, masked CRC-32C, data, masked CRC-32C) of Event messages in protobuf's wire format.
// Written by hand because it is a few small messages: Event { wall_time 1, step 2, file_version 3, summary 5 }, Summary { value 1 },
// Summary.Value { tag 1, simple_value 2, tensor 8, metadata 9 }; a text is a tensor of strings, and its metadata names the plugin.
import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { diskError } from './atomic.ts';

const FLUSH_AT = 1 << 16;
/** TensorFlow's DT_STRING. */
const STRING = 7;

export interface Events {
  readonly path: string;
  /** One number of a curve. `wallTime` in seconds since 1970; default: now. */
  scalar(tag: string, step: number, value: number, wallTime?: number): void;
  /** A text at a step; shown as Markdown. */
  text(tag: string, step: number, value: string, wallTime?: number): void;
  /** Makes what was written visible to TensorBoard. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** Starts an event file in a folder (made when missing). Files of several runs in one folder are read in order of their time. */
export function openEvents(folder: string, now: () => number = () => Date.now() / 1000): Events {
  mkdirSync(folder, { recursive: true });
  const started = now();
  const path = join(
    folder,
    `events.out.tfevents.${Math.floor(started).toString().padStart(10, '0')}.${hostname()}.${process.pid}.0`,
  );
  const file = openSync(path, 'a');
  let waiting: Buffer[] = [];
  let bytes = 0;
  let closed = false;
  const add = (event: Buffer) => {
    const framed = frame(event);
    waiting.push(framed);
    bytes += framed.length;
    if (bytes >= FLUSH_AT) write();
  };
  const write = () => {
    const all = Buffer.concat(waiting);
    waiting = [];
    bytes = 0;
    for (let done = 0; done < all.length; ) done += writeSync(file, all, done);
  };
  const safely = async (work: () => void) => {
    try {
      work();
    } catch (error) {
      throw await diskError(error, dirname(path), basename(path));
    }
  };
  add(Buffer.concat([fixed64(1, started), delimited(3, Buffer.from('brain.Event:2'))]));
  const summary = (wallTime: number, step: number, value: Buffer[]) =>
    add(Buffer.concat([fixed64(1, wallTime), number(2, step), delimited(5, delimited(1, Buffer.concat(value)))]));
  return {
    path,
    scalar(tag, step, value, wallTime = now()) {
      summary(wallTime, step, [delimited(1, Buffer.from(tag)), fixed32(2, value)]);
    },
    text(tag, step, value, wallTime = now()) {
      const shape = delimited(2, delimited(2, number(1, 1)));
      const tensor = Buffer.concat([number(1, STRING), shape, delimited(8, Buffer.from(value))]);
      const metadata = delimited(1, delimited(1, Buffer.from('text')));
      summary(wallTime, step, [delimited(1, Buffer.from(tag)), delimited(8, tensor), delimited(9, metadata)]);
    },
    flush: () => safely(write),
    async close() {
      if (closed) return;
      closed = true;
      await safely(() => {
        write();
        fsyncSync(file);
      }).finally(() => closeSync(file));
    },
  };
}

/** A double, field `field`. */
function fixed64(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(9);
  bytes[0] = (field << 3) | 1;
  bytes.writeDoubleLE(value, 1);
  return bytes;
}

/** A float, field `field`. */
function fixed32(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes[0] = (field << 3) | 5;
  bytes.writeFloatLE(value, 1);
  return bytes;
}

/** A whole number, field `field`. */
function number(field: number, value: number): Buffer {
  return Buffer.concat([Buffer.from([field << 3]), varint(value)]);
}

function delimited(field: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(field << 3) | 2]), varint(content.length), content]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let left = BigInt(value);
  while (left > 127n) {
    bytes.push(Number(left & 127n) | 128);
    left >>= 7n;
  }
  bytes.push(Number(left));
  return Buffer.from(bytes);
}

function frame(data: Buffer): Buffer {
  const framed = Buffer.alloc(16 + data.length);
  framed.writeBigUInt64LE(BigInt(data.length), 0);
  framed.writeUInt32LE(masked(framed.subarray(0, 8)), 8);
  data.copy(framed, 12);
  framed.writeUInt32LE(masked(data), 12 + data.length);
  return framed;
}

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0x82f63b78 : rest >>> 1;
  return rest;
});

/** CRC-32C (Castagnoli polynomial), as TFRecord masks it. */
function masked(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (table[(crc ^ byte) & 255] as number) ^ (crc >>> 8);
  crc = ~crc >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
