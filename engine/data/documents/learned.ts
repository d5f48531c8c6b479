// A column of text of which only some places are learned, as `chat` makes it: the tokens there count for the loss.
import { markTokens, places } from '../spans.ts';
import { defineDocuments } from './documents.ts';

export default defineDocuments<null>({
  open:
    (_, tokenizer) =>
    ([text, learned]) => {
      if (typeof text !== 'string') return null;
      const at = places(text, ((learned ?? []) as (bigint | number)[]).map(Number));
      const spans = Array.from({ length: at.length >> 1 }, (_, i): [number, number] => [
        at[2 * i] as number,
        at[2 * i + 1] as number,
      ]);
      return markTokens(tokenizer, text, spans);
    },
});
