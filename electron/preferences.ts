// Theme and language of what is drawn by the system: they follow the page's settings, which the host keeps.
import { app, nativeTheme } from 'electron';
import type { Settings } from '../engine/host/contract.ts';
import type { Language } from './words.ts';

let wanted: Settings['language'] = 'system';
const listeners = new Set<() => void>();

/** The language of menu and dialogs. */
export function language(): Language {
  if (wanted !== 'system') return wanted;
  return app.getLocale().toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

/** Takes over what the host told the page. */
export function adopt({ theme, language: next }: Settings): void {
  nativeTheme.themeSource = theme;
  if (next === wanted) return;
  wanted = next;
  for (const listener of listeners) listener();
}

export function onLanguage(listener: () => void): void {
  listeners.add(listener);
}
