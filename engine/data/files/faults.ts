// What DuckDB says of a file that it cannot read, in the user's terms.
import { InputError } from '../../nodes/kind.ts';
import { broken } from './reading.ts';

/**
 * An error of DuckDB's as an InputError; anything unknown as it is.
 * @param names of the files, as the user knows them
 * @param paths names by the paths that DuckDB was given
 */
export function readFault(
  error: unknown,
  names: readonly string[],
  format: 'csv' | 'json' | 'jsonl' | 'parquet',
  paths: ReadonlyMap<string, string> = new Map(),
): unknown {
  if (error instanceof InputError || !(error instanceof Error)) return error;
  let { message } = error;
  for (const [path, name] of paths) message = message.replaceAll(path, name);
  const first = (message.split(/\n\s*\n/)[0] ?? message).replace(/^\w[\w ]* Error:\s*/, '').split('\n')[0];
  const which = names.length === 1 ? (names[0] as string) : `one of ${names.length} files`;
  if (/^Out of Memory Error/.test(error.message)) {
    return broken(
      `${which} cannot be read in the memory there is: ${first}`,
      'a row may be too long, or there are too many columns; cut long rows into several, or leave columns out',
    );
  }
  if (format === 'parquet' && /parquet|magic|thrift|footer|schema|snappy|zstd|column/i.test(message)) {
    return broken(
      `${which} cannot be read as Parquet: ${first}`,
      'the file is cut off, damaged, of another format, or differs in its columns from the others',
    );
  }
  if (/^(Invalid Input|Conversion|Binder|IO) Error/.test(error.message)) {
    return broken(
      `${which} cannot be read as ${format.toUpperCase()}: ${first}`,
      `check the file, and \`format\`${format === 'csv' ? ', `delimiter` and `header`' : ''} of load`,
    );
  }
  return error;
}
