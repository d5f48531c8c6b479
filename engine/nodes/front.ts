// What stands in front of a model's blocks: hidden states of rows that are not tokens, and of tokens with their places and segments.
import type { KindLookup } from './context.ts';
import { draw } from './draw.ts';
import type { FrontModule, ProgramForward, Tensor, Weight } from './module.ts';
import { linearWeights, normed, normWeights, prefixed, scoped } from './scope.ts';
import type { Architecture, Front } from './values.ts';

const product = (sizes: number[]): number => sizes.reduce((a, b) => a * b, 1);

export function frontModules(kinds: KindLookup, { parts, shape }: Front): FrontModule[] {
  let from = shape;
  return parts.map((part) => {
    const kind = kinds.get(part.kind);
    if (kind === undefined || !('front' in kind) || kind.front === undefined)
      throw new Error(`kind ${part.kind} does not stand in front of a model`);
    const module = kind.front(part.params, from);
    from = module.shape;
    return module;
  });
}

/** How many hidden states become of a row, and of how many channels they are made. */
export function frontShape({ shape }: Front, modules: FrontModule[]): { positions: number; channels: number } {
  const last = modules.at(-1)?.shape ?? shape;
  return { positions: product(last.slice(0, -1)), channels: last.at(-1) ?? 1 };
}

export function frontWeights(front: Front, modules: FrontModule[], root: string, dim: number): Weight[] {
  return [
    ...modules.flatMap((module, i) => prefixed(module.weights, `${root}front.${i}.`)),
    ...linearWeights(`${root}front.proj`, dim, frontShape(front, modules).channels, true),
  ];
}

/** The input `front` [batch, ...shape] -> [batch, positions, dim]. */
export function frontForward(
  front: Front,
  modules: FrontModule[],
  f: ProgramForward,
  root: string,
  dim: number,
): Tensor {
  const { ops, batch } = f;
  const { positions, channels } = frontShape(front, modules);
  const x = modules.reduce(
    (rows, module, i) => module.forward(rows, scoped(f, `${root}front.${i}.`)),
    f.input('front'),
  );
  const states = scoped(f, `${root}front.`).linear(ops.reshape(x, [batch * positions, channels]), 'proj', true);
  return ops.reshape(states, [batch, positions, dim]);
}

const names = (root: string) => ({
  table: `${root}model.embed_tokens.weight`,
  places: `${root}model.embed_positions.weight`,
  segments: `${root}model.embed_segments.weight`,
  norm: `${root}model.embed_norm`,
});

export const tokenTable = (root: string): string => names(root).table;

export function embeddingWeights({ vocab, dim, positions, segments, embedded }: Architecture, root: string): Weight[] {
  const own = names(root);
  const table = (name: string, rows: number): Weight => ({
    name,
    shape: [rows, dim],
    init: 'normal',
    trained: true,
    use: 'table',
  });
  return [
    ...(vocab > 0 ? [table(own.table, vocab)] : []),
    ...(positions?.kind === 'learned' ? [table(own.places, positions.size)] : []),
    ...(segments ? [table(own.segments, segments)] : []),
    ...(embedded?.norm ? normWeights(own.norm, embedded.norm, dim) : []),
  ];
}

/**
 * The first hidden states [batch * time, dim]: a front's before the tokens', with what is added for their places and segments.
 * @param f its time and start count a front's states too
 * @param front [batch, positions, dim]; null where there is none, or in later calls of a generation
 */
export function embedded(architecture: Architecture, f: ProgramForward, root: string, front: Tensor | null): Tensor {
  const { ops, batch, time } = f;
  const { vocab, dim, positions, segments, embedded: after = {} } = architecture;
  const own = names(root);
  const ahead = front?.shape[1] ?? 0;
  const n = batch * time;
  let x = front === null ? null : ops.reshape(front, [batch * ahead, dim]);
  if (vocab > 0) {
    let tokens = ops.embed(f.weight(own.table), f.input('ids'));
    if (segments) {
      const rows = batch * (time - ahead);
      const which = f.has('segments') ? f.input('segments') : ops.constant(new Int32Array(rows), [rows]);
      tokens = ops.add(tokens, ops.embed(f.weight(own.segments), which));
    }
    x =
      front === null
        ? tokens
        : ops.reshape(ops.concat([front, ops.reshape(tokens, [batch, time - ahead, dim])], 1), [n, dim]);
  }
  if (x === null) throw new Error('a model needs tokens or a front');
  if (positions) x = ops.add(x, placed(architecture, f, own.places));
  if (after.norm) x = normed(f, x, own.norm, after.norm, after.eps ?? 1e-6);
  return ops.dropout(x, draw(f, after.dropout ?? 0, own.norm));
}

/** What is added for each state's place. [batch * time, dim] */
function placed({ positions, dim }: Architecture, f: ProgramForward, table: string): Tensor {
  const { ops, time, start, documents } = f;
  const size = positions?.size ?? 0;
  // Where the place in the text is open, as in a recorded pass that writes, positions are fed.
  const open = f.has('positions');
  if (!open) checkPlaces(size, start + time);
  const told = open ? f.input('positions') : (documents?.positions ?? null);
  if (positions?.kind === 'sinusoidal') {
    const [first, count] = told === null ? [start, time] : [0, open ? size : time];
    const rows = ops.constant(sinusoids(first, count, dim), [count, dim]);
    return ops.embed(rows, told ?? counting(f, 0));
  }
  return ops.embed(f.weight(table), told ?? counting(f, start));
}

/** Throws where a model that has so many places is to read more. */
export function checkPlaces(places: number | null, positions: number): void {
  if (places !== null && positions > places)
    throw new Error(`${positions} positions are more than the ${places} that the model has`);
}

/** Places from `first` on, in each window. int32 [batch * time] */
const counting = ({ ops, batch, time }: ProgramForward, first: number): Tensor =>
  ops.constant(
    Int32Array.from({ length: batch * time }, (_, i) => first + (i % time)),
    [batch * time],
  );

/** sin and cos by turns of position / 10000^(2i / dim), [time, dim] (Vaswani et al. 2017, section 3.5). */
export function sinusoids(start: number, time: number, dim: number): Float32Array {
  return Float32Array.from({ length: time * dim }, (_, i) => {
    const channel = i % dim;
    const angle = (start + Math.floor(i / dim)) / 10000 ** ((channel - (channel % 2)) / dim);
    return channel % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  });
}
