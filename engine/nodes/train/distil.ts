// Training a model on what a larger one says, beside the text itself.
import { decoder, decoderCost } from '../decoder.ts';
import { type Distilling, distilled, teacherWeight } from '../distilling.ts';
import { type Complaint, defineKind, type RunningKind } from '../kind.ts';
import { askTeacher, checkTokenizers, noAnswers } from '../teacher.ts';
import type { Architecture, ModelArtifact, ModelSpec, Part } from '../values.ts';
import { initialValues, openWeights } from '../weights.ts';
import train, { type Learner, type Lesson, runTraining, type Params as Training } from './train.ts';

interface Params extends Training {
  temperature: number;
  alpha: number;
  top_k: number;
  student_layers?: number[];
  teacher_layers?: number[];
  feature_weight?: number;
}

const { objective: _, model, ...tables } = train.inputs;
const objective: Part = { kind: 'causal', params: { smoothing: 0 } };
const layerList = { type: 'array', items: { type: 'integer', minimum: 1 }, minItems: 1, advanced: true } as const;

/** Rows more than which no padding of a vocabulary explains. */
const padding = 1024;

export default defineKind<Params>({
  kind: 'distil',
  stage: 'train',
  version: 1,
  doc: `Trains a model on a teacher's answers, mixed with the text itself. The loss is \`alpha T² KL + (1 - alpha) CE\`: how far the
student's distribution is from the teacher's, both at temperature T, and the cross-entropy of the text; all else is as in
\`train\`. Any two models of the same tokenizer; their vocabularies are compared before anything is computed. \`valid_loss\` is the
cross-entropy alone.

The teacher reads each window once, before the training: shares of its \`top_k\` likeliest tokens are kept on disk (8 bytes each and
position), shared by all trainings on the same table, and it need not stay in memory. All other tokens count as one.

With \`student_layers\` and \`teacher_layers\` the student's states after its layers, through a learned projection, are drawn to the
teacher's too (mean squared error times \`feature_weight\`). Then the teacher stays in memory and reads along at each step, which
costs its forward pass: its states would take far more room on disk than shares. Sources: Hinton et al., arXiv 1503.02531; Romero et al., arXiv
1412.6550.`,
  example: `small   = lm_head(transformer_block(embedding(vocab, dim: 64), attention: mha(heads: 4), ffn: swiglu(dim: 192)))
taught  = distil(small, trained, parts.train, valid: parts.valid, optimizer: adamw(lr: 3e-3), steps: 300)`,
  inputs: {
    model: { ...model, doc: 'The student: a new model, or a trained one.' } as (typeof train.inputs)[string],
    teacher: { type: 'model', doc: 'A trained model of the same tokenizer.' },
    ...tables,
  },
  outputs: train.outputs,
  positional: ['model', 'teacher', 'data'],
  params: {
    temperature: {
      type: 'number',
      exclusiveMinimum: 0,
      default: 2,
      description: 'Flattens both distributions before they are compared; 1 leaves them as they are.',
    },
    alpha: {
      type: 'number',
      minimum: 0,
      maximum: 1,
      default: 0.5,
      description: "Share of the teacher's answers in the loss; the rest is the text's.",
    },
    top_k: {
      type: 'integer',
      minimum: 1,
      maximum: 65_536,
      default: 32,
      unit: 'tokens',
      description: 'Likeliest tokens of the teacher that count one by one; all where the vocabulary has fewer.',
    },
    student_layers: { ...layerList, description: 'Layers of the student whose states learn, from 1.' },
    teacher_layers: { ...layerList, description: 'Layers of the teacher that they learn from, one for each.' },
    feature_weight: {
      type: 'number',
      exclusiveMinimum: 0,
      description: 'Weight of the error of states. Default: 1.',
      advanced: true,
    },
    ...train.params,
  },
  required: ['steps'],
  infer(context) {
    const { params, inputs, error } = context;
    const [student, teacher] = [inputs.model as ModelSpec, inputs.teacher as ModelSpec];
    const fine = [
      speaks('model', student.architecture, error),
      speaks('teacher', teacher.architecture, error),
      isTrained(teacher, error),
      checkLayers(params, student.architecture, teacher.architecture, error),
    ];
    if (!fine.every(Boolean) || !sameVocabulary(student.architecture, teacher.architecture, error)) return null;
    return train.infer({ ...context, inputs: { ...inputs, objective } });
  },
  cost(context) {
    const { params, inputs, kinds } = context;
    const own = (train as RunningKind<Training>).cost?.(context) ?? {};
    const teacher = decoderCost(kinds, (inputs.teacher as ModelSpec).architecture, params.context);
    const beside = params.student_layers === undefined ? 0 : 4 * teacher.parameters;
    return {
      ...own,
      flops: (own.flops ?? 0) + teacher.forwardFlops * params.batch * params.context,
      memory: (own.memory ?? 0) + beside,
    };
  },
  async run(given) {
    const context = { ...given, inputs: { ...given.inputs, objective } };
    await checkTokenizers(context);
    return runTraining(context, (learner) => lessonOf(context, learner));
  },
});

type Context = Parameters<RunningKind<Params>['run']>[0];

