// Which folders' graphs may be run. Only what stands in the user's own state counts: a folder from somewhere else may bring a
// `.dsk` with runs along. The examples that come with Dsk are trusted.
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HostError } from './fault.ts';
import type { Handlers } from './handlers.ts';
import type { State } from './state.ts';

export const examplesFolder = fileURLToPath(new URL('../../examples', import.meta.url));

export interface Trust {
  has(folder: string): boolean;
  grant(folder: string): Promise<void>;
  /** @throws HostError `untrusted` */
  demand(folder: string): void;
}

export function openTrust(state: State): Trust {
  const granted = () => folders(state.read('trust'));
  const has = (folder: string) => {
    const path = real(folder);
    return path === real(examplesFolder) || granted().includes(path);
  };
  return {
    has,
    async grant(folder) {
      if (has(folder)) return;
      await state.change('trust', (before) => ({ folders: [...folders(before), real(folder)] }));
    },
    demand(folder) {
      if (has(folder)) return;
      throw new HostError('untrusted', `graphs in ${folder} have not been run here before; trust the folder first`);
    },
  };
}

export function trustHandlers(trust: Trust): Pick<Handlers, 'trust.grant'> {
  return {
    async 'trust.grant'({ folder }) {
      await trust.grant(folder);
      return null;
    },
  };
}

function folders(value: unknown): string[] {
  const list = (value as { folders?: unknown } | null)?.folders;
  return Array.isArray(list) ? list.filter((each) => typeof each === 'string') : [];
}

/** With links resolved, so that a trusted link cannot be pointed elsewhere. */
function real(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return resolve(folder); // gone: then there is nothing to run either
  }
}
