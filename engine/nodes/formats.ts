// Formats of table files: told from names, and what a name means once it is compressed.
import type { TableFormat } from './context.ts';

export const formats: readonly TableFormat[] = ['text', 'csv', 'json', 'jsonl', 'parquet', 'images', 'idx'];

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
  png: 'images',
  jpg: 'images',
  jpeg: 'images',
  webp: 'images',
  gif: 'images',
  avif: 'images',
  tif: 'images',
  tiff: 'images',
};

/** A name without what says how it is compressed. */
function unpackedName(path: string): string {
  const name = path.split(/[\\/]/).at(-1) ?? path;
  return name.replace(/\.(gz|zst|zstd)$/i, '');
}

/** The ending of a name, in lower case, without what says how it is compressed; '' where there is none. */
export function endingOf(path: string): string {
  return /\.([^.]+)$/.exec(unpackedName(path))?.[1]?.toLowerCase() ?? '';
}

/** The format that a name stands for, or null. */
export function formatOfName(path: string): TableFormat | null {
  if (/idx\d-[a-z]+$/i.test(unpackedName(path))) return 'idx';
  return endings[endingOf(path)] ?? null;
}

/** How a name says that its file is compressed, or null. */
export function packingOfName(path: string): 'gzip' | 'zstd' | null {
  if (/\.gz$/i.test(path)) return 'gzip';
  return /\.zstd?$/i.test(path) ? 'zstd' : null;
}

/** What each picture is: the name of the folder it lies in, where they lie in several; else null. */
export function labelsOf(paths: readonly string[]): string[] | null {
  const folders = paths.map((path) => path.split(/[\\/]/).slice(0, -1).join('/'));
  if (new Set(folders).size < 2) return null;
  return folders.map((folder) => folder.split('/').at(-1) ?? '');
}

/** Columns of a table of pictures from these files. */
export function imageColumns(paths: readonly string[]) {
  const columns = { image: 'binary', width: 'integer', height: 'integer', file: 'text' } as const;
  return labelsOf(paths) === null ? columns : { ...columns, label: 'text' as const };
}
