// A convolution in front of a model's blocks: over a picture, or over the time of a series.
import { frontModules, frontShape } from '../front.ts';
import { defineKind } from '../kind.ts';
import type { Forward, FrontModule, Ops, Tensor, Weight } from '../module.ts';
import type { Front, HiddenSpec, Part } from '../values.ts';

const activations = {
  relu: (ops: Ops, x: Tensor) => ops.relu(x),
  gelu: (ops: Ops, x: Tensor) => ops.gelu(x),
  none: (_: Ops, x: Tensor) => x,
} as const;

interface Params {
  channels: number;
  size: number;
  stride: number;
  padding?: number;
  activation: keyof typeof activations;
  pool: number;
}

/** Sizes of the result: of each axis but the channels, behind the convolution and behind the pooling. */
function sizes(
  { size, stride, padding = Math.floor(size / 2), pool }: Params,
  axes: number[],
): { moved: number[]; pooled: number[] } {
  const moved = axes.map((length) => Math.floor((length + 2 * padding - size) / stride) + 1);
  return { moved, pooled: moved.map((length) => Math.floor(length / pool)) };
}

const product = (values: number[]): number => values.reduce((a, b) => a * b, 1);

export default defineKind<Params>({
  kind: 'convolution',
  stage: 'model',
  version: 1,
  doc: `Convolution in front of a Transformer's blocks: over a \`picture\`, or over the time of a \`series\`, with bias and activation,
then the largest of each \`pool\` neighbours. Behind the last one each place becomes a hidden state. With \`size\` and \`stride\` alike,
\`padding: 0\` and \`activation: "none"\` it cuts patches, as a vision transformer does (Dosovitskiy et al., arXiv 2010.11929).`,
  example: `digit = picture(column: "pixels", height: 28, width: 28, dim: 64)
edges = convolution(digit, channels: 32, size: 3, pool: 2)`,
  inputs: { hidden: { type: 'hidden', doc: 'A picture, a series or another convolution.' } },
  outputs: { hidden: 'hidden' },
  params: {
    channels: { type: 'integer', minimum: 1, maximum: 65_536, description: 'Channels of the result.' },
    size: {
      type: 'integer',
      minimum: 1,
      maximum: 1024,
      default: 3,
      description: 'Side of the window, or its length in time.',
    },
    stride: { type: 'integer', minimum: 1, maximum: 1024, default: 1, description: 'Steps that the window takes.' },
    padding: {
      type: 'integer',
      minimum: 0,
      maximum: 1024,
      description: 'Zeros around. Default: half the size, rounded down.',
      advanced: true,
    },
    activation: {
      type: 'string',
      enum: ['relu', 'gelu', 'none'],
      default: 'relu',
      description: 'Behind the convolution.',
    },
    pool: {
      type: 'integer',
      minimum: 1,
      maximum: 1024,
      default: 1,
      description: 'Side of the blocks of which the largest value is kept; 1 keeps all.',
    },
  },
  required: ['channels'],
  infer({ params, inputs, kinds, error }) {
    const { architecture } = inputs.hidden as HiddenSpec;
    const { front, blocks, vocab } = architecture;
    if (front === undefined || blocks.length > 0 || vocab > 0) {
      error({
        code: 'front-place',
        at: 'hidden',
        message: 'convolutions stand in front of everything: behind a picture, a series or another convolution',
      });
      return null;
    }
    const before = frontModules(kinds, front).at(-1)?.shape ?? front.shape;
    const axes = before.slice(0, -1);
    if (sizes(params, axes).pooled.some((length) => length < 1)) {
      error({
        code: 'convolution-empty',
        at: 'size',
        message: `nothing is left of ${axes.join(' × ')} places with size ${params.size}, stride ${params.stride} and pool ${params.pool}`,
        note: 'make them smaller, or padding larger',
      });
      return null;
    }
    const part: Part = { kind: 'convolution', params: { ...params } };
    const longer: Front = { ...front, parts: [...front.parts, part] };
    const { positions } = architecture;
    const places = frontShape(longer, frontModules(kinds, longer)).positions;
    return {
      hidden: {
        architecture: {
          ...architecture,
          front: longer,
          ...(positions && { positions: { ...positions, size: places } }),
        },
      },
    };
  },
  front(params, shape): FrontModule {
    const { channels, size, stride, padding = Math.floor(size / 2), pool, activation } = params;
    const from = shape[shape.length - 1];
    const axes = shape.slice(0, -1);
    const { moved, pooled } = sizes(params, axes);
    const flat = axes.length === 1; // a series: one column of a picture
    const window = axes.map(() => size);
    const weights: Weight[] = [
      { name: 'weight', shape: [channels, from, ...window], init: 'uniform', trained: true },
      { name: 'bias', shape: [channels], init: 'zeros', trained: true },
    ];
    const each = (value: number, other: number): [number, number] => [value, flat ? other : value];
    function forward(x: Tensor, { ops, batch, weight }: Forward): Tensor {
      const wide = flat ? ops.reshape(x, [batch, axes[0], 1, from]) : x;
      const filter = flat ? ops.reshape(weight('weight'), [channels, from, size, 1]) : weight('weight');
      const y = ops.add(ops.convolve(wide, filter, each(stride, 1), each(padding, 0)), weight('bias'));
      const active = activations[activation](ops, y);
      const kept = pool === 1 ? active : ops.largest(active, each(pool, 1));
      return ops.reshape(kept, [batch, ...pooled, channels]);
    }
    return {
      weights,
      shape: [...pooled, channels],
      forward,
      cost: () => ({
        flops: 2 * product(moved) * channels * from * product(window),
        activations: 2 * product(moved) * channels + (pool > 1 ? product(pooled) * channels : 0),
      }),
    };
  },
});
