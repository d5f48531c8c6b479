// The open file's life: reading, saving, drafts against a crash, and what others do to the file meanwhile. Nothing is ever
// overwritten that was not read before: saving names the version it replaces, and the host refuses another.
import { create } from 'zustand';
import type { OpenFile, Saved } from '../../engine/host/contract.ts';
import { apply, difference, openDocument, takeHostCheck, useDocument } from '../document/document.ts';
import { merge } from '../document/merge.ts';
import { ask, HostError, on, unlessAway, useConnection } from '../host.ts';
import { t } from '../words/index.ts';
import { askLeaving } from './dialogs.ts';
import { messageOf, notify } from './notices.tsx';
import { useSettings } from './settings.ts';

interface Session {
  /** Whether the host has said which file to begin with: until then neither the start page nor a graph is shown. */
  begun: boolean;
  /** The text as it is on disk, as far as this page knows, and its version. */
  disk: { text: string; version: string } | null;
  state: 'saved' | 'unsaved' | 'saving' | 'failed' | 'conflict';
  message: string | null;
  /** What the file holds where it was changed in the same places as the text here. */
  conflict: { text: string; version: string } | null;
}

const closed: Omit<Session, 'begun'> = { disk: null, state: 'saved', message: null, conflict: null };
export const useSession = create<Session>()(() => ({ ...closed, begun: false }));

/** Milliseconds without an edit until a draft, the file, the host's check. */
const pauses = { draft: 250, save: 1000, check: 150, layout: 400 };

/** Opens a file; what a crash left unsaved is brought back as an undoable step. @throws HostError */
export async function openFile(path: string): Promise<void> {
  if (!(await leave())) return;
  const file = await ask('file.open', { path });
  useSession.setState({ ...closed, disk: { text: file.text, version: file.version } });
  await openDocument(file, file.text, file.layout);
  document.title = `${file.name} · Dsk`;
  sessionStorage.setItem('file', file.path); // where a reload comes back to
  if (file.draft) recover(file.draft);
  unlessAway(refreshCheck());
}

function recover(draft: NonNullable<OpenFile['draft']>): void {
  apply(difference(useDocument.getState().text, draft.text), { label: 'undo.edit', origin: 'outside' });
  const time = new Date(draft.time).toLocaleString();
  notify({ kind: 'info', text: t('draft.recovered', { time }) });
}

/** Goes back to the start page. False where something could not be saved and stays open. */
export async function closeFile(): Promise<boolean> {
  if (!(await leave())) return false;
  useSession.setState(closed);
  useDocument.setState({
    file: null,
    text: '',
    checked: null,
    good: null,
    host: null,
    selection: [],
    past: [],
    future: [],
  });
  document.title = 'Dsk';
  sessionStorage.removeItem('file');
  return true;
}

async function leave(): Promise<boolean> {
  const { file } = useDocument.getState();
  if (!file) return true;
  if (!(await settle(file))) return false;
  await saveLayout();
  await ask('file.close', { path: file.path });
  return true;
}

/** Sees to what is not saved before the file is left: writes it, or asks where that is not to be done unasked or did not work.
 *  False where the file is to stay open. */
async function settle(file: Pick<OpenFile, 'path' | 'writable'>): Promise<boolean> {
  if (file.writable && useSettings.getState().autosave && (await saveNow())) return true;
  for (;;) {
    const { disk, state } = useSession.getState();
    if (state === 'conflict') return false;
    if (!disk || useDocument.getState().text === disk.text) return true;
    const answer = await askLeaving();
    if (answer === 'stay') return false;
    if (answer === 'save' && (await saveNow())) return true;
    if (answer !== 'drop') continue;
    for (const chore of ['draft', 'save'] as const) stop(chore);
    await ask('file.draft', { path: file.path, text: null, base: disk.version });
    return true;
  }
}

/** Saves what is not saved. True where the file then holds the text shown. */
export async function saveNow(): Promise<boolean> {
  stop('save');
  await saving;
  const { file, text } = useDocument.getState();
  const { disk, state } = useSession.getState();
  if (!file || !disk) return true;
  if (state === 'conflict') return false;
  if (text === disk.text) return true;
  saving = save(file.path, text, disk.version === '' ? null : disk.version);
  return await saving;
}
let saving: Promise<boolean> = Promise.resolve(true);

async function save(path: string, text: string, base: string | null): Promise<boolean> {
  useSession.setState({ state: 'saving', message: null });
  let answer: Saved;
  try {
    answer = await ask('file.save', { path, text, base });
  } catch (error) {
    useSession.setState({ state: 'failed', message: messageOf(error) });
    return false;
  }
  if (!answer.saved) return takeOutside(answer.text, answer.version) && saveAgain();
  useSession.setState({ disk: { text, version: answer.version } });
  const now = useDocument.getState().text;
  useSession.setState({ state: now === text ? 'saved' : 'unsaved' });
  if (now === text) await ask('file.draft', { path, text: null, base: answer.version });
  return true;
}

/** After a merge: the merged text over the version it was merged with. */
function saveAgain(): Promise<boolean> {
  const { file, text } = useDocument.getState();
  const { disk } = useSession.getState();
  return file && disk && text !== disk.text ? save(file.path, text, disk.version) : Promise.resolve(true);
}

