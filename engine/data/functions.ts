// Which of DuckDB's functions an expression of a graph may call: those that compute a value from their arguments and nothing else.
// Told from DuckDB's own catalogue, so that a new version's functions are judged as well.
import type { Session } from './duckdb.ts';

/** Scalar functions that DuckDB calls consistent although they read settings or the catalogue, or run SQL. */
const notPure = new Set([
  'current_setting',
  'getvariable',
  'current_localtime',
  'current_localtimestamp',
  'json_serialize_sql',
  'json_deserialize_sql',
  'json_serialize_plan',
  'version',
  'pg_typeof',
  'vector_type',
  'age',
]);

/** Function name -> why it is refused, '' for harmless ones. Macros are left out where they are no plain expressions. */
export async function readFunctions(s: Session): Promise<Map<string, string>> {
  const rows = await s.rows('SELECT function_name, function_type, stability, macro_definition FROM duckdb_functions()');
  const functions = new Map<string, string>();
  const scalar = new Set<string>();
  for (const row of rows) {
    const called = String(row.function_name).toLowerCase();
    const type = String(row.function_type);
    let why = '';
    if (notPure.has(called)) why = 'it reads more than the row';
    else if (type === 'aggregate') why = 'it works on many rows, and an expression sees one';
    else if (type === 'scalar' && row.stability !== 'CONSISTENT') why = 'its result is not the same on every run';
    else if (
      type === 'macro' &&
      /\bSELECT\b|current_|\bavg\(|_agg\(|system"?\.|\bmain\.current|^\(?\s*unnest/i.test(String(row.macro_definition))
    ) {
      why = 'it reads more than the row';
    } else if (type !== 'scalar' && type !== 'macro') why = 'it makes tables, and an expression makes one value';
    // Of several functions under one name an expression calls the scalar one; it is refused when one variant of it is.
    const computes = type === 'scalar' || type === 'macro';
    const known = functions.get(called);
    if (known === undefined || (computes && (why !== '' || !scalar.has(called)))) functions.set(called, why);
    if (computes) scalar.add(called);
  }
  for (const special of ['unnest', 'unlist'])
    functions.set(special, 'it makes tables, and an expression makes one value');
  return functions;
}
