// Ctrl-C, SIGTERM and SIGHUP: the first asks the step to save a checkpoint and leave, the second ends the process at once. A
// closed terminal (SIGHUP) counts as a first one, unless the run was started to outlive it (`nohup`).
import { constants } from 'node:os';
import { Interrupted } from './failure.ts';
import { ignoredAtStart } from './process.ts';

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
  const watched = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).filter(
    (name) => process.platform !== 'win32' || name !== 'SIGHUP',
  );
  const listeners = watched
    // A listener would undo nohup's "ignore".
    .filter((name) => !(name === 'SIGHUP' && ignoredAtStart(constants.signals.SIGHUP)))
    .map((name) => {
      const listener = () => {
        if (controller.signal.aborted) {
          second();
          process.exit(130);
        }
        first(name);
        controller.abort(new Interrupted(name));
      };
      process.on(name, listener);
      return { name, listener };
    });
  return {
    signal: controller.signal,
    stop() {
      for (const { name, listener } of listeners) process.off(name, listener);
    },
  };
}
