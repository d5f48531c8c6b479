// What the tests of the language service share: texts with the cursor as `^`, checked with the real kinds.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { check } from '../../engine/graph/check.ts';
import type { Checked } from '../../engine/graph/graph.ts';
import { readKinds } from '../../engine/graph/kinds.ts';
import { complete, type Item } from '../../engine/language/index.ts';

export const kinds = await readKinds({ folders: [] });
export const examples = join(import.meta.dirname, '../../examples');
export const quickstart = readFileSync(join(examples, 'quickstart.dsk'), 'utf8');

/** The text without its `^`, and where that stood. */
export function unmark(marked: string): { text: string; offset: number } {
  const offset = marked.indexOf('^');
  if (offset < 0 || marked.includes('^', offset + 1)) throw new Error(`not exactly one ^ in ${JSON.stringify(marked)}`);
  return { text: marked.slice(0, offset) + marked.slice(offset + 1), offset };
}

export function checkText(text: string): Promise<Checked> {
  return check(text, { kinds, files: null });
}

export async function at(marked: string): Promise<{ checked: Checked; offset: number }> {
  const { text, offset } = unmark(marked);
  return { checked: await checkText(text), offset };
}

/** Items as an editor shows them for the word before the cursor. */
export async function offered(marked: string): Promise<Item[]> {
  const { checked, offset } = await at(marked);
  const { from, items } = complete(checked, kinds, offset);
  const word = checked.text.slice(from, offset);
  return items
    .filter(({ label }) => label.startsWith(word))
    .sort((a, b) => (a.sort < b.sort ? -1 : a.sort > b.sort ? 1 : a.label < b.label ? -1 : 1));
}

export async function labels(marked: string): Promise<string[]> {
  return (await offered(marked)).map(({ label }) => label);
}

/** The text after an item was taken, its first place between guillemets. */
export async function taken(marked: string, label: string): Promise<string> {
  const { checked, offset } = await at(marked);
  const { from, to, items } = complete(checked, kinds, offset);
  const item = items.find((each) => each.label === label);
  if (!item) throw new Error(`${label} is not offered, but ${items.map((each) => each.label).join(', ')}`);
  const [place] = item.places;
  const insert = place
    ? `${item.insert.slice(0, place.start)}«${item.insert.slice(place.start, place.end)}»${item.insert.slice(place.end)}`
    : item.insert;
  return checked.text.slice(0, from) + insert + checked.text.slice(to);
}
