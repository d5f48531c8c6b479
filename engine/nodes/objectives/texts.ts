// Texts that are read a row at a time: their tokens by position, cut to what a model looks at.
import type { RunContext } from '../context.ts';
import { InputError } from '../kind.ts';
import type { Ref, TokenizerArtifact } from '../values.ts';

export interface Texts {
  readonly count: number;
  /** Tokens of the longest of these rows (of all, unless given), at most `size`. */
  longest(rows?: ArrayLike<number>): number;
  /** Tokens of a row, at most `size`. Of a longer one the first, and its last, which marks the end. */
  ids(row: number): Int32Array;
  close(): void;
}

interface Asked {
  /** Where the table comes in. */
  port: string;
  column: string;
  tokenizer: Ref;
  /** Most tokens. */
  size: number;
  /** Whether it is to be written, token after token (see engine/data/documents/row.ts): one token more is kept then. */
  written?: boolean;
}

/** Opens a column of text. Throws InputError naming the first row without any. */
export async function openTexts(context: RunContext<unknown>, asked: Asked): Promise<Texts> {
  const { port, column, tokenizer: ref, size, written = false } = asked;
  const table = context.artifact(port, 'table');
  const { path: tokenizer } = context.resolve(ref) as TokenizerArtifact;
  const work = { name: 'row', params: { written }, columns: [column], tokenizer, masked: false };
  const name = `rows 1 ${written ? 'written ' : ''}${column}`;
  const folder = await context.memo(name, [context.sources[port] as Ref, ref], async (to, parts) => {
    await context.tokens.encode(table, work, to, { ...context, parts });
  });
  const reader = await context.tokens.open(folder);
  const most = written ? size + 1 : size;
  const length = (row: number): number => reader.start(row + 1) - reader.start(row);
  let [cut, empty, longest] = [0, -1, 0];
  for (let row = 0; row < reader.documents; row++) {
    const tokens = length(row);
    if (tokens === 0 && empty < 0) empty = row;
    if (tokens > most) cut++;
    longest = Math.max(longest, Math.min(tokens, most));
  }
  if (empty >= 0) {
    reader.close();
    throw new InputError({
      code: 'data-missing',
      at: port,
      message: `row ${empty + 1} of \`${port}\` has no text in \`${column}\``,
      note: `leave such rows out: filter(TABLE, where: "length(${column}) > 0")`,
    });
  }
  if (cut > 0)
    context.log(
      `${cut} of ${reader.documents} texts in \`${column}\` of \`${port}\` are longer than ${size} tokens and are cut there`,
    );
  return {
    count: reader.documents,
    longest: (rows) =>
      rows === undefined ? longest : Array.from(rows, length).reduce((a, b) => Math.max(a, Math.min(b, most)), 0),
    ids(row) {
      const tokens = length(row);
      const start = reader.start(row);
      const kept = reader.read(start, Math.min(tokens, most));
      if (tokens > most) kept[most - 1] = reader.read(start + tokens - 1, 1)[0] as number;
      return kept;
    },
    close: () => reader.close(),
  };
}

/** Rows of tokens side by side, each `time` long; `starts` says what of them is padding (see Batch in module.ts). */
export function padded(rows: readonly Int32Array[], time: number): { ids: Int32Array; starts: Int32Array } {
  const ids = new Int32Array(rows.length * time);
  const starts = new Int32Array(rows.length * time).fill(-1);
  for (const [row, tokens] of rows.entries()) {
    ids.set(tokens.subarray(0, time), row * time);
    starts.fill(0, row * time, row * time + Math.min(time, tokens.length));
  }
  return { ids, starts };
}
