// How similar two rows of a table are (`row`, `other`: their numbers), by the signatures that `Tables.near` left.
import type { SignaturePlace } from '../../nodes/context.ts';
import { similarity } from '../minhash.ts';
import { openSignatures } from '../signatures.ts';
import { defineRows } from './rows.ts';

export default defineRows<SignaturePlace>({
  open(place) {
    return ({ row: rows = [], other: others = [] }) => {
      const files = openSignatures(place);
      try {
        const values = rows.map((row, i) => {
          const [a, b] = [files.sketch(row as number), files.sketch(others[i] as number)];
          return a && b ? similarity(a, b) : null;
        });
        return { columns: { similarity: values } };
      } finally {
        files.close();
      }
    };
  },
});
