// Windows of tokens, as `pack` makes them, to be read by position: a window is a document here. Its bytes say which tokens count, and
// which ones begin a document in the window.
import { InputError } from '../../nodes/kind.ts';
import { begins, counts } from '../../nodes/windows.ts';
import { defineDocuments } from './documents.ts';

export default defineDocuments<{ port: string }>({
  open({ port }, { size }) {
    const fault = (row: number, message: string, note: string): InputError =>
      new InputError({ code: 'tokens-wrong', at: port, message: `row ${row + 1}: ${message}`, note });
    return ([tokens, documents, learned], row) => {
      const ids = numbers(tokens);
      const lengths = numbers(documents);
      const wrong = ids.find((id) => !(id >= 0 && id < size));
      if (wrong !== undefined)
        throw fault(
          row,
          `the tokenizer has no token ${wrong}`,
          'the rows were made with another tokenizer than the model has',
        );
      if (lengths.reduce((sum, length) => sum + length, 0) !== ids.length || lengths.some((length) => !(length > 0)))
        throw fault(
          row,
          `its documents' lengths do not add up to its ${ids.length} tokens`,
          'rows are windows as `pack` makes them',
        );
      const mask = new Uint8Array(ids.length).fill(learned === undefined || learned === null ? counts : 0);
      const spans = numbers(learned);
      for (let i = 0; i + 1 < spans.length; i += 2) mask.fill(counts, spans[i], spans[i + 1]);
      let at = 0;
      for (const length of lengths) {
        mask[at] = (mask[at] as number) | begins;
        at += length;
      }
      return { ids, mask };
    };
  },
});

const numbers = (list: unknown): number[] => ((list ?? []) as (bigint | number)[]).map(Number);
