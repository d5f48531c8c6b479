// The open graph: its text, what is known of it, where nodes stand, what is selected, and every step back. The text is the only
// truth: canvas, inspector and text pane change it through `change` and `apply`, and are drawn from it.
import { create } from 'zustand';
import type { CheckResult, Layout, OpenFile } from '../../engine/host/contract.ts';
import { check } from '../../engine/graph/check.ts';
import type { Checked } from '../../engine/graph/graph.ts';
import { applyEdits, type Diagnostic, edit, type GraphEdit, syntaxCodes, type TextEdit } from '../../grammar/index.ts';
import { kinds } from '../kinds.ts';
import { type HistoryEntry, inverse, remember } from './history.ts';
import { emptyLayout, moved, type Positions, placesOf, renamedPlaces } from './layout.ts';

export type Origin = 'canvas' | 'inspector' | 'text' | 'command' | 'outside';

export interface ChangeOptions {
  /** What was done, as a key of renderer/words: "undo.connect". */
  label: string;
  origin: Origin;
  /** Places that change with the text, in the same step. */
  layout?: Positions;
  /** Selection afterwards. */
  select?: readonly string[];
  /** Steps with the same key, quickly after one another, are one step. */
  join?: string;
}

export interface DocumentState {
  file: Pick<OpenFile, 'path' | 'folder' | 'name' | 'writable' | 'trusted'> | null;
  text: string;
  /** Counts changes of the text. */
  revision: number;
  /** What made the last change. */
  origin: Origin;
  /** Edits of the last change, for views that follow it step by step; null after a new file. */
  lastEdits: readonly TextEdit[] | null;
  /** The check of `text`, or of the text just before while it is being checked. */
  checked: Checked | null;
  /** The last check without syntax errors: what the canvas shows. */
  good: Checked | null;
  /** The host's check of this very text, which also knows the files; null until it arrives. */
  host: CheckResult | null;
  layout: Layout;
  /** Paths of nodes. */
  selection: readonly string[];
  /** Where something was selected last, so that the other view scrolls there. */
  selectedBy: Origin;
  past: readonly HistoryEntry[];
  future: readonly HistoryEntry[];
}

export const useDocument = create<DocumentState>()(() => ({
  file: null,
  text: '',
  revision: 0,
  origin: 'outside',
  lastEdits: null,
  checked: null,
  good: null,
  host: null,
  layout: emptyLayout,
  selection: [],
  selectedBy: 'outside',
  past: [],
  future: [],
}));

const { getState, setState } = useDocument;

/** Shows another file; its history begins here. */
export async function openDocument(
  file: NonNullable<DocumentState['file']>,
  text: string,
  layout: Layout | null,
): Promise<void> {
  const { revision } = getState();
  setState({
    file,
    text,
    revision: revision + 1,
    origin: 'outside',
    lastEdits: null,
    checked: null,
    good: null,
    host: null,
    layout: layout ?? emptyLayout,
    selection: [],
    past: [],
    future: [],
  });
  await recheck();
}

/** Changes the text as one step that can be undone. Without edits, only places and selection change. */
export function apply(edits: readonly TextEdit[], options: ChangeOptions): void {
  const { text, layout, selection, past } = getState();
  const positions = options.layout ?? {};
  const select = options.select ?? selection;
  if (edits.length === 0 && Object.keys(positions).length === 0) {
    if (options.select) setState({ selection: select, selectedBy: options.origin });
    return;
  }
  const entry: HistoryEntry = {
    label: options.label,
    forward: edits,
    backward: inverse(text, edits),
    layoutBefore: placesOf(layout, Object.keys(positions)),
    layoutAfter: positions,
    selectionBefore: selection,
    selectionAfter: select,
    join: options.join ?? null,
    time: Date.now(),
  };
  setState({ past: remember(past, entry), future: [], selection: select });
  write(edits, positions, options.origin);
}

/**
 * Changes the graph by edits that are made one after another and undone together.
 * @returns why it cannot be made, in which case nothing has changed; or null
 */
