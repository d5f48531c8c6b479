// The end of a command: the exit codes, closed pipes, flushed output.

/** 0 done, 1 the user's input has errors, 2 wrong usage, 3 failed, 130 interrupted. */
export type ExitCode = 0 | 1 | 2 | 3 | 130;

/** Ends a command with a code; the message, where there is one, is all the user sees. */
export class Exit extends Error {
  readonly code: ExitCode;
  constructor(code: ExitCode, message = '') {
    super(message);
    this.name = 'Exit';
    this.code = code;
  }
}

/**
 * Keeps a reader that went away (`dsk runs | head`, a closed terminal) from ending the process with a stack trace: what is
 * written afterwards is dropped, and a run goes on, since its folder has all it says.
 */
export function guardStreams(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
    });
  }
}

/** Waits until all output is written and ends the process, whatever native threads are still about. */
export async function finish(): Promise<never> {
  await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write('', done))));
  process.exit();
}
