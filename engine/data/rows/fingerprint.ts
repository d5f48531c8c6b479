// A hash of a row's texts that does not mind case, punctuation, numbers, diacritics and white space: rows with the same say the same.
import { createHash } from 'node:crypto';
import xxhash from 'xxhash-wasm';
import { simplifyText } from '../simplify.ts';
import { defineRows } from './rows.ts';

export default defineRows<{ columns: string[]; hash: 'md5' | 'sha256' | 'xxhash' }>({
  async open({ columns, hash }) {
    const digest = hash === 'xxhash' ? (await xxhash()).h64ToString : (text: string) => hex(hash, text);
    return (batch) => {
      const [first = []] = columns.map((column) => batch[column] as unknown[]);
      const fingerprints = first.map((_, row) => {
        const texts = columns.map((column) => batch[column]?.[row] as string | null);
        return texts.every((text) => text === null) ? null : digest(texts.map(plain).join('\0'));
      });
      return { columns: { dsk_fingerprint: fingerprints } };
    };
  },
});

/** A text of which nothing is left (`!!!`) stays as it is, behind a mark; so does its absence. */
function plain(text: string | null): string {
  if (text === null) return '\u0002';
  const simple = simplifyText(text);
  return simple === '' ? `\u0001${text}` : simple;
}

function hex(algorithm: string, text: string): string {
  return createHash(algorithm).update(text).digest('hex');
}
