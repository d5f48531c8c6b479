// What a student minimises beside its teacher: shares of tokens (Hinton et al., arXiv 1503.02531), and states of chosen layers through
// a learned projection (Romero et al., arXiv 1412.6550; Jiao et al., arXiv 1909.10351).
import type { Layout } from './learning.ts';
import { windowForward } from './learning.ts';
import type { Hooks, Learning, Program, Weight } from './module.ts';
import type { Documents, Likeliest, Tensor } from './ops.ts';
import { softInputs } from './teacher.ts';

export interface Distilling {
  temperature: number;
  /** Share of the soft targets in the loss. */
  alpha: number;
  /** Likeliest tokens that count one by one. */
  count: number;
  /** Tokens that both models have. */
  vocab: number;
  features: Features | null;
}

/** The teacher beside the student in each step. */
export interface Features {
  teacher: Program;
  /** Layers of student and teacher, from 0, and the widths of their states. */
  pairs: { student: number; teacher: number }[];
  widths: { student: number; teacher: number };
  /** Factor on the mean squared error. */
  weight: number;
}

/** Before the names of the teacher's weights. */
const prefix = 'teacher/';

/** The projections of states, one a pair: for training alone. */
function projections({ pairs, widths }: Features): Weight[] {
  return pairs.map((_, i) => ({
    name: `projection.${i}.weight`,
    shape: [widths.teacher, widths.student],
    init: 'uniform',
    trained: true,
  }));
}

/** The teacher's own weight that a weight of the learning stands for; null for others. */
export function teacherWeight({ name, ...rest }: Weight): Weight | null {
  return name.startsWith(prefix) ? { ...rest, name: name.slice(prefix.length) } : null;
}

/**
 * The mean over the targets that count of alpha T^2 KL(teacher || student) + (1 - alpha) cross-entropy + features. Measured, it is
 * what `alone` is.
 */
export function distilled(alone: Learning, student: Program, layout: Layout, how: Distilling): Learning {
  const { batch, context, learned = false, documents = false } = layout;
  const { temperature, alpha, count, vocab, features } = how;
  const { head, bias } = student;
  if (head === null) throw new Error('checked before: the student has a head of tokens');
  const n = batch * context;
  const beside = features === null ? [] : features.teacher.weights;
  return {
    weights: [
      ...alone.weights,
      ...(features ? projections(features) : []),
      ...beside.map((weight) => ({ ...weight, name: prefix + weight.name, trained: false, frozen: true })),
    ],
    inputs: [...alone.inputs, ...(features ? [] : softInputs(n, count))],
    loss(f) {
      if (!f.training) return alone.loss(f);
      const { ops } = f;
      const held = documents ? ops.documents(f.input('starts'), batch, context) : null;
      const counted = learned ? f.input('learned') : null;
      const own = new Map<number, Tensor>();
      const hidden = student.hidden(
        windowForward({ ...f, layer: (at, states) => void own.set(at, states) }, batch, context, held),
      );
      const taught = features ? taughtBeside(f, features, layout, held, how) : { soft: fed(f), states: null };
      const sum = ops.headLoss(student.top(f, hidden), f.weight(head), f.input('targets'), {
        learned: counted,
        bias: bias === null ? null : f.weight(bias),
        soft: { ...taught.soft, temperature, alpha },
      });
      const sums = [sum, ...(features ? errors(f, features, own, taught.states, counted) : [])];
      return {
        sum: sums.reduce((a, b) => ops.add(a, b)),
        count: counted === null ? n : ops.total(counted),
      };
    },
  };

  function taughtBeside(
    f: Hooks,
    { teacher }: Features,
    { batch, context }: Layout,
    held: Documents | null,
    { count, temperature }: Distilling,
  ): { soft: Likeliest; states: Map<number, Tensor> } {
    const states = new Map<number, Tensor>();
    const nothing = (): void => undefined;
    const t: Hooks = {
      ...f,
      training: false,
      weight: (name) => f.weight(prefix + name),
      update: nothing,
      report: nothing,
      penalty: nothing,
      linear: undefined,
      matrix: undefined,
      segment: undefined,
      layer: (at, x) => void states.set(at, x),
    };
    const hidden = teacher.hidden(windowForward(t, batch, context, held));
    if (teacher.head === null) throw new Error('checked before: the teacher has a head of tokens');
    const soft = f.ops.likeliest(teacher.top(t, hidden), t.weight(teacher.head), {
      count,
      vocab,
      temperature,
      bias: teacher.bias === null ? null : t.weight(teacher.bias),
    });
    return { soft, states };
  }
}

const fed = (f: Hooks): Likeliest => ({
  ids: f.input('soft/ids'),
  shares: f.input('soft/shares'),
  rest: f.input('soft/rest'),
});

/** Of each pair: the mean over channels of the squared error, summed over positions. */
function errors(
  f: Hooks,
  { pairs, widths, weight }: Features,
  own: Map<number, Tensor>,
  theirs: Map<number, Tensor> | null,
  learned: Tensor | null,
): Tensor[] {
  return pairs.map(({ student, teacher }, i) => {
    const [x, target] = [own.get(student), theirs?.get(teacher)];
    if (x === undefined || target === undefined) throw new Error('checked before: both models have these layers');
    const projected = f.ops.linear(x, f.weight(`projection.${i}.weight`));
    return f.ops.scale(f.ops.squaredError(projected, target, { learned }), weight / (widths.teacher * pairs.length));
  });
}
