// Where the window was, for the next start: a small file in the app's own folder.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { app, type BrowserWindow, screen } from 'electron';

export interface Bounds {
  x?: number | undefined;
  y?: number | undefined;
  width: number;
  height: number;
}

const file = () => join(app.getPath('userData'), 'window.json');
const first: Bounds = { width: 1360, height: 860 };

/** The last bounds, as far as they still lie on a screen. */
export function readBounds(): Bounds {
  const stored = read();
  if (!stored) return first;
  const { workArea } = screen.getDisplayMatching(stored);
  const visible =
    stored.x < workArea.x + workArea.width - 80 &&
    stored.x + stored.width > workArea.x + 80 &&
    stored.y >= workArea.y - 20 &&
    stored.y < workArea.y + workArea.height - 80;
  const size = { width: Math.min(stored.width, workArea.width), height: Math.min(stored.height, workArea.height) };
  return visible ? { x: stored.x, y: stored.y, ...size } : size;
}

export function writeBounds(window: BrowserWindow): void {
  // Losing them costs nothing but a drag; a full disk must not keep a window from closing.
  try {
    writeFileSync(`${file()}.new`, JSON.stringify(window.getNormalBounds()));
    renameSync(`${file()}.new`, file());
  } catch (error) {
    console.error(`dsk: the window's place could not be kept: ${(error as Error).message}`);
  }
}

function read(): Required<Record<keyof Bounds, number>> | null {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file(), 'utf8'));
  } catch {
    return null; // never written, or damaged: the window opens where new ones do
  }
  const { x, y, width, height } = (value ?? {}) as Record<keyof Bounds, unknown>;
  const all = [x, y, width, height];
  if (!all.every((each) => typeof each === 'number' && Number.isInteger(each))) return null;
  return { x, y, width, height } as Required<Record<keyof Bounds, number>>;
}
