// What went wrong, for people: sorts what a step threw into the user's input (exit 1), a full disk (exit 1) and a failed run
// (exit 3). Stacks go to error.log, never to the terminal.
import { diskError } from '../data/atomic.ts';
import { type Complaint, InputError } from '../nodes/kind.ts';
import { NonFiniteError } from '../nodes/module.ts';

/** Thrown (as the signal's reason) when the user stops the run. */
export class Interrupted extends Error {
  constructor(signal: string) {
    super(`stopped by ${signal}`);
    this.name = 'Interrupted';
  }
}

export interface Failure {
  exit: 1 | 3;
  message: string;
  /** What to try. */
  notes: string[];
  /** Set when the user can do something about it at a place in the graph, or on the disk. */
  complaint?: Complaint;
}

/** What is known of the step that stopped. */
export interface Circumstances {
  /** Bytes that the plan expected it to leave on disk. */
  disk?: number | undefined;
  /** The last training step that was done. */
  step?: number | undefined;
}

/**
 * @param error whatever was thrown
 * @param folder a folder on the disk that is written to
 */
export async function explain(error: unknown, folder: string, around: Circumstances): Promise<Failure> {
  const known = tooLarge(error) ?? (await diskError(error, folder));
  if (known instanceof InputError) {
    const complaint = { ...known.complaint };
    if (complaint.code === 'disk-full' && around.disk)
      complaint.message += `; the step's result takes about ${size(around.disk)}`;
    return { exit: 1, message: complaint.message, notes: complaint.note ? [complaint.note] : [], complaint };
  }
  if (error instanceof NonFiniteError) return nonFinite(error, around.step);
  const message = error instanceof Error ? error.message : String(error);
  return { exit: 3, message: message.split('\n')[0] || 'unknown error', notes: notesOf(error) };
}

function nonFinite(error: NonFiniteError, last: number | undefined): Failure {
  const step = last === undefined ? '' : ` at step ${last + 1}`;
  return {
    exit: 3,
    message: `${error.message}${step}; the weights are as they were before it`,
    notes: ['a lower learning rate (`lr`), a longer warmup or `clip: 1.0` usually helps'],
  };
}

/** Some failures know what the user can try. */
function notesOf(error: unknown): string[] {
  const notes = error instanceof Error && 'notes' in error ? error.notes : [];
  return Array.isArray(notes) ? notes.filter((note) => typeof note === 'string') : [];
}

/** A file size limit that was set for this process; DuckDB hands on the operating system's words only. */
function tooLarge(error: unknown): InputError | null {
  if (!(error instanceof Error)) return null;
  if ((error as NodeJS.ErrnoException).code !== 'EFBIG' && !/file too large/i.test(error.message)) return null;
  return new InputError({
    code: 'disk-full',
    message: 'a file grew past the largest size allowed here',
    at: null,
    note: 'raise the limit (`ulimit -f`) and run again; nothing unfinished was left behind',
  });
}

/** Bytes for people, in powers of 1000: "74.1 MB". */
export function size(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}
