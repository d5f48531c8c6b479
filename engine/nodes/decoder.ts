// A model made from its architecture: what stands in front, blocks, last norm and head; and the encoder that it reads, where there is
// one. Weight names are those of Hugging Face checkpoints (model.layers.L.*), an encoder's have `encoder.` before them.
import { adapted, adapterWeights } from './adapters.ts';
import type { KindLookup } from './context.ts';
import {
  embedded,
  embeddingWeights,
  frontForward,
  frontModules,
  frontShape,
  frontWeights,
  tokenTable,
} from './front.ts';
import { answered, further, furtherWeights, headBias, headTable, headWeights, ofTokens, transformed } from './heads.ts';
import { drawsIn, type Layer, layerCost, layerForward, layersOf, layerWeights } from './layers.ts';
import type {
  Documents,
  FrontModule,
  Hooks,
  Memory,
  ModuleCost,
  Program,
  ProgramForward,
  Tensor,
  Weight,
} from './module.ts';
import { roundingInputs } from './quantized.ts';
import { normed, normWeights } from './scope.ts';
import type { Architecture, NormKind } from './values.ts';

export { partModule } from './layers.ts';

/** An architecture with the code of its parts. */
interface Built {
  architecture: Architecture;
  /** Before all names of weights. */
  root: string;
  stack: Layer[];
  fronts: FrontModule[];
  final: { norm: NormKind; eps: number } | null;
  memory: Built | null;
}

function build(kinds: KindLookup, architecture: Architecture & { final?: NormKind }, root = ''): Built {
  const { blocks, dim, front, head, memory = null, final } = architecture;
  const eps = head?.eps ?? blocks.at(-1)?.eps ?? 1e-6;
  const last = head === null ? final : (head.norm ?? 'rms');
  return {
    architecture,
    root,
    stack: layersOf(kinds, blocks, dim, memory?.dim ?? null),
    fronts: front ? frontModules(kinds, front) : [],
    final: last === undefined || last === 'none' ? null : { norm: last, eps },
    memory: memory && build(kinds, memory, `${root}encoder.`),
  };
}

const finalNorm = (root: string): string => `${root}model.norm`;
const layerName = (root: string, l: number): string => `${root}model.layers.${l}.`;

function weightsOf({ architecture, root, stack, fronts, final, memory }: Built): Weight[] {
  const { dim, front, head } = architecture;
  const depth = head && ofTokens(head) ? (head.further?.depth ?? 0) : 0;
  return [
    ...(front ? frontWeights(front, fronts, root, dim) : []),
    ...embeddingWeights(architecture, root),
    ...(memory ? weightsOf(memory) : []),
    ...stack.flatMap((layer, l) => layerWeights(layer, layerName(root, l), dim)),
    ...(depth > 0 ? furtherWeights(stack[stack.length - 1], stack.length, depth, dim) : []),
    ...(final ? normWeights(finalNorm(root), final.norm, dim) : []),
    ...(head ? headWeights(head, architecture) : []),
  ];
}

/** All weights of the model but those of adapters, in the order they are drawn and stored. */
export function decoderWeights(kinds: KindLookup, architecture: Architecture): Weight[] {
  return weightsOf(build(kinds, architecture));
}

/** The model's computation; throws where the architecture has no head. */
export function decoder(kinds: KindLookup, architecture: Architecture): Program {
  if (architecture.head === null) throw new Error('a model needs a head');
  const program = programOf(build(kinds, architecture));
  const rounding = architecture.quantized ? roundingInputs(program, architecture.quantized) : program;
  return architecture.adapters ? adapted(rounding, architecture.adapters) : rounding;
}

