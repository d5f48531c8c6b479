// Reads a run's events.jsonl while it is being written: from any offset, whole lines only.
import { open } from 'node:fs/promises';
import type { RunEvent } from '../run/events.ts';

const piece = 1 << 20;
/** A longer line is no event of ours, and passed over. */
const longest = 16 << 20;

/**
 * Hands on each finished line from byte `from` on, as it is written; a half line at the end waits for the next call.
 * @returns the offset behind the last finished line
 */
export async function readLines(path: string, from: number, each: (line: string) => void): Promise<number> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return from; // deleted, or not yet made
    throw error;
  }
  try {
    let next = from;
    let rest: Buffer = Buffer.alloc(0);
    const buffer = Buffer.allocUnsafe(piece);
    for (let at = from; ; ) {
      const { bytesRead } = await file.read(buffer, 0, piece, at);
      if (bytesRead === 0) return next;
      at += bytesRead;
      const end = buffer.lastIndexOf(10, bytesRead - 1);
      if (end < 0) {
        rest = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
        if (rest.length > longest) {
          rest = Buffer.alloc(0);
          next = at;
        }
        continue;
      }
      const whole = Buffer.concat([rest, buffer.subarray(0, end)]);
      next += whole.length + 1;
      rest = Buffer.from(buffer.subarray(end + 1, bytesRead));
      for (const line of whole.toString('utf8').split('\n')) if (line !== '') each(line);
    }
  } finally {
    await file.close();
  }
}

/** The event of a line; null for what is none (a disk that was full cuts lines off). */
export function parseEvent(line: string): RunEvent | null {
  try {
    const event = JSON.parse(line) as RunEvent | null;
    return typeof event?.event === 'string' ? event : null;
  } catch {
    return null;
  }
}
