// Loads DuckDB for Node, and mends how it reads texts.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** What the library reads values with; its functions look the decoder up at each call. */
const accessors = require('@duckdb/node-api/lib/vectors/dataAccessors.js') as { textDecoder: TextDecoder };

/**
 * The library. Its decoder takes a U+FEFF at the beginning of a value for a byte order mark and drops it; it is a character of the
 * value. By require, as `import` reads its two hundred files once more to learn what they export: a tenth of a second in each thread.
 */
export async function openBinding(): Promise<typeof import('@duckdb/node-api')> {
  if (!accessors.textDecoder.ignoreBOM) accessors.textDecoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return require('@duckdb/node-api') as typeof import('@duckdb/node-api');
}
