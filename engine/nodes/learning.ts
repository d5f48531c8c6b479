// What training minimises, made from a model: the mean cross-entropy of the next token.
import type { Batch, Documents, Feeds, Hooks, Input, Learning, Program, ProgramForward } from './module.ts';

/** How a batch of windows is laid out. */
export interface Layout {
  /** Windows. */
  batch: number;
  /** Tokens of each. */
  context: number;
  /** Whether batches say what counts in the loss. */
  learned?: boolean;
  /** Whether they say which documents windows hold. */
  documents?: boolean;
}

/** The inputs of a batch of windows. */
function windowInputs({ batch, context, learned = false, documents = false }: Layout): Input[] {
  const shape = [batch * context];
  return [
    { name: 'ids', shape, dtype: 'int32' },
    { name: 'targets', shape, dtype: 'int32' },
    ...(learned ? [{ name: 'learned', shape, dtype: 'float32' } as const] : []),
    ...(documents ? [{ name: 'starts', shape, dtype: 'int32' } as const] : []),
  ];
}

/** A batch as it is fed, what it leaves open filled in; throws where it has what the layout does not know. */
export function windowFeeds(batch: Batch, { learned = false, documents = false }: Layout): Feeds {
  if (batch.learned !== undefined && !learned)
    throw new Error('this session was opened for batches that count as a whole');
  if (batch.starts !== undefined && !documents)
    throw new Error('this session was opened for windows of one document each');
  return {
    ids: batch.ids,
    targets: batch.targets,
    ...(learned && { learned: batch.learned ?? new Float32Array(batch.ids.length).fill(1) }),
    ...(documents && { starts: batch.starts ?? new Int32Array(batch.ids.length) }),
  };
}

/** A layout that these windows fit in as they are. */
export function layoutOf({ learned, starts }: Batch, batch: number, context: number): Layout {
  return { batch, context, learned: learned !== undefined, documents: starts !== undefined };
}

/** A loss's surroundings as a model needs them: windows from position 0 on. */
export function windowForward(f: Hooks, batch: number, time: number, documents: Documents | null): ProgramForward {
  return { ...f, batch, time, start: 0, documents };
}

/** Causal language modelling: -log p(next token), mean over the targets that count. */
export function causal(program: Program, layout: Layout): Learning {
  const { batch, context, learned, documents } = layout;
  const { head } = program;
  if (head === null) throw new Error('only a model with an lm_head foretells tokens');
  return {
    weights: program.weights,
    inputs: windowInputs(layout),
    loss(f) {
      const { ops } = f;
      const held = documents ? ops.documents(f.input('starts'), batch, context) : null;
      const hidden = program.hidden(windowForward(f, batch, context, held));
      const counted = learned ? f.input('learned') : null;
      return {
        sum: ops.headLoss(hidden, f.weight(head), f.input('targets'), { learned: counted }),
        count: counted === null ? batch * context : ops.total(counted),
      };
    },
  };
}
