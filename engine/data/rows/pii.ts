// Texts with personal data masked, and how much of each kind there was.
import { type Masked, type Masking, mask, type PiiKind } from '../pii/mask.ts';
import { defineRows } from './rows.ts';

interface Params extends Masking {
  column: string;
  /** Column for the count of each kind that is masked. */
  counts: Partial<Record<PiiKind, string>>;
}

export default defineRows<Params>({
  open({ column, counts, ...masking }) {
    return (batch) => {
      const masked = (batch[column] as (string | null)[]).map(
        (text): { text: string | null; counts: Masked['counts'] } =>
          text === null ? { text, counts: {} } : mask(text, masking),
      );
      const made = Object.entries(counts).map(
        ([kind, name]) => [name, masked.map((each) => each.counts[kind as PiiKind] ?? 0)] as const,
      );
      return { columns: { [column]: masked.map(({ text }) => text), ...Object.fromEntries(made) } };
    };
  },
});
