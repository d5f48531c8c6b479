// Graphs that were opened, newest first, for the start page.
import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Handlers } from './handlers.ts';
import type { State } from './state.ts';

const most = 30;

interface Opened {
  path: string;
  /** ISO 8601. */
  opened: string;
}

export async function noteOpened(state: State, path: string): Promise<void> {
  const opened = new Date().toISOString();
  await state.change('recent', (before) => ({
    files: [{ path, opened }, ...files(before).filter((each) => each.path !== path)].slice(0, most),
  }));
}

export function recentHandlers(state: State): Pick<Handlers, 'file.recent'> {
  return {
    'file.recent': () =>
      files(state.read('recent')).map(({ path, opened }) => ({
        path,
        name: basename(path),
        folder: dirname(path),
        opened,
        exists: existsSync(path),
      })),
  };
}

function files(value: unknown): Opened[] {
  const list = (value as { files?: unknown } | null)?.files;
  if (!Array.isArray(list)) return [];
  return (list as Partial<Opened>[]).filter(
    (each): each is Opened => typeof each?.path === 'string' && typeof each.opened === 'string',
  );
}