async function lessonOf(context: Context, { program, layout, learning, data, rows }: Learner): Promise<Lesson> {
  const { params } = context;
  const [student, spec] = ['model', 'teacher'].map((port) => (context.inputs[port] as ModelSpec).architecture);
  const vocab = Math.min(student.vocab, spec.vocab);
  const count = Math.min(params.top_k, vocab);
  const { temperature, alpha, student_layers: own, teacher_layers: theirs = [] } = params;
  const how: Distilling = { temperature, alpha, count, vocab, features: null };
  if (own === undefined) {
    const batches = params.steps * params.batch * (params.accumulate ?? 1);
    // A short training does not see the whole table: then only what it sees is asked.
    const seen =
      batches >= data.count
        ? null
        : [...new Set(Array.from({ length: params.steps }, (_, i) => rows(i + 1)).flat())].sort((a, b) => a - b);
    const answers = await askTeacher(context, data, { count, temperature, vocab }, seen, `${params.seed} ${batches}`);
    const n = layout.batch * layout.context;
    return {
      learning: distilled(learning, program, layout, how),
      initial: () => null,
      feeds: (some) => (some === null ? noAnswers(n, count) : answers.of(some)),
      close: () => answers.close(),
    };
  }
  const teacher = decoder(context.kinds, spec);
  const { weights } = context.artifact('teacher', 'model') as ModelArtifact;
  const values = await openWeights(context.weights, teacher.weights, weights);
  const pairs = own.map((layer, i) => ({ student: layer - 1, teacher: (theirs[i] as number) - 1 }));
  const features = {
    teacher,
    pairs,
    widths: { student: student.dim, teacher: spec.dim },
    weight: params.feature_weight ?? 1,
  };
  return {
    learning: distilled(learning, program, layout, { ...how, features }),
    initial(weight) {
      const theirs = teacherWeight(weight);
      if (theirs !== null) return values(theirs);
      return weight.name.startsWith('projection.') ? initialValues(weight, 0, params.seed) : null;
    },
    feeds: () => ({}),
    close: () => undefined,
  };
}

type Complain = (complaint: Complaint) => void;

function speaks(at: string, { head, blocks, tokenizer }: Architecture, error: Complain): boolean {
  const wrong =
    head === null || (head.kind ?? 'tokens') !== 'tokens' || blocks.some(({ both }) => both)
      ? { code: 'objective-wrong', message: 'only models that foretell the next token teach and learn here' }
      : 'further' in head && head.further !== undefined
        ? { code: 'objective-wrong', message: 'multi-token prediction is not learned from a teacher' }
        : tokenizer === null
          ? { code: 'no-tokenizer', message: 'this model came without a tokenizer, so its tokens cannot be compared' }
          : null;
  if (wrong !== null) error({ ...wrong, at });
  return wrong === null;
}

function isTrained({ weights }: ModelSpec, error: Complain): boolean {
  if (weights !== null) return true;
  error({
    code: 'untrained-model',
    at: 'teacher',
    message: 'the teacher has not been trained: it would teach noise',
    note: 'wire it through train(...) first, or take one with pretrained(...)',
  });
  return false;
}

/** Whether two models may have one vocabulary: the same tokenizer, or about as many tokens. Running tells for sure. */
function sameVocabulary(student: Architecture, teacher: Architecture, error: Complain): boolean {
  const [a, b] = [student.tokenizer, teacher.tokenizer];
  if (a?.node === b?.node && a?.output === b?.output) return true;
  if (Math.abs(student.vocab - teacher.vocab) <= padding) return true;
  error({
    code: 'teacher-vocabulary',
    at: 'teacher',
    message: `the teacher has ${teacher.vocab} tokens, its student ${student.vocab}: they are not those of one tokenizer`,
    note: "make the student with the teacher's tokenizer: embedding(teacher.tokenizer, ...)",
  });
  return false;
}

const layersOf = ({ blocks }: Architecture): number => blocks.reduce((sum, { repeat }) => sum + repeat, 0);

function checkLayers(params: Params, student: Architecture, teacher: Architecture, error: Complain): boolean {
  const { student_layers: own, teacher_layers: theirs, feature_weight: weight } = params;
  const complain = (at: string, code: string, message: string): false => {
    error({ code, at, message });
    return false;
  };
  if (own === undefined && theirs === undefined)
    return weight === undefined
      ? true
      : complain('feature_weight', 'param-idle', 'feature_weight would be ignored without student_layers');
  if (own?.length !== theirs?.length)
    return complain(
      own === undefined ? 'teacher_layers' : 'student_layers',
      'layers-pairs',
      `student_layers and teacher_layers go together one by one; there are ${own?.length ?? 0} and ${theirs?.length ?? 0}`,
    );
  for (const [at, layers, model] of [
    ['student_layers', own, student],
    ['teacher_layers', theirs, teacher],
  ] as const) {
    const beyond = layers?.find((layer) => layer > layersOf(model));
    if (beyond !== undefined)
      return complain(at, 'layers-pairs', `there is no layer ${beyond}: the model has ${layersOf(model)}`);
  }
  return true;
}
