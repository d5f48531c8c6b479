// A table's text as one stream of tokens, and the windows of it that training and evaluation look through.
import type { RunContext, TokenReader } from './context.ts';
import { InputError } from './kind.ts';
import { permutation, random } from './random.ts';
import type { TableArtifact, TableSpec, TokenizerArtifact } from './values.ts';

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

/**
 * The table's texts as token ids, each text followed by the end-of-document token; kept between runs. `port` is where the table
 * came in. Throws InputError when there are fewer than `atLeast` tokens.
 */
export async function tokenStream(
  context: RunContext<unknown>,
  port: string,
  tokenizerRef: { node: string; output: string },
  column: string,
  atLeast: number,
): Promise<TokenReader> {
  const table = context.artifact(port, 'table') as TableArtifact;
  const source = context.sources[port];
  const { path: tokenizer } = context.resolve(tokenizerRef) as TokenizerArtifact;
  const work = { name: 'text', params: null, columns: [column], tokenizer, masked: false };
  const folder = await context.memo(`tokens 2 ${column}`, [source, tokenizerRef], async (to, parts) => {
    await context.tokens.encode(table, work, to, { ...context, parts });
  });
  const reader = await context.tokens.open(folder);
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

/** What windows are cut from. */
type Tokens = Pick<TokenReader, 'count' | 'read'>;

/** The batch of training step 1, 2, ...: windows of the stream in an order that is drawn anew for each pass over it. */
export class Sampler {
  private readonly stream: Tokens;
  private readonly context: number;
  private readonly batch: number;
  private readonly seed: number;
  /** Windows in one pass. */
  readonly windows: number;
  private pass = -1;
  private order: Uint32Array = new Uint32Array();

  constructor(stream: Tokens, context: number, batch: number, seed: number) {
    this.stream = stream;
    this.context = context;
    this.batch = batch;
    this.seed = seed;
    this.windows = Math.floor((stream.count - 1) / context);
  }

  /** ids and the tokens that follow them, int32 [batch * context]; depends on nothing but the step. */
  at(step: number): { ids: Int32Array; targets: Int32Array } {
    const { batch, context } = this;
    const ids = new Int32Array(batch * context);
    const targets = new Int32Array(batch * context);
    for (let row = 0; row < batch; row++) {
      const drawn = (step - 1) * batch + row;
      const window = this.window(drawn);
      const tokens = this.stream.read(window * context, context + 1);
      ids.set(tokens.subarray(0, context), row * context);
      targets.set(tokens.subarray(1), row * context);
    }
    return { ids, targets };
  }

  private window(drawn: number): number {
    const pass = Math.floor(drawn / this.windows);
    if (pass !== this.pass) {
      this.order = permutation(this.windows, random(`order ${this.seed} ${pass}`));
      this.pass = pass;
    }
    return this.order[drawn % this.windows];
  }
}