export function change(changes: GraphEdit | readonly GraphEdit[], options: ChangeOptions): Diagnostic | null {
  const { text, layout } = getState();
  const list = Array.isArray(changes) ? (changes as readonly GraphEdit[]) : [changes as GraphEdit];
  let after = text;
  let positions: Positions = options.layout ?? {};
  const steps: TextEdit[][] = [];
  for (const each of list) {
    const result = edit(after, each);
    if ('error' in result) return result.error;
    steps.push([...result.edits]);
    after = applyEdits(after, result.edits);
    if (each.type === 'rename') positions = { ...renamedPlaces(layout, each.from, each.to), ...positions };
  }
  const edits = steps.length === 1 ? (steps[0] as TextEdit[]) : difference(text, after);
  apply(edits, { ...options, layout: positions });
  return null;
}

/** Text after graph edits, without changing anything; null where one cannot be made. */
export function preview(changes: readonly GraphEdit[], text: string = getState().text): string | null {
  let after = text;
  for (const each of changes) {
    const result = edit(after, each);
    if ('error' in result) return null;
    after = applyEdits(after, result.edits);
  }
  return after;
}

export function undo(): void {
  const { past, future } = getState();
  const entry = past[past.length - 1];
  if (!entry) return;
  setState({ past: past.slice(0, -1), future: [entry, ...future], selection: entry.selectionBefore });
  write(entry.backward, entry.layoutBefore, 'command');
}

export function redo(): void {
  const { past, future } = getState();
  const [entry, ...rest] = future;
  if (!entry) return;
  setState({ past: [...past, entry], future: rest, selection: entry.selectionAfter });
  write(entry.forward, entry.layoutAfter, 'command');
}

/** Selects nodes; views that did not do it scroll there. */
export function select(paths: readonly string[], by: Origin): void {
  const { selection } = getState();
  if (paths.length === selection.length && paths.every((path, i) => path === selection[i])) return;
  setState({ selection: paths, selectedBy: by });
}

/** Moves nodes without a step of its own, as while they are laid out for the first time. */
export function place(positions: Positions): void {
  setState({ layout: moved(getState().layout, positions) });
}

/** Takes the host's check, where the text is still the one it was made for. */
export function takeHostCheck(text: string, result: CheckResult): void {
  if (getState().text === text) setState({ host: result });
}

/** All that is known to be wrong: the host's list where it is there, for it has seen the files. */
export function diagnosticsOf(state: DocumentState): readonly Diagnostic[] {
  return state.host?.diagnostics ?? state.checked?.diagnostics ?? none;
}
const none: readonly Diagnostic[] = [];

/** Whether the text as it is has no syntax error, so that the canvas shows it. */
export function parses(checked: Checked): boolean {
  return !checked.diagnostics.some(({ severity, code }) => severity === 'error' && syntax.has(code));
}
const syntax: ReadonlySet<string> = new Set(Object.keys(syntaxCodes));

/** The smallest single edit between two texts. */
export function difference(before: string, after: string): TextEdit[] {
  if (before === after) return [];
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  const most = Math.min(before.length, after.length) - start;
  while (end < most && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  return [{ start, end: before.length - end, text: after.slice(start, after.length - end) }];
}

function write(edits: readonly TextEdit[], positions: Positions, origin: Origin): void {
  const { text, layout, revision } = getState();
  const changed = edits.length > 0;
  setState({
    ...(changed && {
      text: applyEdits(text, edits),
      revision: revision + 1,
      origin,
      lastEdits: edits,
      host: null,
    }),
    layout: moved(layout, positions),
    selectedBy: origin,
  });
  if (changed) soon(origin);
}

/** Longer texts are checked after the frame that shows the keystroke: typing must not wait for the canvas. */
const large = 16_000;

function soon(origin: Origin): void {
  const { text, revision } = getState();
  if (origin !== 'text' || text.length < large) return void recheck();
  // Of several keystrokes, only the last is checked.
  requestAnimationFrame(() => setTimeout(() => getState().revision === revision && void recheck()));
}

/** Checks the text as it is; a check that a later change overtook is dropped. */
async function recheck(): Promise<void> {
  const { text, revision } = getState();
  const checked = await check(text, { kinds, files: null });
  if (getState().revision !== revision) return;
  setState(parses(checked) ? { checked, good: checked } : { checked });
}
