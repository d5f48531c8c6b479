// Starts runs: each a `dsk run` in a session of its own, whose output goes into a file, so that the end of the host neither kills
// nor blocks it. Waits until the run's folder is there, or says what the command said.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFileSync, closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunEvent } from '../run/events.ts';
import { folders, names } from '../run/folders.ts';
import { readRun } from '../run/record.ts';
import type { Methods } from './contract.ts';
import { parseEvent } from './events.ts';
import { HostError } from './fault.ts';

export const launcher = fileURLToPath(new URL('../cli/dsk.mjs', import.meta.url));
const every = 30;
/** Outputs are kept for a month: a native crash leaves its last words nowhere else. */
const keep = 30 * 86400e3;

/**
 * Starts a run of the file as it is on disk.
 * @param outputs folder for what the process prints
 * @param ended told when the process has ended while this host is about
 * @throws HostError `locked`, `graph-errors`, `bad-request` or `failed` when no run comes of it
 */
export async function startRun(
  { path, to, fresh, resume, set }: Methods['run.start']['params'],
  outputs: string,
  ended: () => void,
): Promise<{ run: string }> {
  mkdirSync(outputs, { recursive: true });
  prune(outputs);
  const output = join(outputs, `${randomBytes(6).toString('hex')}.log`);
  const args = ['run', path, '--json', '--quiet'];
  for (const [name, value] of Object.entries(set)) args.push('--set', `${name}=${value}`);
  if (to !== null) args.push('--to', to);
  if (fresh) args.push('--fresh');
  if (resume) args.push('--resume');
  const where = folders(dirname(path));
  const before = new Set(names(where.runs));
  const child = spawnInto(output, args, dirname(path));
  const exit = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((done) => {
    child.once('exit', (code, signal) => done({ code, signal }));
    child.once('error', (error) => {
      appendFileSync(output, `${error.message}\n`);
      done({ code: null, signal: null });
    });
  });
  let over = false;
  void exit.then(() => {
    over = true;
  });
  while (true) {
    const gone = over; // asked first: a run that was short is found all the same
    const run = names(where.runs).find((id) => !before.has(id) && readRun(where, id)?.process.pid === child.pid);
    if (run !== undefined) {
      const kept = join(outputs, `${run}.log`);
      renameSync(output, kept);
      void exit.then(({ signal }) => {
        if (signal) appendFileSync(kept, `the process was ended by ${signal}\n`);
        ended();
      });
      return { run };
    }
    if (gone) throw said(output, await exit);
    await new Promise((done) => setTimeout(done, every));
  }
}

/** What the process of a run printed besides its events, and how it ended; null where nothing is known. */
export function outputOf(outputs: string, run: string): string | null {
  try {
    const lines = readFileSync(join(outputs, `${run}.log`), 'utf8').split('\n');
    const text = lines.filter((line) => line !== '' && parseEvent(line) === null).join('\n');
    return text === '' ? null : text;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function spawnInto(output: string, args: string[], cwd: string): ChildProcess {
  const log = openSync(output, 'a');
  try {
    const child = spawn(process.execPath, [launcher, ...args], {
      cwd,
      detached: true,
      windowsHide: true,
      stdio: ['ignore', log, log],
    });
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

/** Why there is no run. */
function said(output: string, { code, signal }: { code: number | null; signal: NodeJS.Signals | null }): HostError {
  const text = readFileSync(output, 'utf8');
  rmSync(output, { force: true });
  const lines = text.split('\n').filter((line) => line !== '');
  const events = lines.map(parseEvent).filter((event) => event !== null);
  const words = lines.filter((line) => parseEvent(line) === null).map((line) => line.replace(/^dsk: /, ''));
  const errors = events.filter((event) => event.event === 'diagnostic' && event.severity === 'error');
  if (errors.length > 0) return new HostError('graph-errors', errors.map(shown).join('\n'));
  const failed = events.find((event) => event.event === 'failed');
  const message = failed?.event === 'failed' ? failed.message : words.join('\n');
  const how = signal ? `the run was ended by ${signal} before it began` : `the run ended with exit code ${code}`;
  if (code === 2) return new HostError('bad-request', message || how);
  return new HostError(message.startsWith('this folder is in use by') ? 'locked' : 'failed', message || how);
}

function shown(event: RunEvent): string {
  return event.event === 'diagnostic' ? `line ${event.line}: ${event.message}` : '';
}

function prune(outputs: string): void {
  for (const name of names(outputs)) {
    const path = join(outputs, name);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat && Date.now() - stat.mtimeMs > keep) rmSync(path, { force: true });
  }
}