function programOf(built: Built): Program {
  const { architecture, root, stack, fronts, final, memory } = built;
  const { vocab, dim, front, head, blocks } = architecture;
  const shape = front ? { shape: front.shape, positions: frontShape(front, fronts).positions } : null;
  const tokens = head && ofTokens(head) ? head : null;
  const encoder = memory && programOf(memory);
  /** The same pass with a front's states counted among its positions; they are fed with the first of them. */
  const counted = (f: ProgramForward): ProgramForward => {
    if (shape === null) return f;
    const { positions: ahead } = shape;
    if (vocab === 0) return { ...f, time: ahead, documents: null };
    if (f.start > 0) return { ...f, start: f.start + ahead };
    const documents = f.documents && f.ops.behind(f.documents, f.batch, f.time, ahead);
    return { ...f, time: ahead + f.time, documents };
  };
  return {
    weights: weightsOf(built),
    head: tokens && (tokens.tied ? tokenTable(root) : headTable),
    bias: tokens?.bias ? headBias : null,
    draws:
      (architecture.embedded?.dropout ?? 0) > 0 ||
      (head !== null && !ofTokens(head) && (head.dropout ?? 0) > 0) ||
      blocks.some(drawsIn) ||
      encoder?.draws === true,
    front: shape,
    places: architecture.positions?.size ?? null,
    encoder,
    hidden(given) {
      const f = counted(given);
      const { ops } = f;
      const states = front && f.start === 0 ? frontForward(front, fronts, f, root, dim) : null;
      let x = embedded(architecture, f, root, states); // [batch * time, dim]
      stack.forEach((layer, l) => {
        const before = x;
        const block = (): Tensor => layerForward(layer, f, layerName(root, l), l, before);
        x = f.segment ? f.segment(block) : block();
        f.layer?.(l, x);
      });
      if (states !== null && tokens !== null) {
        const { batch, time } = f;
        const ahead = time - given.time;
        const [, own] = ops.split(ops.reshape(x, [batch, time, dim]), [ahead, given.time], 1);
        x = ops.reshape(own, [batch * given.time, dim]);
      }
      return final ? normed(f, x, finalNorm(root), final.norm, final.eps) : x;
    },
    top: (f, rows) => (tokens ? transformed(f, rows, tokens) : rows),
    answer(f, hidden) {
      if (head === null || ofTokens(head)) throw new Error('a head of tokens has no answer for whole windows');
      return answered(counted(f), hidden, head);
    },
    further:
      tokens?.further && stack.length > 0
        ? further(tokens.further, {
            layer: stack[stack.length - 1],
            layers: stack.length,
            table: tokenTable(root),
            eps: tokens.eps,
          })
        : null,
  };
}

/** Before the names of an encoder's inputs. */
export const memoryInputs = 'memory/';

/**
 * Runs a program's encoder, for its cross-attention to read.
 * @param time positions of the encoder's windows (tokens; a front's come on top)
 */
export function memoryOf(
  { encoder }: Program,
  f: Hooks,
  { batch, time, documents }: { batch: number; time: number; documents: Documents | null },
): Memory {
  if (encoder === null) throw new Error('this model reads no other');
  const own: ProgramForward = {
    ...f,
    batch,
    time,
    start: 0,
    documents,
    memory: null,
    cache: () => null,
    input: (name) => f.input(name === 'dropout' ? name : memoryInputs + name),
    has: (name) => f.has(memoryInputs + name),
  };
  const states = encoder.hidden(own);
  const positions = states.shape[0] / batch;
  const ahead = positions - time;
  const held = documents && ahead > 0 && time > 0 ? f.ops.behind(documents, batch, time, ahead) : documents;
  return { states, time: positions, documents: held };
}

/** Scores of all tokens for rows of hidden states: [rows, vocab]. Throws where the head is another. */
export function tokenScores(program: Program, f: Hooks, rows: Tensor): Tensor {
  const { head, bias } = program;
  if (head === null) throw new Error('only a model with an lm_head has logits');
  return f.ops.linear(program.top(f, rows), f.weight(head), bias === null ? undefined : f.weight(bias));
}

