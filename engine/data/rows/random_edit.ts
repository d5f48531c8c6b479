// Copies of texts with words inserted, deleted and swapped at random.
import { type CopyWork, copyValues } from '../../nodes/copies.ts';
import { deleteWords, insertWords, joinWords, splitWords, swapWords } from '../edits.ts';
import { openWordnet } from '../wordnet.ts';
import { defineRows } from './rows.ts';

interface Params extends CopyWork {
  column: string;
  insert: number;
  delete: number;
  swap: number;
}

export default defineRows<Params>({
  open(params) {
    const { column, insert, swap } = params;
    const wordnet = insert > 0 ? openWordnet() : null;
    return (batch, first) =>
      copyValues<string>(batch, first, column, params, (text, draw) => {
        const words = splitWords(text);
        deleteWords(words, params.delete, draw);
        swapWords(words, swap, draw);
        if (wordnet) insertWords(words, insert, wordnet, draw);
        const changed = joinWords(words);
        return changed === text ? null : changed;
      });
  },
});
