// What an editor has not saved yet, kept in the user's state by the graph's path until it is saved or dropped.
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFile } from '../data/atomic.ts';
import type { OpenFile } from './contract.ts';
import { readJson, type State } from './state.ts';

export type Draft = NonNullable<OpenFile['draft']>;

export interface Drafts {
  read(path: string): Draft | null;
  keep(path: string, text: string, base: string): Promise<void>;
  drop(path: string): Promise<void>;
}

export function openDrafts({ folder }: State): Drafts {
  const place = (path: string) =>
    join(folder, 'drafts', `${createHash('sha256').update(path).digest('hex').slice(0, 32)}.json`);
  // A drop that overtakes the write before it would let the draft come back.
  const last = new Map<string, Promise<void>>();
  const queue = (path: string, act: () => Promise<void>): Promise<void> => {
    const next = (last.get(path) ?? Promise.resolve()).then(act);
    const settled = next.catch(() => {}); // whoever asked for it is told
    last.set(path, settled);
    void settled.then(() => last.get(path) === settled && last.delete(path));
    return next;
  };
  return {
    read(path) {
      const draft = readJson(place(path)) as (Draft & { path: string }) | null;
      if (draft?.path !== path || typeof draft.text !== 'string') return null;
      return { text: draft.text, time: draft.time, base: draft.base };
    },
    keep: (path, text, base) =>
      queue(path, () => writeFile(place(path), JSON.stringify({ path, text, base, time: new Date().toISOString() }))),
    drop: (path) => queue(path, () => rm(place(path), { force: true })),
  };
}
