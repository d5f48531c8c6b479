// Copies of texts in which a share of the words are synonyms.
import { type CopyWork, copyValues } from '../../nodes/copies.ts';
import { joinWords, replaceWords, splitWords } from '../edits.ts';
import { openWordnet } from '../wordnet.ts';
import { defineRows } from './rows.ts';

interface Params extends CopyWork {
  column: string;
  share: number;
  senses: number;
}

export default defineRows<Params>({
  open(params) {
    const { column, share, senses } = params;
    const wordnet = openWordnet();
    return (batch, first) =>
      copyValues<string>(batch, first, column, params, (text, draw) => {
        const words = splitWords(text);
        replaceWords(words, share, senses, wordnet, draw);
        const changed = joinWords(words);
        return changed === text ? null : changed;
      });
  },
});
