// The host: everything behind the contract, one noun a file, and what those share. Who carries the messages is in rpc.ts.
import { setMaxListeners } from 'node:events';
import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readKinds } from '../graph/kinds.ts';
import type { Kinds } from '../graph/registry.ts';
import { checkHandlers } from './check.ts';
import { exampleHandlers } from './examples.ts';
import { fileHandlers } from './files.ts';
import { generateHandlers } from './generate.ts';
import type { Handlers, Host } from './handlers.ts';
import { listHandlers } from './list.ts';
import { openFolders } from './open.ts';
import { recentHandlers } from './recent.ts';
import { resultHandlers } from './results.ts';
import { runHandlers } from './runs.ts';
import { settingsHandlers } from './settings.ts';
import { openState, stateFolder } from './state.ts';
import { openTrust, trustHandlers } from './trust.ts';

export interface Service {
  readonly handlers: Handlers;
  log(error: unknown): void;
  /** Ends watching and what was started for pages. Runs go on. */
  close(): Promise<void>;
}

const largestLog = 4 << 20;

/** @param file the graph to open first, absolute */
export function openService({ file, version }: { file: string | null; version: string }): Service {
  const ending = new AbortController();
  setMaxListeners(0, ending.signal);
  const state = openState(stateFolder());
  let kinds: Promise<Kinds> | null = null;
  const host: Host = {
    file,
    state,
    trust: openTrust(state),
    folders: openFolders(),
    kinds: () => {
      kinds ??= readKinds().catch((error: unknown) => {
        kinds = null; // a kind of the user's own that is wrong may be mended
        throw error;
      });
      return kinds;
    },
    log: (error) => log(state.folder, error),
    ending: ending.signal,
  };
  // Read before the first page asks; what is wrong with them is told then.
  setImmediate(() => void host.kinds().catch(() => {}));
  return {
    handlers: {
      ...settingsHandlers(host, version),
      ...exampleHandlers(host),
      ...fileHandlers(host),
      ...listHandlers(),
      ...recentHandlers(state),
      ...checkHandlers(host),
      ...trustHandlers(host.trust),
      ...runHandlers(host),
      ...resultHandlers(host),
      ...generateHandlers(host),
    },
    log: host.log,
    async close() {
      ending.abort();
      await host.folders.close();
    },
  };
}

/** For bug reports; the page was told the first line. */
function log(folder: string, error: unknown): void {
  const path = join(folder, 'studio.log');
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  try {
    mkdirSync(folder, { recursive: true });
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > largestLog) renameSync(path, `${path}.old`);
    appendFileSync(path, `${new Date().toISOString()} ${text}\n`);
  } catch {
    process.stderr.write(`${text}\n`); // no disk to write to
  }
}
