// A bit for each of many numbers (rows, hashes), as a table of few rows: blocks of bits. A view looks row numbers up in one (see
// `ViewArtifact`), which keeps the order of its rows; where order does not matter a query may join it.

/** Bits of a block, as a power of two: tables have a few blocks even where they have billions of rows. */
export const BLOCK = 20;
export const LAST = 2 ** BLOCK - 1;

/** SQL: a join that finds the bit of a number (BIGINT, not null) in `bits`, a table by `bitsQuery` or `Tables.twice`. */
export function joinBits(bits: string, number: string): string {
  return `JOIN (SELECT block, bits::BIT AS bits FROM ${bits}) AS ${bits} ON ${bits}.block = (${number}) >> ${BLOCK}`;
}

/** SQL: that bit, 0 or 1. */
export function bit(bits: string, number: string): string {
  return `get_bit(${bits}.bits, ((${number}) & ${LAST})::INTEGER)`;
}

/** A query for the bits of the numbers 0 .. `below` - 1: 1 for those that `source` has in a column. */
export function bitsQuery(source: string, column: string, below: number): string {
  const own = `SELECT ${column} >> ${BLOCK} AS block, bitstring_agg(${column} & ${LAST}, 0, ${LAST}) AS bits FROM ${source} GROUP BY ALL`;
  return `SELECT block, coalesce(bits, bitstring('0', ${LAST + 1}))::BLOB AS bits
    FROM range(${Math.ceil(below / (LAST + 1))}) AS blocks(block) LEFT JOIN (${own}) AS own USING (block) ORDER BY block`;
}
