// Notices when a file changes, however it is written: in place, by renaming another onto it, deleted and made again. Watches the
// file's folder, whose entry outlives such renames, and looks by itself once a second where watching does not work (network
// disks, too many watches).
import { type FSWatcher, statSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

/** Writers that delete and write again are given this long. */
const settle = 40;
const every = 1000;

/** Calls `changed` when the file is another than before; returns what ends the watch. */
export function watchFile(path: string, changed: () => void): () => void {
  const name = basename(path);
  let seen = look(path);
  let timer: NodeJS.Timeout | null = null;
  const compare = () => {
    timer = null;
    const now = look(path);
    if (now === seen) return;
    seen = now;
    changed();
  };
  const soon = () => {
    timer ??= setTimeout(compare, settle);
  };
  const watcher = watchFolder(dirname(path), (file) => {
    if (file === null || file === name) soon();
  });
  const poll = setInterval(() => {
    if (look(path) !== seen) soon();
  }, every);
  poll.unref();
  return () => {
    watcher?.close();
    clearInterval(poll);
    if (timer) clearTimeout(timer);
  };
}

function watchFolder(folder: string, told: (file: string | null) => void): FSWatcher | null {
  try {
    const watcher = watch(folder, { persistent: false }, (_, file) => told(file));
    watcher.on('error', () => watcher.close()); // the folder went away; looking goes on
    return watcher;
  } catch {
    return null; // no folder yet, or no watches left: looking once a second does it
  }
}

/** Differs when the file does. */
function look(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false, bigint: true });
  return stat ? `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}` : '';
}