/** Takes in what others wrote: as it is where nothing was edited here, merged line by line where both did, and otherwise offered.
 *  False where the user has to choose. */
function takeOutside(theirs: string, version: string): boolean {
  const { text } = useDocument.getState();
  const base = useSession.getState().disk?.text ?? '';
  const merged = merge(base, text, theirs);
  if (merged === null) {
    useSession.setState({ state: 'conflict', conflict: { text: theirs, version } });
    return false;
  }
  const edits = difference(text, merged);
  useSession.setState({ disk: { text: theirs, version }, state: merged === theirs ? 'saved' : 'unsaved' });
  apply(edits, { label: 'undo.outside', origin: 'outside' });
  if (text !== base && edits.length > 0) notify({ kind: 'info', text: t('conflict.merged') });
  return true;
}

/** Ends a conflict: with the text shown, or with what the file holds (an undoable step). */
export async function resolveConflict(keep: 'mine' | 'theirs'): Promise<void> {
  const { conflict } = useSession.getState();
  if (!conflict) return;
  useSession.setState({ disk: conflict, conflict: null, state: 'unsaved' });
  if (keep === 'theirs') {
    apply(difference(useDocument.getState().text, conflict.text), { label: 'undo.outside', origin: 'outside' });
  }
  await saveNow();
}

/** Where nodes stand, beside the file. */
export async function saveLayout(): Promise<void> {
  stop('layout');
  const { file, layout } = useDocument.getState();
  if (!file?.writable || layout === savedLayout) return;
  savedLayout = layout;
  await ask('file.layout', { path: file.path, layout });
}
let savedLayout: unknown = null;

/** Keeps what the file has not; what was undone is no longer kept, or it would come back. */
async function saveDraft(): Promise<void> {
  const { file, text } = useDocument.getState();
  const { disk } = useSession.getState();
  if (!file || !disk) return;
  await ask('file.draft', { path: file.path, text: text === disk.text ? null : text, base: disk.version });
}

async function refreshCheck(): Promise<void> {
  const { file, text } = useDocument.getState();
  if (file) takeHostCheck(text, await ask('graph.check', { path: file.path, text }));
}

/** After the line to the host was lost: opens the file anew, so that it is watched, and takes in what others did meanwhile. */
async function watchAgain(): Promise<void> {
  const { file } = useDocument.getState();
  if (!file) return;
  try {
    const { text, version } = await ask('file.open', { path: file.path });
    if (version !== useSession.getState().disk?.version && takeOutside(text, version)) unlessAway(refreshCheck());
  } catch (error) {
    if (useConnection.getState().state !== 'open') return; // gone again, which the banner says
    notify({ kind: 'warning', text: messageOf(error) });
  }
}

type Chore = keyof typeof pauses;
const timers = new Map<Chore, ReturnType<typeof setTimeout>>();
const chores: Record<Chore, () => Promise<unknown>> = {
  draft: saveDraft,
  save: async () => useSettings.getState().autosave && useDocument.getState().file?.writable && (await saveNow()),
  check: refreshCheck,
  layout: saveLayout,
};

function stop(chore: Chore): void {
  clearTimeout(timers.get(chore));
  timers.delete(chore);
}

/** Does a chore when nothing has happened for its pause. A host that is away is tried again with the next edit. */
function soon(chore: Chore): void {
  stop(chore);
  timers.set(
    chore,
    setTimeout(() => {
      chores[chore]().catch((error: unknown) => {
        if (!(error instanceof HostError)) throw error;
        if (chore === 'save') useSession.setState({ state: 'failed', message: error.message });
      });
    }, pauses[chore]),
  );
}

/** Begins to look after the open file; call once. */
export function startSession(): void {
  useDocument.subscribe((now, before) => {
    if (!now.file || now.file !== before.file) {
      savedLayout = now.layout;
      return;
    }
    if (now.text !== before.text) {
      const { disk, state } = useSession.getState();
      if (disk && state !== 'conflict' && state !== 'saving') {
        useSession.setState({ state: now.text === disk.text ? 'saved' : 'unsaved' });
      }
      for (const chore of ['draft', 'save', 'check'] as const) soon(chore);
    }
    if (now.layout !== before.layout) soon('layout');
  });
  on('file.changed', ({ path, text, version }) => {
    const { file } = useDocument.getState();
    const { disk } = useSession.getState();
    if (file?.path !== path || version === disk?.version) return;
    if (text === null) {
      useSession.setState({ disk: { text: '', version: '' }, state: 'unsaved' });
      notify({ kind: 'warning', text: t('conflict.removed', { name: file.name }) });
    } else if (takeOutside(text, version)) {
      unlessAway(refreshCheck());
    }
  });
  useConnection.subscribe((now, before) => {
    if (now.state === 'open' && before.state !== 'open') unlessAway(watchAgain());
  });
  // The page may go at any moment: what is typed since the last draft goes first.
  window.addEventListener('pagehide', () => unlessAway(saveDraft()));
  window.addEventListener('beforeunload', (event) => {
    // Without a host there is no draft either: the browser asks before the text is gone. A desktop app's host comes back.
    const away = useConnection.getState().state !== 'open' && !window.dsk;
    if (away && useDocument.getState().file && useSession.getState().state !== 'saved') event.preventDefault();
  });
  document.addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && unlessAway(saveDraft()));
}
