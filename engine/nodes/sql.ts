// How text and names stand in SQL. Whatever comes from a graph enters a query through these, or as an expression that is checked.

/** A text as an SQL literal. */
export function literal(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** A name as an SQL identifier. */
export function identifier(value: string): string {
  return `"${value.replaceAll('"', '""')}"`;
}
