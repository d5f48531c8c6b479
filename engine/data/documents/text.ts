// A column of text as documents, each followed by the end-of-document token where the vocabulary has one.
import { defineDocuments } from './documents.ts';

export default defineDocuments<null>({
  open: (_, { encode, end }) => {
    const tail = end === null ? [] : [end];
    return ([text]) => (typeof text === 'string' ? { ids: encode(text).concat(tail) } : null);
  },
});
