// The objective of encoders like BERT: tokens that were hidden.
import { tokenScores } from '../decoder.ts';
import { defineKind, InputError } from '../kind.ts';
import { input, tokenLoss } from '../learning.ts';
import { largestOf, withValues } from '../objectives/answers.ts';
import { checkModelRows, smoothingParam, wrongHead } from '../objectives/checks.ts';
import { maskRow, mostMasked, openVocabulary } from '../objectives/masking.ts';
import type { Objective } from '../objectives/objective.ts';
import { openRows, rowForward, rowInputs } from '../objectives/rows.ts';
import { padded } from '../objectives/texts.ts';
import { random } from '../random.ts';

interface Params {
  share: number;
  whole_words: boolean;
  smoothing: number;
}

export default defineKind<Params>({
  kind: 'masked',
  stage: 'train',
  version: 1,
  doc: `Finding hidden tokens: what \`train\` does with an lm_head behind blocks in which all tokens see each other, unless told otherwise.
Each row is learned by itself. In each step 15% of its tokens are drawn (one at least); 80% of those are replaced by the token [MASK],
10% by another one, and 10% stay; the loss is the mean cross-entropy of what stood there. Special tokens and padding are never drawn,
nor put in place of others. Source: Devlin et al., arXiv 1810.04805, with the numbers of its create_pretraining_data.py.

The tokenizer needs a token for what is hidden: \`tokenizer(..., special: ["[CLS]", "[SEP]", "[MASK]"])\`; with the other two, rows begin
and end with these.`,
  example: 'hidden = masked(share: 15%, whole_words: true)',
  inputs: {},
  outputs: { objective: 'objective' },
  params: {
    share: {
      type: 'number',
      exclusiveMinimum: 0,
      maximum: 0.9,
      default: 0.15,
      description: "Share of a row's tokens that are to be found.",
    },
    whole_words: {
      type: 'boolean',
      default: false,
      description: 'Hide all tokens of a word together. A word is what stands between spaces.',
    },
    smoothing: smoothingParam,
  },
  infer: ({ params }) => ({ objective: { kind: 'masked', params: { ...params } } }),
  objective: ({ share, whole_words: whole, smoothing }): Objective => ({
    unit: 'rows',
    check(given) {
      const { architecture, error } = given;
      if (wrongHead(given, 'masked', 'tokens')) return false;
      if (!architecture.blocks.some(({ both }) => both)) {
        error({
          code: 'objective-wrong',
          at: 'objective',
          message: 'tokens of this model see only those before them: it cannot find hidden ones by what follows',
          note: 'build its blocks with causal: false, or train it with objective: causal()',
        });
        return false;
      }
      return checkModelRows(given, architecture);
    },
    async open(opening) {
      const { context, architecture } = opening;
      const { tokenizer } = architecture;
      if (tokenizer === null) throw new Error('checked before: the model has a tokenizer');
      const vocabulary = await openVocabulary(context, tokenizer);
      if (vocabulary.mask === null)
        throw new InputError({
          code: 'objective-wrong',
          at: 'model',
          message: "the model's tokenizer has no token for what is hidden, such as [MASK]",
          note: 'tokenizer(..., special: ["[CLS]", "[SEP]", "[MASK]"])',
        });
      const rows = await openRows(opening, []);
      const { texts } = rows;
      if (texts === null) throw new Error('checked before: the model reads text');
      const most = (time: number): number => mostMasked(time, share);
      return {
        ...rows,
        feeds(chosen, layout, draw) {
          const { context: time, batch } = layout;
          const places = new Int32Array(batch * most(time));
          const targets = new Int32Array(places.length);
          const learned = new Float32Array(places.length);
          const read = Array.from(chosen, (row, i) => {
            const ids = texts.ids(row);
            const at = maskRow(ids, vocabulary, { share, whole }, random(`mask ${draw} ${row}`));
            for (const [k, { place, target }] of at.entries()) {
              places[i * most(time) + k] = i * time + place;
              targets[i * most(time) + k] = target;
              learned[i * most(time) + k] = 1;
            }
            return ids;
          });
          return { ...rows.feeds(chosen, layout), ...padded(read, time), places, targets, learned };
        },
        layoutOf: (chosen) => {
          const layout = rows.layoutOf(chosen);
          return { ...layout, context: Math.max(layout.context, 1) };
        },
      };
    },
    scores: {
      fields: ['perplexity', 'accuracy', 'tokens'],
      open({ architecture }) {
        let [found, tokens] = [0, 0];
        return {
          add(session, program, { layout, feeds }) {
            const inputs = [
              ...rowInputs({ ...program, draws: false }, architecture, layout),
              input('places', [feeds.places?.length ?? 0], 'int32'),
            ];
            const [scores] = session.run(withValues(inputs, feeds), (f) => {
              const hidden = program.hidden(rowForward(f, architecture, layout));
              return [tokenScores(program, f, f.ops.embed(hidden, f.input('places')))];
            });
            const targets = feeds.targets as Int32Array;
            const values = scores?.values as Float32Array;
            const width = values.length / targets.length;
            for (const [i, target] of targets.entries()) {
              if (feeds.learned?.[i] !== 1) continue;
              tokens++;
              if (largestOf(values.subarray(i * width, (i + 1) * width)) === target) found++;
            }
          },
          values: () => ({ accuracy: tokens === 0 ? 0 : found / tokens, tokens }),
        };
      },
    },
    learning(program, architecture, layout) {
      const shape = [layout.batch * mostMasked(layout.context, share)];
      return {
        weights: program.weights,
        inputs: [
          ...rowInputs(program, architecture, layout),
          input('places', shape, 'int32'),
          input('targets', shape, 'int32'),
          input('learned', shape),
        ],
        loss(f) {
          const hidden = program.hidden(rowForward(f, architecture, layout));
          // Of the hidden ones alone: the head is the widest product there is.
          const rows = f.ops.embed(hidden, f.input('places'));
          const learned = f.input('learned');
          return {
            sum: tokenLoss(program, f, rows, f.input('targets'), {
              learned,
              smoothing: f.training ? smoothing : 0,
            }),
            count: f.ops.total(learned),
          };
        },
      };
    },
  }),
});
