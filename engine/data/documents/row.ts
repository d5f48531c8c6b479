// A column of text as rows that are learned by themselves: between the tokens that mark beginning and end, as far as the vocabulary has
// them. What is to be written, token after token, always begins with one: where there is none for the beginning, with that of the end.
import { marksOf } from '../../nodes/marks.ts';
import { defineDocuments } from './documents.ts';

export default defineDocuments<{ written: boolean }>({
  open({ written }, tokenizer) {
    const { start, end } = marksOf(tokenizer);
    const first = start ?? (written ? end : null);
    const [before, after] = [first, end].map((id) => (id === null ? [] : [id])) as [number[], number[]];
    return ([text]) =>
      typeof text !== 'string' || text === '' ? null : { ids: [...before, ...tokenizer.encode(text), ...after] };
  },
});
