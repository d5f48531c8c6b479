// How near each row's prediction comes to its references: BLEU with its counts, and ROUGE. Null where either is missing.
import { type BleuCounts, bleu, bleuCounts } from '../../nodes/metrics/bleu.ts';
import { type RougeType, rouge, rougeTypes } from '../../nodes/metrics/rouge.ts';
import { defineRows } from './rows.ts';

interface Params {
  prediction: string;
  references: string[];
  bleu: boolean;
  rouge: boolean;
  lowercase: boolean;
  stemmer: boolean;
}

/** Makes `bleu` and `bleu_counts` (two lengths, correct and total of each order), `rouge1`, `rouge2`, `rougeL`, `rougeLsum`. */
export default defineRows<Params>({
  open({ prediction, references, lowercase, stemmer, ...wanted }) {
    return (batch) => {
      const rows = (batch[prediction] as (string | null)[]).map((text, row) => {
        const given = references.map((column) => batch[column]?.[row]).filter((each) => typeof each === 'string');
        return text === null || given.length === 0 ? null : { text, given };
      });
      const columns: Record<string, unknown[]> = {};
      if (wanted.bleu) {
        const counts = rows.map((row) => row && bleuCounts(row.text, row.given, { lowercase }));
        columns.bleu = counts.map((each) => each && bleu(each, true));
        columns.bleu_counts = counts.map((each) => each && flat(each));
      }
      if (wanted.rouge) {
        const scores = rows.map((row) => row && rouge(row.text, row.given, { stemmer }));
        for (const type of rougeTypes)
          columns[type] = scores.map((each: Record<RougeType, { f: number }> | null) => each && each[type].f);
      }
      return { columns };
    };
  },
});

function flat({ length, reference, correct, total }: BleuCounts): number[] {
  return [length, reference, ...correct, ...total];
}
