// A table's tokens, and the windows of them that training and evaluation look through: of rows of text, or of rows that are windows
// already (see pack).
import type { RunContext, TokenReader } from './context.ts';
import { type Complaint, InputError } from './kind.ts';
import type { Ref, TableArtifact, TableSpec, TokenizerArtifact } from './values.ts';
import { packedWindows, streamWindows, type Windows } from './windows.ts';

/** Complains when the table is known not to have the text column. */
export function checkTextColumn(
  table: TableSpec,
  column: string,
  port: string,
  error: (complaint: { code: string; message: string; at: string; note?: string }) => void,
): boolean {
  if (table.columns === null || table.columns[column] === 'text') return true;
  const type = table.columns[column];
  error({
    code: type === undefined ? 'column-unknown' : 'column-type',
    at: port,
    message:
      type === undefined
        ? `the table has no column ${column}`
        : `column ${column} holds ${type} values, text is needed`,
    note: `its columns are ${Object.keys(table.columns).join(', ')}; name the one with the text in column: "..."`,
  });
  return false;
}

type Columns = Pick<TableSpec | TableArtifact, 'columns'>;

/** Whether rows are windows of tokens, as `pack` makes them. */
export function areWindows({ columns }: Columns): boolean {
  return columns?.tokens === 'list' && columns.documents === 'list';
}

/** Whether rows say what of them is learned, as `chat` writes them. */
export function isLearned({ columns }: Columns): boolean {
  return columns?.learned === 'list';
}

/**
 * Complains when the rows that come in at a port are known to be neither text nor windows that fit: made with the model's tokenizer,
 * of `context` tokens unless that is null.
 */
export function checkRows(
  table: TableSpec,
  column: string,
  port: string,
  tokenizer: Ref | null,
  context: number | null,
  error: (complaint: Complaint) => void,
): boolean {
  if (!areWindows(table)) return checkTextColumn(table, column, port, error);
  const { windows } = table;
  if (windows === undefined) return true;
  const { tokenizer: other } = windows;
  if (tokenizer !== null && (tokenizer.node !== other.node || tokenizer.output !== other.output)) {
    error({
      code: 'tokens-wrong',
      at: port,
      message: `these windows were made with the tokenizer \`${other.node}\`, but the model has \`${tokenizer.node}\``,
      note: 'pack with the tokenizer of the model',
    });
    return false;
  }
  if (context !== null && context !== windows.context) {
    error({
      code: 'context-short',
      at: 'context',
      message: `\`${port}\` has windows of ${windows.context} tokens, but context is ${context}`,
      suggest: { value: windows.context, title: `use ${windows.context}` },
    });
    return false;
  }
  return true;
}

/**
 * A folder with the tokens of a table's texts, each text followed by the end-of-document token where nothing says what is learned;
 * kept between runs. `port` is where the table came in.
 */
export async function tokensOf(
  context: RunContext<unknown>,
  port: string,
  tokenizerRef: Ref,
  column: string,
): Promise<string> {
  const table = context.artifact(port, 'table');
  const { path: tokenizer } = context.resolve(tokenizerRef) as TokenizerArtifact;
  const work = isLearned(table)
    ? { name: 'learned', params: null, columns: [column, 'learned'], tokenizer, masked: true }
    : { name: 'text', params: null, columns: [column], tokenizer, masked: false };
  const name = `tokens 2 ${work.columns.join(' ')}`;
  return context.memo(name, [context.sources[port] as Ref, tokenizerRef], async (to, parts) => {
    await context.tokens.encode(table, work, to, { ...context, parts });
  });
}

/**
 * The tokens of a table's texts as one stream. Throws InputError when there are fewer than `atLeast`.
 */
export async function tokenStream(
  context: RunContext<unknown>,
  port: string,
  tokenizerRef: Ref,
  column: string,
  atLeast: number,
): Promise<TokenReader> {
  const reader = await context.tokens.open(await tokensOf(context, port, tokenizerRef, column));
  if (reader.count < atLeast) {
    reader.close();
    throw new InputError({
      code: 'data-few',
      at: port,
      message: `the table's text is ${reader.count} tokens, but ${atLeast} are needed for one window of context and its next token`,
      note: 'give more text or a smaller context',
    });
  }
  return reader;
}

/** The windows of a table: its own, or those of the stream of its texts. Throws InputError where there is none. */
export async function openWindows(
  context: RunContext<unknown>,
  port: string,
  tokenizerRef: Ref,
  column: string,
  size: number,
): Promise<Windows> {
  const table = context.artifact(port, 'table');
  const windows = areWindows(table)
    ? packedWindows(await windowTokens(context, port, tokenizerRef), size, port)
    : streamWindows(await tokenStream(context, port, tokenizerRef, column, size + 1), size);
  if (windows.count > 0) return windows;
  windows.close();
  throw new InputError({
    code: 'data-few',
    at: port,
    message: 'nothing in the table is learned: no window of it has a token that counts',
    note: 'its column `learned` says what counts',
  });
}

/** The tokens of rows that are windows, each a document of the reader; kept between runs. */
export async function windowTokens(
  context: RunContext<unknown>,
  port: string,
  tokenizerRef: Ref,
): Promise<TokenReader> {
  const table = context.artifact(port, 'table');
  const { path: tokenizer } = context.resolve(tokenizerRef) as TokenizerArtifact;
  const columns = ['tokens', 'documents', ...(isLearned(table) ? ['learned'] : [])];
  const work = { name: 'windows', params: { port }, columns, tokenizer, masked: true };
  const folder = await context.memo('windows 1', [context.sources[port] as Ref, tokenizerRef], async (to, parts) => {
    await context.tokens.encode(table, work, to, { ...context, parts });
  });
  return context.tokens.open(folder);
}
