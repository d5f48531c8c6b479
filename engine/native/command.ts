// Runs a command to its end and keeps what it printed, to show when it failed.
import { spawn } from 'node:child_process';

export interface Ran {
  /** Exit status; null when the command could not be started or a signal ended it. */
  status: number | null;
  signal: string | null;
  /** Why the command could not be started, e.g. ENOENT. */
  failure: string | null;
  stdout: string;
  stderr: string;
}

/** Runs `command` without a shell and without standard input. Never throws for what the command does. */
export function run(
  command: string,
  args: string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; timeout?: number } = {},
): Promise<Ran> {
  return new Promise((done) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const text = { stdout: '', stderr: '' };
    child.stdout.on('data', (data: Buffer) => (text.stdout += data.toString()));
    child.stderr.on('data', (data: Buffer) => (text.stderr += data.toString()));
    child.on('error', (error: NodeJS.ErrnoException) =>
      done({ status: null, signal: null, failure: error.code ?? error.message, ...text }),
    );
    child.on('close', (status, signal) => done({ status, signal, failure: null, ...text }));
  });
}

/** The end of what a failed command printed: where compilers and pip say what was wrong. */
export function lastLines(ran: Ran, count = 12): string {
  if (ran.failure) return ran.failure;
  const lines = `${ran.stdout}\n${ran.stderr}`.split('\n').filter((line) => line.trim() !== '');
  const ended = ran.signal ? [`ended by ${ran.signal}`] : [];
  return [...lines.slice(-count), ...ended].map((line) => `    ${line}`).join('\n');
}
