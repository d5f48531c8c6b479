// What a command is: one entry for keyboard, menus and the search over commands. Lists of them stand in commands.ts of each part.
import type { Key } from '../words/index.ts';

export interface Command {
  /** Stable: Electron's menu sends it. */
  readonly id: string;
  readonly title: Key;
  /** Such as "Mod+Shift+Z"; Mod is Ctrl, or Command on a Mac. The first is shown. */
  readonly keys?: readonly string[];
  /** Where keys count: everywhere, or only outside of text fields and the text pane. */
  readonly scope: 'everywhere' | 'outside-text';
  /** Whether it can be done now; keys are left to the browser where not. */
  readonly enabled?: () => boolean;
  readonly run: () => void | Promise<void>;
}

const mac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform);

/** Whether a key press is this combination. */
export function matches(event: KeyboardEvent, keys: string): boolean {
  const parts = keys.split('+');
  const key = parts[parts.length - 1] as string;
  const wants = (modifier: string) => parts.slice(0, -1).includes(modifier);
  const mod = mac ? event.metaKey : event.ctrlKey;
  const other = mac ? event.ctrlKey : event.metaKey;
  const same = event.key.toLowerCase() === key.toLowerCase() || (key === 'Space' && event.key === ' ');
  // "?" and the like are themselves typed with Shift.
  const shift = /^[a-z]$/i.test(key) || key.length > 1 ? event.shiftKey === wants('Shift') : true;
  return same && mod === wants('Mod') && !other && event.altKey === wants('Alt') && shift;
}

/** A combination as people read it: "Ctrl+Shift+Z", or with a Mac's signs. */
export function shownKeys(keys: string): string {
  if (!mac) return keys.replace('Mod', 'Ctrl');
  const signs: Record<string, string> = { Mod: '⌘', Shift: '⇧', Alt: '⌥' };
  return keys
    .split('+')
    .map((part) => signs[part] ?? part)
    .join('');
}
