// The folders of graphs that are being worked on: their files with what was read of them, and digests. Kept while in use and for
// a minute after, so that checking at every keystroke and planning again read nothing twice.
import { type GraphFiles, openFiles } from '../graph/files.ts';
import { cacheFolder } from '../plan/cache.ts';
import { type Digests, digestsPath, openDigests } from '../plan/digests.ts';

const idle = 60_000;

export interface OpenFolder {
  files: GraphFiles;
  digests: Digests;
}

export interface OpenFolders {
  /** Lends the folder to `work`. */
  use<T>(folder: string, work: (open: OpenFolder) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

interface Lent extends OpenFolder {
  users: number;
  closing: NodeJS.Timeout | null;
}

export function openFolders(): OpenFolders {
  const open = new Map<string, Lent>();
  const give = (folder: string): Lent => {
    const known = open.get(folder);
    if (known) return known;
    const fresh: Lent = {
      files: openFiles({ folder }),
      digests: openDigests(digestsPath(cacheFolder(folder))),
      users: 0,
      closing: null,
    };
    open.set(folder, fresh);
    return fresh;
  };
  const close = async (folder: string, lent: Lent) => {
    if (lent.closing) clearTimeout(lent.closing);
    open.delete(folder);
    await lent.files.close();
  };
  return {
    async use(folder, work) {
      const lent = give(folder);
      if (lent.closing) clearTimeout(lent.closing);
      lent.users++;
      try {
        return await work(lent);
      } finally {
        if (--lent.users === 0 && open.get(folder) === lent) {
          lent.closing = setTimeout(() => void close(folder, lent), idle);
          lent.closing.unref();
        }
      }
    },
    async close() {
      await Promise.all([...open].map(([folder, lent]) => close(folder, lent)));
    },
  };
}
