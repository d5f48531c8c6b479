// Folders for the editor's own file dialogs.
import { readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { Entry } from './contract.ts';
import { graphsFolder } from './examples.ts';
import { HostError } from './fault.ts';
import type { Handlers } from './handlers.ts';

const most = 5000;

export function listHandlers(): Pick<Handlers, 'file.list'> {
  return {
    'file.list'({ folder: given, extensions }) {
      if (given !== null && (!isAbsolute(given) || given.includes('\0'))) {
        throw new HostError('bad-request', `${given} is no absolute path`);
      }
      const folder = given === null ? start() : resolve(given);
      const entries = readdirSync(folder)
        .filter((name) => !name.startsWith('.'))
        .slice(0, most)
        .flatMap((name) => entry(folder, name))
        .filter((each) => each.folder || extensions.length === 0 || extensions.some((end) => each.name.endsWith(end)))
        .sort((a, b) => Number(b.folder) - Number(a.folder) || a.name.localeCompare(b.name));
      const parent = dirname(folder);
      return { folder, parent: parent === folder ? null : parent, entries };
    },
  };
}

function start(): string {
  const own = graphsFolder();
  return statSync(own, { throwIfNoEntry: false })?.isDirectory() ? own : homedir();
}

function entry(folder: string, name: string): Entry[] {
  const path = join(folder, name);
  try {
    const stat = statSync(path);
    if (!stat.isDirectory() && !stat.isFile()) return [];
    return [{ name, path, folder: stat.isDirectory(), bytes: stat.isFile() ? stat.size : 0 }];
  } catch {
    return []; // a link that leads nowhere, or a folder that may not be looked into
  }
}
