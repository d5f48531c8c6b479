// Formats of table files: told from names, and what a name means once it is compressed.
import type { TableFormat } from './context.ts';

export const formats: readonly TableFormat[] = ['text', 'csv', 'json', 'jsonl', 'parquet'];

const endings: Record<string, TableFormat> = {
  txt: 'text',
  text: 'text',
  md: 'text',
  csv: 'csv',
  tsv: 'csv',
  json: 'json',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  parquet: 'parquet',
};

/** A name without what says how it is compressed. */
export function unpackedName(path: string): string {
  const name = path.split(/[\\/]/).at(-1) ?? path;
  return name.replace(/\.(gz|zst|zstd)$/i, '');
}

/** The ending of a name, in lower case, without what says how it is compressed; '' where there is none. */
export function endingOf(path: string): string {
  return /\.([^.]+)$/.exec(unpackedName(path))?.[1]?.toLowerCase() ?? '';
}

/** The format that a name stands for, or null. */
export function formatOfName(path: string): TableFormat | null {
  return endings[endingOf(path)] ?? null;
}
