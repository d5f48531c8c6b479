// Runs the real command line in a folder of its own, with the kinds of test/run/kinds.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import type { RunEvent } from '../../engine/run/events.ts';
import type { RunRecord } from '../../engine/run/record.ts';

export const launcher = fileURLToPath(new URL('../../engine/cli/dsk.mjs', import.meta.url));
const kinds = fileURLToPath(new URL('./kinds', import.meta.url));

export interface Done {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  /** Lines of `--json`. */
  events: RunEvent[];
}

export interface Running {
  child: ChildProcess;
  done: Promise<Done>;
  /** Resolves once stdout and stderr together contain the text; rejects when the process ends before. */
  says(text: string): Promise<void>;
  /** What both contain so far. */
  said(): string;
}

const made: string[] = [];
afterAll(() => {
  for (const path of made) rmSync(path, { recursive: true, force: true });
});

/** A folder with these files, removed when the tests have ended. */
export function folder(files: Record<string, string>): string {
  const path = mkdtempSync(join(tmpdir(), 'dsk-test-'));
  made.push(path);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return path;
}

/** Starts a command; through a shell where `shell` says how, with the command as its arguments. */
export function start(cwd: string, args: string[], shell = 'exec "$@"'): Running {
  const env = { ...process.env, DSK_KINDS: kinds, NO_COLOR: '1' };
  const child = spawn('bash', ['-c', shell, 'bash', process.execPath, launcher, ...args], { cwd, env });
  let [stdout, stderr] = ['', ''];
  const waiting: { text: string; yes: () => void; no: (error: Error) => void }[] = [];
  const look = () => {
    for (const each of waiting) if (`${stdout}${stderr}`.includes(each.text)) each.yes();
  };
  child.stdout?.on('data', (piece: Buffer) => {
    stdout += piece.toString();
    look();
  });
  child.stderr?.on('data', (piece: Buffer) => {
    stderr += piece.toString();
    look();
  });
  const done = new Promise<Done>((resolve) => {
    child.on('close', (code, signal) => {
      for (const { text, no } of waiting) no(new Error(`ended without saying ${text}:\n${stdout}${stderr}`));
      const lines = args.includes('--json') ? stdout.split('\n').filter((line) => line !== '') : [];
      resolve({ code, signal, stdout, stderr, events: lines.map((line) => JSON.parse(line) as RunEvent) });
    });
  });
  const says = (text: string) =>
    new Promise<void>((yes, no) => {
      waiting.push({ text, yes, no });
      look();
    });
  return { child, done, says, said: () => `${stdout}${stderr}` };
}

export function dsk(cwd: string, ...args: string[]): Promise<Done> {
  return start(cwd, args).done;
}

/** run.json of all runs, oldest first. */
export function records(cwd: string): RunRecord[] {
  return list(join(cwd, '.dsk/runs')).map((id) => {
    return JSON.parse(readFileSync(join(cwd, '.dsk/runs', id, 'run.json'), 'utf8')) as RunRecord;
  });
}

/** Keys of all results in the cache. */
export function entries(cwd: string): string[] {
  return list(join(cwd, '.dsk/cache')).filter((name) => /^[0-9a-f]{64}$/.test(name));
}

/** Everything under a folder that is unfinished work. */
export function leftovers(cwd: string): string[] {
  return readdirSync(cwd, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('.tmp-'));
}

export function list(path: string): string[] {
  return readdirSync(path).sort();
}

export function last(done: Done): RunEvent | undefined {
  return done.events.at(-1);
}

/** Reads, walks, delivers. */
export function walking(params = ''): string {
  return `dsk 1

param steps = 20

count = lines("words.txt")
trained = walk(count, steps: steps${params ? `, ${params}` : ''})
saved = deliver(trained, path: "out/walk")
`;
}

export const words = 'one\ntwo\nthree\n';
