// The objective of language models like GPT: the next token.
import { checkRows, openWindows } from '../corpus.ts';
import { defineKind } from '../kind.ts';
import { causal, type Layout, windowFeeds } from '../learning.ts';
import { lacksTokenizer, placesFit, smoothingParam, wrongHead } from '../objectives/checks.ts';
import type { Objective } from '../objectives/objective.ts';
import { batchOf } from '../windows.ts';

interface Params {
  smoothing: number;
}

export default defineKind<Params>({
  kind: 'causal',
  stage: 'train',
  version: 1,
  doc: `Foretelling the next token: what \`train\` does with a model that ends in an lm_head, unless told otherwise. The loss is the mean
cross-entropy over all tokens, or over those that count where rows say what is learned (see \`chat\`). All texts are joined into one
stream, each followed by the end-of-document token, and cut into windows of \`context\` tokens; rows of \`pack\` are taken as they are.`,
  example:
    'trained = train(model, parts.train, objective: causal(smoothing: 10%), optimizer: adamw(lr: 3e-3), steps: 300)',
  inputs: {},
  outputs: { objective: 'objective' },
  params: { smoothing: smoothingParam },
  infer: ({ params }) => ({ objective: { kind: 'causal', params: { ...params } } }),
  objective: ({ smoothing }): Objective => ({
    unit: 'tokens',
    check(given) {
      const { architecture, table, column, port, context, error } = given;
      if (wrongHead(given, 'causal', 'tokens')) return false;
      if (architecture.blocks.some(({ both }) => both)) {
        error({
          code: 'objective-wrong',
          at: 'objective',
          message: 'tokens of this model see those after them: it has nothing to foretell',
          note: 'train an encoder with objective: masked(), or leave causal: false off its blocks',
        });
        return false;
      }
      const rows = checkRows(table, column, port, architecture.tokenizer, context, error);
      return !lacksTokenizer(given, architecture) && placesFit(given, architecture) && rows;
    },
    async open({ context, architecture: { tokenizer }, port, column, size }) {
      if (tokenizer === null) throw new Error('checked before: the model has a tokenizer');
      const windows = await openWindows(context, port, tokenizer, column, size);
      const { count, learned, documents } = windows;
      const layout = (batch: number): Layout => ({ batch, context: size, learned, documents });
      return {
        count,
        layout,
        layoutOf: (rows) => layout(rows.length),
        feeds: (rows, given) => windowFeeds(batchOf(windows, rows), given),
        close: () => windows.close(),
      };
    },
    learning: (program, _, layout) => causal(program, layout, smoothing),
  }),
});
