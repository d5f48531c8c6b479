// Runs a plan: takes the folder's lock, sweeps up after killed runs and carries the steps out (carry.ts).
import { basename, dirname } from 'node:path';
import { diskError } from '../data/atomic.ts';
import { Carrying, type Outcome, type RunInput } from './carry.ts';
import type { Emit } from './events.ts';
import { type Folders, folders, sweep } from './folders.ts';
import { takeLock } from './lock.ts';

/**
 * Runs a plan whose graph has no errors.
 * @param watch told of everything that also goes to `events.jsonl`
 * @param signal aborted when the user wants the run to stop
 * @throws LockedError when another run holds the folder, and whatever keeps the run's own folder from being made (InputError
 *   where the disk is full); every later failure is an outcome
 */
export async function run(input: RunInput, watch: Emit, signal: AbortSignal): Promise<Outcome> {
  const where = folders(dirname(input.file));
  try {
    return await runLocked(input, where, watch, signal);
  } catch (error) {
    throw await diskError(error, dirname(where.root), basename(where.root));
  }
}

async function runLocked(input: RunInput, where: Folders, watch: Emit, signal: AbortSignal): Promise<Outcome> {
  const release = takeLock(where, `a run of ${basename(input.file)}`);
  let under: Carrying | null = null;
  // A second Ctrl-C ends the process on the spot: this is all that can still be done.
  const leave = (code: number) => {
    under?.abandon(code);
    release();
  };
  process.once('exit', leave);
  try {
    sweep(where);
    under = new Carrying(input, where, watch, signal);
    return await under.carryOut();
  } finally {
    process.off('exit', leave);
    release();
  }
}
