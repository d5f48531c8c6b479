// The table of the interface's texts: nothing missing in either language, the same values in both, no key twice.
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Phrase } from '../../../renderer/words/phrase.ts';

const folder = new URL('../../../renderer/words/', import.meta.url);
// These hold no table of phrases: the index itself, the type of a phrase, and the kinds (kinds.test.ts).
const others = ['index.ts', 'phrase.ts', 'kinds.ts'];

interface Entry {
  file: string;
  key: string;
  phrase: Phrase;
}

const files = readdirSync(folder)
  .filter((name) => name.endsWith('.ts') && !others.includes(name))
  .sort();
const entries: Entry[] = [];
for (const file of files) {
  const tables = (await import(new URL(file, folder).href)) as Record<string, Record<string, Phrase>>;
  for (const table of Object.values(tables)) {
    for (const [key, phrase] of Object.entries(table)) entries.push({ file, key, phrase });
  }
}

/** Names of the values a text takes, each once: `{name}`, and `{name|one|many}` in English. */
const valuesOf = (text: string): string[] =>
  [...new Set([...text.matchAll(/\{(\w+)(?:\|[^|}]*\|[^}]*)?\}/g)].map(([, name]) => name as string))].sort();

it('finds the tables', () => {
  expect(files).toContain('app.ts');
  expect(entries.map(({ key }) => key)).toContain('app.settings');
});

it('has no key in two tables: the index would keep only one of them', () => {
  const seen = new Map<string, string[]>();
  for (const { file, key } of entries) seen.set(key, [...(seen.get(key) ?? []), file]);
  expect([...seen].filter(([, places]) => places.length > 1)).toEqual([]);
});

describe.each(files)('%s', (file) => {
  const own = entries.filter((entry) => entry.file === file);
  const keysWhere = (wrong: (phrase: Phrase) => boolean) =>
    own.filter(({ phrase }) => wrong(phrase)).map(({ key }) => key);

  it('has both languages for every text', () => {
    expect(keysWhere(({ en, zh }) => en.trim() === '' || zh.trim() === '')).toEqual([]);
  });

  it('takes the same values in both languages', () => {
    const wrong = keysWhere(({ en, zh }) => valuesOf(en).join() !== valuesOf(zh).join());
    expect(wrong).toEqual([]);
  });

  it('has no brace that is not a value’s: the reader would see it', () => {
    const left = (text: string) => /[{}]/.test(text.replaceAll(/\{\w+(?:\|[^|{}]*\|[^|{}]*)?\}/g, ''));
    expect(keysWhere(({ en, zh }) => left(en) || left(zh))).toEqual([]);
  });

  it('leaves no words in English', () => {
    const asTheyAre = ['true', 'false', 'Top-p'];
    const words = (text: string) => /[a-z]/i.test(text.replaceAll(/\{[^}]*\}/g, ''));
    expect(keysWhere(({ zh }) => !/\p{Script=Han}/u.test(zh) && words(zh) && !asTheyAre.includes(zh))).toEqual([]);
  });

  it('uses no half-width punctuation after a Chinese character', () => {
    expect(keysWhere(({ zh }) => /\p{Script=Han}[,;:!?]|\p{Script=Han}\.(?:\s|$)|\.\.\./u.test(zh))).toEqual([]);
  });
});
