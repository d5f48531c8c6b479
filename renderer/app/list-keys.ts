// Arrow keys in a list of buttons: up, down, to the first and the last.
import type { KeyboardEvent } from 'react';

/** For the list's `onKeyDown`. */
export function goInList(event: KeyboardEvent<HTMLElement>): void {
  const buttons = [...event.currentTarget.querySelectorAll<HTMLElement>('button:not(:disabled)')];
  const at = buttons.indexOf(document.activeElement as HTMLElement);
  const last = buttons.length - 1;
  const places: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: last };
  const to = places[event.key];
  if (to === undefined || last < 0) return;
  event.preventDefault();
  buttons[Math.max(0, Math.min(last, to))]?.focus();
}
