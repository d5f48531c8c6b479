// What a tokenizer makes of a text, token by token, for looking at.
import { readFile } from 'node:fs/promises';
import { byteCharacters } from '../data/bpe.ts';
import { openTokenizer } from '../data/tokenizer.ts';
import type { Token } from './contract.ts';

const bytes = new Map(byteCharacters.map((character, byte) => [character, byte]));

/** Opens a tokenizer.json. Throws InputError for what is none. */
export async function tokensOf(path: string): Promise<(text: string) => Token[]> {
  const tokenizer = await openTokenizer(path);
  const names = entries(JSON.parse(await readFile(path, 'utf8')));
  return (text) =>
    tokenizer.encode(text).map((id) => {
      const plain = tokenizer.decode([id]);
      // Part of a character: it decodes to none by itself.
      return { id, text: plain.includes('\uFFFD') ? spelled(names.get(id) ?? plain) : plain };
    });
}

/** Entries by id. */
function entries(json: unknown): Map<number, string> {
  const vocab = (json as { model?: { vocab?: unknown } }).model?.vocab;
  const pairs = Array.isArray(vocab)
    ? (vocab as [string, number][]).map(([name], id) => [id, name] as const)
    : Object.entries((vocab ?? {}) as Record<string, number>).map(([name, id]) => [id, name] as const);
  return new Map(pairs);
}

/** A byte-level entry: its text, and the bytes that are none as `<0xE2>`. */
function spelled(entry: string): string {
  const values = [...entry].map((character) => bytes.get(character));
  if (values.some((byte) => byte === undefined)) return entry;
  let text = '';
  for (let at = 0; at < values.length; ) {
    const length = characterLength(values as number[], at);
    if (length > 0) text += Buffer.from(values.slice(at, at + length) as number[]).toString('utf8');
    else text += `<0x${(values[at] as number).toString(16).toUpperCase().padStart(2, '0')}>`;
    at += Math.max(1, length);
  }
  return text;
}

/** Bytes of the whole UTF-8 character that begins there, or 0. */
function characterLength(values: number[], at: number): number {
  const first = values[at] as number;
  const length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
  if (length === 0 || at + length > values.length) return 0;
  const text = Buffer.from(values.slice(at, at + length)).toString('utf8');
  return text.includes('\uFFFD') ? 0 : length;
}
