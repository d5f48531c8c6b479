// What training minimises, made from a model: the mean cross-entropy of the next token.
import { drawn } from './draw.ts';
import { foretellFurther } from './further.ts';
import type {
  Batch,
  Counted,
  Documents,
  Feeds,
  Hooks,
  Input,
  Learning,
  Program,
  ProgramForward,
  Tensor,
} from './module.ts';

/** How a batch is laid out. */
export interface Layout {
  /** Windows, or rows. */
  batch: number;
  /** Tokens of each; shorter rows are padded. 0 where a model takes none. */
  context: number;
  /** Whether batches say what counts in the loss. */
  learned?: boolean;
  /** Whether they say which documents windows hold, or where rows are padded. */
  documents?: boolean;
  /** Tokens of what an encoder reads for them. */
  source?: number;
}

export function input(name: string, shape: number[], dtype: Input['dtype'] = 'float32'): Input {
  return { name, shape, dtype };
}

/** The inputs of a batch of windows. */
function windowInputs({ batch, context, learned = false, documents = false }: Layout): Input[] {
  const shape = [batch * context];
  return [
    input('ids', shape, 'int32'),
    input('targets', shape, 'int32'),
    ...(learned ? [input('learned', shape)] : []),
    ...(documents ? [input('starts', shape, 'int32')] : []),
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
  return { ...f, batch, time, start: 0, documents, memory: null };
}

/** Cross-entropy of tokens, summed over rows of hidden states. Throws where the model foretells none. */
export function tokenLoss(program: Program, f: Hooks, rows: Tensor, targets: Tensor, counted: Counted): Tensor {
  const { head, bias } = program;
  if (head === null) throw new Error('only a model with an lm_head foretells tokens');
  const table = { ...counted, bias: bias === null ? null : f.weight(bias) };
  return f.ops.headLoss(program.top(f, rows), f.weight(head), targets, table);
}

/**
 * Causal language modelling: -log p(next token), mean over the targets that count.
 * @param smoothing share of each target that is spread evenly over the vocabulary, while training
 */
export function causal(program: Program, layout: Layout, smoothing = 0): Learning {
  const { batch, context, learned, documents } = layout;
  return {
    weights: program.weights,
    inputs: [...windowInputs(layout), ...(program.draws ? [drawn] : [])],
    loss(f) {
      const { ops } = f;
      const held = documents ? ops.documents(f.input('starts'), batch, context) : null;
      const forward = windowForward(f, batch, context, held);
      const hidden = program.hidden(forward);
      const targets = f.input('targets');
      const counted = learned ? f.input('learned') : null;
      const more = { learned: counted, smoothing: f.training ? smoothing : 0 };
      foretellFurther(program, forward, hidden, targets, more);
      return {
        sum: tokenLoss(program, f, hidden, targets, more),
        count: counted === null ? batch * context : ops.total(counted),
      };
    },
  };
}
