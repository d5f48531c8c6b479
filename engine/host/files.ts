// Opening, saving and watching graph files. A save names the version it replaces, so nobody's work is overwritten unseen; pages
// that have the same file open, and changes from outside, are told apart by versions.

import { rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Draft } from './drafts.ts';
import { openDrafts } from './drafts.ts';
import { HostError } from './fault.ts';
import type { Client, Handlers, Host } from './handlers.ts';
import { layoutPath, readLayout, writeLayout } from './layout.ts';
import { noteOpened } from './recent.ts';
import { graphPath, isWritable, readIfThere, readText, writeText } from './text.ts';
import { watchFile } from './watch.ts';

type FileHandlers = Pick<Handlers, 'file.open' | 'file.save' | 'file.layout' | 'file.draft' | 'file.close'>;

/** A file that pages have open, and the version each knows. */
interface Watched {
  versions: Map<Client, string>;
  stop(): void;
}

export function fileHandlers(host: Host): FileHandlers {
  const drafts = openDrafts(host.state);
  const open = new Map<string, Watched>();
  const clients = new WeakSet<Client>();
  const saving = new Map<string, Promise<unknown>>();

  const tell = (path: string, text: string | null, version: string) => {
    for (const [client, known] of open.get(path)?.versions ?? []) {
      if (known === version) continue;
      open.get(path)?.versions.set(client, version);
      client.notify('file.changed', { path, text, version });
    }
  };
  const reread = async (path: string) => {
    try {
      const now = await readIfThere(path);
      tell(path, now?.text ?? null, now?.version ?? '');
    } catch (error) {
      // No text any more, or not to be read: saving will say so, with the user's text still in the editor.
      if (!(error instanceof HostError)) host.log(error);
    }
  };
  const close = (path: string, client: Client) => {
    const watched = open.get(path);
    watched?.versions.delete(client);
    if (watched?.versions.size !== 0) return;
    watched.stop();
    open.delete(path);
  };
  const watch = (path: string, client: Client, version: string) => {
    let watched = open.get(path);
    if (!watched) {
      watched = { versions: new Map(), stop: watchFile(path, () => void reread(path)) };
      open.set(path, watched);
    }
    watched.versions.set(client, version);
    if (clients.has(client)) return;
    clients.add(client);
    client.gone.addEventListener('abort', () => {
      for (const each of [...open.keys()]) close(each, client);
    });
  };
  host.ending.addEventListener('abort', () => {
    for (const { stop } of open.values()) stop();
    open.clear();
  });

  /** One save after another, so that none slips in between another's reading and writing. */
  const inTurn = async <T>(path: string, act: () => Promise<T>): Promise<T> => {
    const next = (saving.get(path) ?? Promise.resolve()).then(act, act);
    saving.set(path, next);
    try {
      return await next;
    } finally {
      if (saving.get(path) === next) saving.delete(path);
    }
  };

  return {
    async 'file.open'({ path: given }, client) {
      const path = graphPath(given);
      const { text, version } = await readText(path);
      watch(path, client, version);
      await noteOpened(host.state, path);
      const folder = dirname(path);
      return {
        path,
        folder,
        name: basename(path),
        text,
        version,
        writable: isWritable(path),
        layout: await readLayout(path),
        draft: differing(drafts.read(path), text),
        trusted: host.trust.has(folder),
      };
    },
    'file.save': ({ path: given, text, base }, client) => {
      const path = graphPath(given);
      return inTurn(path, async () => {
        const now = await readIfThere(path);
        // Where there is no file any more there is nothing to overwrite.
        if (now && now.version !== base) {
          open.get(path)?.versions.set(client, now.version);
          return { saved: false as const, ...now };
        }
        if (now && !isWritable(path)) throw new HostError('not-allowed', `${path} is read-only; save it elsewhere`);
        const version = await writeText(path, text);
        open.get(path)?.versions.set(client, version);
        tell(path, text, version);
        if (drafts.read(path)?.text === text) await drafts.drop(path);
        return { saved: true as const, version };
      });
    },
    async 'file.layout'({ path: given, layout }) {
      const path = graphPath(given);
      if (Object.keys(layout.nodes).length === 0) await rm(layoutPath(path), { force: true });
      else await writeLayout(path, layout);
      return null;
    },
    async 'file.draft'({ path: given, text, base }) {
      const path = graphPath(given);
      if (text === null) await drafts.drop(path);
      else await drafts.keep(path, text, base);
      return null;
    },
    'file.close'({ path }, client) {
      close(graphPath(path), client);
      return null;
    },
  };
}

function differing(draft: Draft | null, text: string): Draft | null {
  return draft && draft.text !== text ? draft : null;
}
