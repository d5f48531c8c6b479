// A table with a column of text, for tests of what works on one.
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parquet, store } from '../../engine/data/store.ts';
import type { Watch } from '../../engine/nodes/context.ts';
import { literal } from '../../engine/nodes/sql.ts';
import type { TableArtifact } from '../../engine/nodes/values.ts';

export const engine = { temp: null, threads: Math.min(2, availableParallelism()) };

/** Stores texts as the column `text` of PATH.parquet; null is a row without text. Copies: the same rows again and again. */
export async function textTable(path: string, texts: readonly (string | null)[], copies = 1): Promise<TableArtifact> {
  const json = `${path}.jsonl`;
  writeFileSync(json, texts.map((text) => `${JSON.stringify({ text })}\n`).join(''));
  const rows = `read_json(${literal(json)}, columns = {text: 'VARCHAR'}, format = 'newline_delimited', maximum_object_size = 200000000)`;
  const once = await store(engine, [json], `${path}.parquet`, () => `FROM ${rows}`);
  if (copies === 1) return once;
  const more = Array.from({ length: copies }, () => `(SELECT text FROM ${parquet(once.path)})`).join(' UNION ALL ');
  return store(engine, [once.path], `${path}-copies.parquet`, () => more);
}

/** What long work reports to, where nobody listens. */
export function watchIn(parts: string, signal = new AbortController().signal): Watch {
  return { parts, progress: () => undefined, signal };
}
