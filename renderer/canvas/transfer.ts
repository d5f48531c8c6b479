// Copying, cutting and pasting through the real clipboard, as `.dsk` text that a mail or another window takes as well. Places travel
// beside it, in a type of their own.
import { notify } from '../app/notices.tsx';
import { apply, useDocument } from '../document/document.ts';
import type { Positions } from '../document/layout.ts';
import { t } from '../words/index.ts';
import { arrangeNames, root, snapped } from './arrange.ts';
import { type Point, placesNow } from './flow.ts';
import { middle, remove } from './gestures.ts';
import { copyText, pasteText } from './paste.ts';
import { pointer, say, useFlow, view } from './state.ts';

const format = 'application/x-dsk-places';

/** What was copied last here: its places are known even where the clipboard only keeps the text. */
let copied: { text: string; places: Record<string, Point> } = { text: '', places: {} };

function selected(): { text: string; places: Record<string, Point> } | null {
  const { good, selection } = useDocument.getState();
  const paths = selection.filter((path) => useFlow.getState().scene.byPath.has(path));
  if (!good || paths.length === 0) return null;
  const all = placesNow(useFlow.getState().nodes);
  const places = Object.fromEntries(paths.flatMap((path) => (all[path] ? [[path, all[path]]] : [])));
  return { text: copyText(good, paths), places };
}

/** Listens to the clipboard's events while the canvas has the focus. @returns how to stop */
export function startClipboard(): () => void {
  const copy = (event: ClipboardEvent) => {
    if (!canvasHasFocus() || !event.clipboardData) return;
    const piece = selected();
    if (!piece || piece.text === '') return;
    event.preventDefault();
    copied = piece;
    event.clipboardData.setData('text/plain', piece.text);
    event.clipboardData.setData(format, JSON.stringify(piece.places));
    if (event.type === 'cut') remove(useDocument.getState().selection, true);
    else say(t('canvas.said.copied', { count: Object.keys(piece.places).length }));
  };
  const paste = (event: ClipboardEvent) => {
    if (!canvasHasFocus() || !event.clipboardData) return;
    const text = event.clipboardData.getData('text/plain');
    if (text.trim() === '') return;
    event.preventDefault();
    pasteAt(text, placesIn(event.clipboardData.getData(format)) ?? placesOf(text));
  };
  document.addEventListener('copy', copy);
  document.addEventListener('cut', copy);
  document.addEventListener('paste', paste);
  return () => {
    document.removeEventListener('copy', copy);
    document.removeEventListener('cut', copy);
    document.removeEventListener('paste', paste);
  };
}

function canvasHasFocus(): boolean {
  const { activeElement, body } = document;
  if (activeElement instanceof HTMLInputElement || activeElement instanceof HTMLTextAreaElement) return false;
  if (activeElement !== null && view.element?.contains(activeElement)) return true;
  // Text that is selected somewhere else is meant before nodes are.
  return (activeElement === body || activeElement === null) && getSelection()?.isCollapsed !== false;
}

function placesOf(text: string): Record<string, Point> | null {
  return text === copied.text ? copied.places : null;
}

/** Places as another window wrote them; what is not understood is left out. */
function placesIn(json: string): Record<string, Point> | null {
  if (json === '') return null;
  const value: unknown = JSON.parse(json);
  if (typeof value !== 'object' || value === null) return null;
  const places: Record<string, Point> = {};
  for (const [name, place] of Object.entries(value) as [string, Partial<Point> | null][]) {
    if (typeof place?.x === 'number' && typeof place.y === 'number') places[name] = { x: place.x, y: place.y };
  }
  return places;
}

/** Copies what is selected; for menus. */
export async function copySelection(): Promise<boolean> {
  const piece = selected();
  if (!piece) return false;
  copied = piece;
  await navigator.clipboard.writeText(piece.text);
  say(t('canvas.said.copied', { count: Object.keys(piece.places).length }));
  return true;
}

export async function cutSelection(): Promise<void> {
  const { selection } = useDocument.getState();
  if (await copySelection()) remove(selection, true);
}

/** Pastes by a menu, which browsers may not allow. */
export async function pasteHere(): Promise<void> {
  // The desktop app pastes as its key does: the listener above gets the event, once the menu has given back the focus.
  if (window.dsk) {
    await new Promise((done) => setTimeout(done));
    await window.dsk.desktop.paste();
    return;
  }
  let text: string;
  try {
    text = await navigator.clipboard.readText();
  } catch {
    // Without permission to read the clipboard the key still works, for pressing it is the permission.
    notify({ kind: 'info', text: t('canvas.paste.byKey') });
    return;
  }
  pasteAt(text, placesOf(text));
}

function pasteAt(piece: string, places: Record<string, Point> | null): void {
  const { text } = useDocument.getState();
  const result = pasteText(text, piece);
  if ('error' in result) {
    const message = result.error === '' ? t('canvas.paste.none') : t('canvas.paste.wrong', { message: result.error });
    notify({ kind: 'warning', text: message });
    return;
  }
  const { names, edits, links, lost } = result;
  const known = places !== null && [...names.keys()].every((name) => places[name] !== undefined);
  const at: Record<string, Point> = known
    ? Object.fromEntries([...names].map(([before, name]) => [name, (places as Record<string, Point>)[before] as Point]))
    : arrangeNames([...names.values()], links);
  const corner = pointer.inside && view.flow ? view.flow.screenToFlowPosition(pointer) : middle();
  apply(edits, {
    label: 'undo.paste',
    origin: 'canvas',
    layout: shifted(at, (left, top) => ({ x: corner.x - left, y: corner.y - top })),
    select: [...names.values()],
  });
  say(t('canvas.said.pasted', { count: names.size }));
  if (lost > 0) notify({ kind: 'info', text: t('canvas.paste.lost', { count: lost }) });
}

/** Copies beside the originals, which read what those read. */
export function duplicate(): void {
  const { good, text, selection } = useDocument.getState();
  const piece = selected();
  if (!good || !piece || piece.text === '') return;
  const last = good.document.statements.filter(({ name }) => selection.some((path) => root(path) === name.text)).at(-1);
  const result = pasteText(text, piece.text, last?.name.text ?? null);
  if ('error' in result) {
    notify({ kind: 'warning', text: t('canvas.paste.wrong', { message: result.error }) });
    return;
  }
  const { names, edits } = result;
  const places = placesNow(useFlow.getState().nodes);
  const at: Record<string, Point> = {};
  for (const [before, name] of names) {
    const place = places[before] ?? middle();
    at[name] = { x: place.x, y: place.y };
  }
  apply(edits, {
    label: 'undo.duplicate',
    origin: 'canvas',
    layout: shifted(at, () => ({ x: 36, y: 36 })),
    select: [...names.values()],
  });
  say(t('canvas.said.duplicated', { count: names.size }));
}

/** Places moved by what is worked out from the upper left corner of all. */
function shifted(at: Record<string, Point>, by: (left: number, top: number) => Point): Positions {
  const points = Object.values(at);
  const { x, y } = by(Math.min(...points.map((point) => point.x)), Math.min(...points.map((point) => point.y)));
  return Object.fromEntries(
    Object.entries(at).map(([name, point]) => [name, { x: snapped(point.x + x), y: snapped(point.y + y) }]),
  );
}
