// The objective of models that tell classes apart.
import type { RunContext } from '../context.ts';
import { type Complaint, defineKind } from '../kind.ts';
import { input } from '../learning.ts';
import type { Hooks, Tensor } from '../module.ts';
import { classScores } from '../objectives/answers.ts';
import { checkModelRows, smoothingParam, wrongHead } from '../objectives/checks.ts';
import { labelCounts } from '../objectives/labels.ts';
import type { Objective, Opening } from '../objectives/objective.ts';
import { openRows, rowForward, rowInputs } from '../objectives/rows.ts';
import { checkColumns } from '../table.ts';
import type { Architecture } from '../values.ts';

interface Params {
  label: string;
  smoothing: number;
  class_weights?: 'balanced' | number[];
}

export default defineKind<Params>({
  kind: 'classification',
  stage: 'train',
  version: 1,
  doc: `Telling classes apart: what \`train\` does with a model that ends in a class_head, unless told otherwise. Each row is learned by
itself: a text, a picture, a series, whatever the model reads. The loss is the mean cross-entropy of the right labels, which a
column holds, as torch's \`CrossEntropyLoss\` with the same smoothing and weights.`,
  example: 'told = classification(label: "label", class_weights: "balanced")',
  inputs: {},
  outputs: { objective: 'objective' },
  params: {
    label: {
      type: 'string',
      minLength: 1,
      default: 'label',
      format: 'column',
      description: "Column with the labels: texts, numbers or true and false. They are the class_head's.",
    },
    smoothing: smoothingParam,
    class_weights: {
      type: ['string', 'array'],
      items: { type: 'number', minimum: 0 },
      description:
        'How much a row of each class counts, in the order of the labels; "balanced": so that all classes count alike. Default: each row counts 1.',
    },
  },
  infer({ params, error }) {
    if (typeof params.class_weights === 'string' && params.class_weights !== 'balanced') {
      error({
        code: 'param-range',
        at: 'class_weights',
        message: `class_weights is "${String(params.class_weights)}"; it is "balanced", or a number for each class`,
        suggest: { value: 'balanced', title: 'use "balanced"' },
      });
      return null;
    }
    return { objective: { kind: 'classification', params: { ...params } } };
  },
  objective: ({ label, smoothing, class_weights: given }): Objective => ({
    unit: 'rows',
    check(about) {
      const { architecture, error, table } = about;
      if (wrongHead(about, 'classification', 'classes')) return false;
      const { length } = labelsOf(architecture);
      const weighed = Array.isArray(given) ? weightFault(given, length) : null;
      if (weighed) error(weighed);
      const column = checkColumns({ error: (c) => error({ ...c, at: 'objective' }) }, table, [label], 'objective', [
        'text',
        'integer',
        'boolean',
      ]);
      return checkModelRows(about, architecture) && column && weighed === null;
    },
    async open(opening) {
      const labels = labelsOf(opening.architecture);
      const counts = await labelCounts(opening.context, opening.port, label, labels);
      if (opening.learns) warnOfEmpty(opening.context, opening.port, labels, counts);
      const rows = await openRows(opening, [{ kind: 'label', column: label, labels }]);
      const weights = await weightsOf(given, counts, opening, label);
      return {
        ...rows,
        feeds(chosen, layout) {
          const [places] = rows.fields(chosen) as [Float32Array];
          return {
            ...rows.feeds(chosen, layout),
            labels: Int32Array.from(places),
            ...(given && {
              weights: Float32Array.from(places, (place) => weights[place] as number),
              classes: Float32Array.from(weights),
            }),
          };
        },
      };
    },
    scores: {
      fields: ['accuracy', 'f1_macro', 'f1_weighted', 'labels'],
      open: ({ architecture }) => classScores(architecture, labelsOf(architecture)),
    },
    learning(program, architecture, layout) {
      const { batch } = layout;
      const { length } = labelsOf(architecture);
      return {
        weights: program.weights,
        inputs: [
          ...rowInputs(program, architecture, layout),
          input('labels', [batch], 'int32'),
          ...(given ? [input('weights', [batch]), input('classes', [length])] : []),
        ],
        loss(f) {
          const own = rowForward(f, architecture, layout);
          const spread = f.training ? smoothing : 0;
          const logits = program.answer(own, program.hidden(own)); // [batch, labels]
          if (!given)
            return { sum: f.ops.crossEntropy(logits, f.input('labels'), { smoothing: spread }), count: batch };
          return {
            sum: weighted(f, logits, batch, length, spread),
            count: f.ops.total(f.input('weights')),
          };
        },
      };
    },
  }),
});

/**
 * As torch: each row times its class' weight; what smoothing spreads over all classes, times the weights of those.
 * logits [batch, labels]
 */
function weighted(f: Hooks, logits: Tensor, batch: number, labels: number, smoothing: number): Tensor {
  const { ops } = f;
  const right = ops.crossEntropy(logits, f.input('labels'), { learned: ops.scale(f.input('weights'), 1 - smoothing) });
  if (smoothing === 0) return right;
  const n = batch * labels;
  const each = ops.reshape(ops.repeat(ops.reshape(logits, [batch, 1, labels]), 1, labels), [n, labels]);
  const targets = ops.constant(
    Int32Array.from({ length: n }, (_, i) => i % labels),
    [n],
  );
  const classes = ops.repeat(ops.reshape(f.input('classes'), [1, labels]), 0, batch);
  const spread = ops.scale(ops.reshape(classes, [n]), smoothing / labels);
  return ops.add(right, ops.crossEntropy(each, targets, { learned: spread }));
}

function labelsOf({ head }: Architecture): string[] {
  if (head?.kind !== 'classes') throw new Error('checked before: the model ends in a class_head');
  return head.labels;
}

function weightFault(weights: number[], labels: number): Complaint | null {
  if (weights.length === labels && weights.some((weight) => weight > 0)) return null;
  return {
    code: 'objective-wrong',
    at: 'objective',
    message:
      weights.length === labels
        ? 'class_weights are all 0: nothing would be learned'
        : `class_weights has ${weights.length} numbers, but the model tells ${labels} classes apart`,
    note: 'give a number for each label of the class_head, in their order',
  };
}

function warnOfEmpty(
  { warn }: Pick<RunContext<unknown>, 'warn'>,
  port: string,
  labels: readonly string[],
  counts: readonly number[],
): void {
  const empty = labels.filter((_, i) => counts[i] === 0);
  if (empty.length > 0)
    warn(
      `no row of \`${port}\` is of class ${empty.map((name) => `"${name}"`).join(', ')}: the model cannot learn to tell it`,
    );
}

/** How much a row of each class counts: 1 at least, so that a batch's sum is; only their ratios matter. */
async function weightsOf(
  given: Params['class_weights'],
  counts: readonly number[],
  { like, context, architecture }: Opening,
  label: string,
): Promise<number[]> {
  if (!given) return counts.map(() => 1);
  // What is measured is weighed as what is learned.
  const learned =
    given === 'balanced' && like !== undefined
      ? await labelCounts(context, 'data', label, labelsOf(architecture))
      : counts;
  const weights = given === 'balanced' ? learned.map((count) => (count > 0 ? 1 / count : 0)) : given;
  const least = Math.min(...weights.filter((weight) => weight > 0));
  return weights.map((weight) => weight / least);
}
