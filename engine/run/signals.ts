// Ctrl-C, SIGTERM and SIGHUP: the first asks the step to save a checkpoint and leave, the second ends the process at once.
// SIGHUP, which a closing terminal sends, means that only to a run that writes to a terminal. One whose output goes elsewhere
// outlives the terminal, as with `nohup` (whose own setting Node undoes when it starts).
import { Interrupted } from './failure.ts';

export interface Signals {
  signal: AbortSignal;
  /** Gives the signals back their ordinary meaning. */
  stop(): void;
}

/**
 * @param first told of the first signal
 * @param second last words before the process ends with 130: must not wait for anything
 */
export function catchSignals(first: (name: string) => void, second: () => void): Signals {
  const controller = new AbortController();
  const attached = process.stdout.isTTY || process.stderr.isTTY;
  const interrupt = (name: NodeJS.Signals) => {
    if (name === 'SIGHUP' && !attached) return;
    if (controller.signal.aborted) {
      second();
      process.exit(130);
    }
    first(name);
    controller.abort(new Interrupted(name));
  };
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of names) process.on(name, interrupt);
  return {
    signal: controller.signal,
    stop() {
      for (const name of names) process.off(name, interrupt);
    },
  };
}
