// Every text of the interface, in English and Simplified Chinese, from one table. A part's texts stand in the file of that
// name; both languages side by side, so that none can be forgotten.
import { useCallback } from 'react';
import { create } from 'zustand';
import { app } from './app.ts';
import { canvas } from './canvas.ts';
import { inspector } from './inspector.ts';
import { results } from './results.ts';
import { runs } from './runs.ts';
import { start } from './start.ts';
import { text } from './text.ts';
import type { Phrase } from './phrase.ts';

const table = { ...app, ...canvas, ...inspector, ...results, ...runs, ...start, ...text } as const;

export type Key = keyof typeof table;
export type Language = 'en' | 'zh';
export type Values = { readonly [name: string]: string | number };
export type Translate = (key: Key, values?: Values) => string;

export const useLanguage = create<{ language: Language }>()(() => ({ language: 'en' }));

/** The language of the system, as far as there are words for it. */
export function systemLanguage(): Language {
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

/** A text in the language at hand. In it, `{name}` stands for a value and `{name|row|rows}` for the form that goes with a number. */
export function translate(language: Language, key: Key, values: Values = {}): string {
  const phrase: Phrase = table[key];
  return phrase[language].replace(
    /\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g,
    (whole, name: string, one?: string, many?: string) => {
      const value = values[name];
      if (value === undefined) return whole;
      if (one !== undefined && many !== undefined) return value === 1 ? one : many;
      return typeof value === 'number' ? value.toLocaleString(language === 'zh' ? 'zh-CN' : 'en') : value;
    },
  );
}

/** For components: they are drawn again when the language changes. */
export function useWords(): Translate {
  const language = useLanguage((state) => state.language);
  return useCallback((key, values) => translate(language, key, values), [language]);
}

/** Outside components. */
export const t: Translate = (key, values) => translate(useLanguage.getState().language, key, values);
