// The user's own state, outside all graphs' folders: settings, recent files, trusted folders, drafts and the log. JSON files that
// are replaced as a whole; a damaged one counts as missing, and is kept aside.
import { readFileSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { writeFile } from '../data/atomic.ts';

export interface State {
  readonly folder: string;
  /** What the file NAME.json holds, or null where there is none. */
  read(name: string): unknown;
  /** Replaces it by what `change` makes of it. Changes follow one another, also those of several pages. */
  change<T>(name: string, change: (value: unknown) => T): Promise<T>;
}

/** DSK_STATE, or where the system keeps such things. */
export function stateFolder(): string {
  const { DSK_STATE, XDG_STATE_HOME, LOCALAPPDATA } = process.env;
  if (DSK_STATE) return DSK_STATE;
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'dsk');
  if (process.platform === 'win32') return join(LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'dsk');
  return join(XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'dsk');
}

export function openState(folder: string): State {
  let last: Promise<unknown> = Promise.resolve();
  const pathOf = (name: string) => join(folder, `${name}.json`);
  const read = (name: string) => readJson(pathOf(name));
  return {
    folder,
    read,
    change<T>(name: string, change: (value: unknown) => T): Promise<T> {
      const next = last.then(async () => {
        const value = change(read(name));
        await writeFile(pathOf(name), `${JSON.stringify(value, null, 2)}\n`);
        return value;
      });
      last = next.catch(() => {}); // whoever asked for it is told
      return next;
    },
  };
}

/** A JSON file's value; null where there is none. One that is no JSON is moved aside, so that it is neither lost nor in the way. */
export function readJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    renameSync(path, `${path}.damaged`);
    return null;
  }
}