const size = (weight: Weight): number => weight.shape.reduce((a, b) => a * b, 1);

export interface DecoderCost {
  parameters: number;
  /** Those of them that training moves: with adapters only theirs. */
  trainable: number;
  /** Scalars that take part in one token (without the embedding's look-up and experts that are not chosen). */
  activeParameters: number;
  /** Floating point operations of one token's forward pass at this context. */
  forwardFlops: number;
  /** Floats that one token leaves for the backward pass, logits included. */
  activations: number;
  /** Of these: those of logits; those of all layers, of the largest of them, and what goes into each. */
  logits: number;
  layers: number;
  widest: number;
  entering: number;
}

/**
 * What a position of a window of `context` tokens takes; where something else stands in front, a mean over all positions. An encoder is
 * taken to read as many.
 */
export function decoderCost(kinds: KindLookup, architecture: Architecture, context: number): DecoderCost {
  const built = build(kinds, architecture);
  const { adapters } = architecture;
  const weights = weightsOf(built);
  const scalars = (some: Weight[]): number => some.filter((w) => w.trained).reduce((sum, w) => sum + size(w), 0);
  const own = scalars(weights);
  const added = adapters ? scalars(adapterWeights(weights, adapters)) : 0;
  const total = costOf(built, context);
  return {
    parameters: own + added,
    trainable: adapters ? added : own,
    activeParameters: total.activeParameters + added,
    forwardFlops: 2 * total.activeParameters + total.extraFlops,
    activations: total.activations,
    logits: total.logits,
    layers: total.layers,
    widest: total.widest,
    entering: total.entering,
  };
}

function costOf({ architecture, stack, fronts, memory }: Built, context: number) {
  const { vocab, dim, front, head } = architecture;
  const ahead = front ? frontShape(front, fronts) : null;
  const positions = (ahead?.positions ?? 0) + (vocab > 0 ? context : 0);
  const total = {
    activeParameters: 0,
    extraFlops: 0,
    activations: 0,
    logits: 0,
    layers: 0,
    widest: 0,
    entering: 0,
  };
  const add = (cost: ModuleCost, share = 1): void => {
    total.activeParameters += cost.activeParameters * share;
    total.extraFlops += cost.extraFlops * share;
    total.activations += cost.activations * share;
  };
  if (head && ofTokens(head)) {
    add({ activeParameters: vocab * dim, extraFlops: 0, activations: 2 * vocab });
    total.logits += 2 * vocab * (1 + (head.further?.depth ?? 0));
    if (head.transform) add({ activeParameters: dim * dim, extraFlops: 0, activations: 3 * dim });
    if (head.further && stack.length > 0) {
      const module = layerCost(stack[stack.length - 1], positions, dim);
      add(module, head.further.depth);
      add(
        { activeParameters: vocab * dim + 2 * dim * dim, extraFlops: 0, activations: 2 * vocab + 6 * dim },
        head.further.depth,
      );
    }
  }
  for (const layer of stack) {
    const cost = layerCost(layer, positions, dim);
    add(cost);
    total.layers += cost.activations;
    total.widest = Math.max(total.widest, cost.activations);
    total.entering += dim;
  }
  if (ahead !== null) {
    const costs = fronts.map((module) => module.cost());
    const sum = (values: number[]): number => values.reduce((a, b) => a + b, 0);
    add(
      {
        activeParameters: 0,
        extraFlops: sum(costs.map(({ flops }) => flops)),
        activations: sum(costs.map(({ activations }) => activations)),
      },
      1 / positions,
    );
    add({ activeParameters: ahead.channels * dim, extraFlops: 0, activations: dim }, ahead.positions / positions);
  }
  if (memory) {
    const read = costOf(memory, context);
    add(read);
    total.layers += read.layers;
    total.widest = Math.max(total.widest, read.widest);
    total.entering += read.entering;
  }
  return total;
}
