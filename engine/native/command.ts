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

/**
 * Runs `command` without a shell and without standard input. Never throws for what the command does.
 * @param options.timeout milliseconds after which it is killed; without it, it has all the time it wants
 */
export function run(
  command: string,
  args: string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; timeout?: number } = {},
): Promise<Ran> {
  const { timeout, ...rest } = options;
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...rest, stdio: ['ignore', 'pipe', 'pipe'] });
    // Not spawn's own timeout: its timer outlives a command that could not be started.
    const timer = timeout === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), timeout);
    const text = { stdout: '', stderr: '' };
    const done = (status: number | null, signal: string | null, failure: string | null) => {
      clearTimeout(timer);
      resolve({ status, signal, failure, ...text });
    };
    child.stdout.on('data', (data: Buffer) => (text.stdout += data.toString()));
    child.stderr.on('data', (data: Buffer) => (text.stderr += data.toString()));
    child.on('error', (error: NodeJS.ErrnoException) => done(null, null, error.code ?? error.message));
    child.on('close', (status, signal) => done(status, signal, null));
  });
}

/** The end of what a failed command printed: where compilers and pip say what was wrong. */
export function lastLines(ran: Ran, count = 12): string {
  if (ran.failure) return ran.failure;
  const lines = `${ran.stdout}\n${ran.stderr}`.split('\n').filter((line) => line.trim() !== '');
  const ended = ran.signal ? [`ended by ${ran.signal}`] : [];
  return [...lines.slice(-count), ...ended].map((line) => `    ${line}`).join('\n');
}
