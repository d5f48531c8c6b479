// The objective of models that turn one sequence into another.
import { memoryInputs, memoryOf } from '../decoder.ts';
import { drawn } from '../draw.ts';
import { defineKind } from '../kind.ts';
import { input, type Layout, tokenLoss, windowForward } from '../learning.ts';
import { checkModelRows, lacksTokenizer, placesFit, smoothingParam, wrongHead } from '../objectives/checks.ts';
import type { Objective } from '../objectives/objective.ts';
import { openRows } from '../objectives/rows.ts';
import { openTexts, padded } from '../objectives/texts.ts';
import { memoryFeeds, memoryInputsOf, write, writingMarks } from '../objectives/writing.ts';
import { checkColumns } from '../table.ts';
import type { Architecture, Ref, TokenizerArtifact } from '../values.ts';

interface Params {
  target: string;
  smoothing: number;
}

export default defineKind<Params>({
  kind: 'seq2seq',
  stage: 'train',
  version: 1,
  doc: `Turning one sequence into another, such as words into phonemes: what \`train\` does with an lm_head behind blocks that read an
encoder, unless told otherwise. The encoder reads the training's \`column\`; the decoder learns to write \`target\`, token after token, and
is fed with the right ones before (teacher forcing). Each row is learned by itself; the loss is the mean cross-entropy over all target
tokens, the one that ends them included. Source: Sutskever et al., arXiv 1409.3215; Vaswani et al., arXiv 1706.03762.`,
  example: 'spoken = seq2seq(target: "phonemes", smoothing: 10%)',
  inputs: {},
  outputs: { objective: 'objective' },
  params: {
    target: {
      type: 'string',
      minLength: 1,
      default: 'target',
      format: 'column',
      description: 'Column with the text to be written.',
    },
    smoothing: smoothingParam,
  },
  infer: ({ params }) => ({ objective: { kind: 'seq2seq', params: { ...params } } }),
  objective: ({ target, smoothing }): Objective => ({
    unit: 'rows',
    check(given) {
      const { architecture, error, table, port } = given;
      if (wrongHead(given, 'seq2seq', 'tokens')) return false;
      const { memory } = architecture;
      if (memory === undefined) {
        error({
          code: 'objective-wrong',
          at: 'objective',
          message: '`seq2seq` needs a decoder that reads an encoder, and this model reads none',
          note: 'wire an encoder to the `memory` of its blocks, or train it with objective: causal()',
        });
        return false;
      }
      const complain: typeof error = (complaint) => error({ ...complaint, at: port });
      return (
        checkModelRows(given, memory) &&
        !lacksTokenizer(given, architecture) &&
        placesFit(given, architecture) &&
        checkColumns({ error: complain }, table, [target], 'objective', 'text')
      );
    },
    async open(opening) {
      const { context, architecture, port, size } = opening;
      const { tokenizer } = architecture;
      if (tokenizer === null) throw new Error('checked before: the model has a tokenizer');
      writingMarks(await context.tokenizers.open((context.resolve(tokenizer) as TokenizerArtifact).path));
      const sources = await openRows({ ...opening, architecture: encoderOf(architecture) }, []);
      const targets = await openTexts(context, { port, column: target, tokenizer, size, written: true });
      const both = (source: Layout, longest: number): Layout => ({
        batch: source.batch,
        context: Math.max(1, longest - 1),
        learned: true,
        source: source.context,
      });
      return {
        count: sources.count,
        layout: (batch) => both(sources.layout(batch), targets.longest()),
        layoutOf: (rows) => both(sources.layoutOf(rows), targets.longest(rows)),
        feeds(rows, layout) {
          const { batch, context: time } = layout;
          const read = sources.feeds(rows, sourceLayout(layout));
          const written = Array.from(rows, targets.ids);
          const fed = padded(
            written.map((ids) => ids.subarray(0, -1)),
            time,
          );
          const right = padded(
            written.map((ids) => ids.subarray(1)),
            time,
          );
          return {
            ...memoryFeeds(read),
            ids: fed.ids,
            targets: right.ids,
            learned: Float32Array.from({ length: batch * time }, (_, i) => Number(right.starts[i] === 0)),
          };
        },
        close() {
          sources.close();
          targets.close();
        },
      };
    },
    scores: {
      fields: ['perplexity', 'exact_match'],
      async open({ context, architecture }) {
        const { path } = context.resolve(architecture.tokenizer as Ref) as TokenizerArtifact;
        const { start, end } = writingMarks(await context.tokenizers.open(path));
        let [same, rows] = [0, 0];
        return {
          add(session, program, { layout, feeds }) {
            const { batch, context: time } = layout;
            const asked = { source: sourceLayout(layout), feeds, start, end, most: time };
            const written = write(session, program, architecture, asked);
            for (let row = 0; row < batch; row++) {
              const right = Array.from((feeds.targets as Int32Array).subarray(row * time, (row + 1) * time)).filter(
                (_, i) => feeds.learned?.[row * time + i] === 1,
              );
              rows++;
              if ([...(written[row] as number[]), end].join() === right.join()) same++;
            }
          },
          values: () => ({ exact_match: rows === 0 ? 0 : same / rows }),
        };
      },
    },
    learning(program, architecture, layout) {
      const { batch, context: time } = layout;
      const source = sourceLayout(layout);
      const tokens = [batch * time];
      return {
        weights: program.weights,
        inputs: [
          ...memoryInputsOf(program, architecture, source),
          input('ids', tokens, 'int32'),
          input('targets', tokens, 'int32'),
          input('learned', tokens),
          ...(program.draws ? [drawn] : []),
        ],
        loss(f) {
          const learned = f.input('learned');
          const read =
            encoderOf(architecture).vocab > 0
              ? f.ops.documents(f.input(`${memoryInputs}starts`), batch, source.context)
              : null;
          const memory = memoryOf(program, f, { batch, time: source.context, documents: read });
          // Padding stands behind what is written, and nothing looks ahead: no mask is needed.
          const hidden = program.hidden({ ...windowForward(f, batch, time, null), memory });
          return {
            sum: tokenLoss(program, f, hidden, f.input('targets'), {
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

function encoderOf({ memory }: Architecture): Architecture {
  if (memory === undefined) throw new Error('checked before: the model reads an encoder');
  return memory;
}

const sourceLayout = ({ batch, source = 0 }: Layout): Layout => ({ batch, context: source });
