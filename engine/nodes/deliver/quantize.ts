// Stores a trained model's matrices in 8 or 4 bits.

import { closest } from '../../../grammar/diagnostic.ts';
import { means } from '../adapters.ts';
import { magnitudes, secondMoments, spread } from '../calibration.ts';
import type { RunContext, StoredTensor } from '../context.ts';
import { checkRows, openWindows } from '../corpus.ts';
import { decoder, decoderCost, decoderWeights } from '../decoder.ts';
import { defineKind, type InferContext } from '../kind.ts';
import { causal, windowFeeds } from '../learning.ts';
import { inferenceMemory } from '../memory.ts';
import type { InferenceSession, Program } from '../module.ts';
import { packed, packedBytes, stemOf } from '../packed.ts';
import { type Matrix, matricesOf, roundedLayers, stepName } from '../quantized.ts';
import { lossOf, gptqInputs, type Rounded, roundGptq, roundNearest } from '../rounding.ts';
import type { Architecture, ModelArtifact, ModelSpec, Quantized, TableSpec } from '../values.ts';
import { fromStored, openWeights, storedParts, toStored } from '../weights.ts';
import type { Windows } from '../windows.ts';

interface Params {
  method: 'dynamic' | 'static' | 'rtn' | 'gptq';
  bits?: 8 | 4;
  group: number;
  skip: string[];
  percentile: number;
  samples: number;
  context?: number;
  column: string;
}

const bitsOf = ({ method, bits }: Params): 8 | 4 => bits ?? (method === 'rtn' || method === 'gptq' ? 4 : 8);

/** Bytes of second moments that are held at once. */
const momentBytes = 512e6;

export default defineKind<Params>({
  kind: 'quantize',
  stage: 'deliver',
  version: 1,
  doc: `Stores a model's matrices in fewer bits: whole numbers times a scale for each row, or for each \`group\` of a row's columns with 4 bits. On disk 8 bits take a quarter of float32, 4 bits about an eighth. The result is a model: \`evaluate\` and \`generate\` run it as it will be (computed in float32, from the rounded numbers), and \`export\` writes it as compressed-tensors, which transformers and vLLM read.

\`dynamic\`: 8 bits; the input of each linear layer is rounded to 8 bits as well, each token by its own range. \`static\`: the same with one range for each layer, taken from \`calibration\`: the largest magnitude, or the \`percentile\` of all. \`rtn\`: each weight to the nearest number, inputs stay. \`gptq\`: columns one after another, each making up for what those before it lost, by the second moments of the layer's inputs on \`calibration\` (Frantar et al., arXiv 2210.17323); experts, the embedding and the head, which see other inputs, are rounded to the nearest. Scales are bfloat16, and with 4 bits the best of several ranges.

Norms, biases, tables of positions and routers stay float32; so do layers that \`skip\` names. The report lists each layer with its error (what was lost over the whole, by norm) and its bytes; with \`valid\` also the loss before and after.`,
  example: 'small = quantize(trained, calibration: parts.train, valid: parts.valid, method: "gptq", bits: 4)',
  inputs: {
    model: { type: 'model', doc: 'A trained model.' },
    calibration: {
      type: 'table',
      doc: 'Text that shows what inputs layers get: for static and gptq.',
      optional: true,
      use: 'learn',
    },
    valid: { type: 'table', doc: 'Text to measure the loss on, before and after.', optional: true, use: 'measure' },
  },
  outputs: { model: 'model', report: 'report' },
  positional: ['model'],
  params: {
    method: {
      enum: ['dynamic', 'static', 'rtn', 'gptq'],
      default: 'dynamic',
      description: 'How numbers are found, and whether inputs are rounded too.',
    },
    bits: {
      enum: [8, 4],
      description: 'Bits of a number. Default: 8 for dynamic and static, 4 for rtn and gptq.',
    },
    group: {
      type: 'integer',
      minimum: 8,
      default: 64,
      unit: 'columns',
      description: 'Columns that share a scale, with 4 bits: a multiple of 8 that divides the width of every layer.',
    },
    skip: {
      type: 'array',
      items: { type: 'string' },
      default: [],
      description: 'Layers that stay as they are, by name or the end of it, such as "lm_head" or "down_proj".',
    },
    percentile: {
      type: 'number',
      exclusiveMinimum: 50,
      maximum: 100,
      default: 100,
      unit: '%',
      description: 'static: share of inputs inside the range; 100 takes the largest.',
    },
    samples: {
      type: 'integer',
      minimum: 1,
      default: 128,
      unit: 'windows',
      description: 'Windows of calibration and of valid that are read, spread evenly over the text.',
    },
    context: {
      type: 'integer',
      minimum: 1,
      unit: 'tokens',
      description: 'Window. Default: the context of the training.',
    },
    column: { type: 'string', minLength: 1, default: 'text', format: 'column', description: 'Column with the text.' },
  },
  infer(context) {
    const { params, inputs, node } = context;
    const { architecture } = inputs.model as ModelSpec;
    if (!check(context)) return null;
    const bits = bitsOf(params);
    const quantized: Quantized = {
      bits,
      group: bits === 4 ? params.group : null,
      skip: params.skip,
      ...((params.method === 'dynamic' || params.method === 'static') && { inputs: params.method }),
    };
    return {
      model: {
        ...(inputs.model as ModelSpec),
        architecture: { ...architecture, quantized },
        weights: { node, output: 'model' },
      },
      report: {
        fields: [
          'bytes',
          'bytes_before',
          'layers',
          ...(inputs.valid ? ['loss', 'loss_before', 'perplexity', 'perplexity_before'] : []),
        ],
      },
    };
  },
  cost({ params, inputs, kinds }) {
    const { architecture } = inputs.model as ModelSpec;
    const cost = decoderCost(kinds, architecture, contextOf(params, architecture));
    return {
      memory: inferenceMemory(cost, 4 * contextOf(params, architecture)),
      disk: (cost.parameters * bitsOf(params)) / 8,
    };
  },
  async run(context) {
    const { params, inputs, files, kinds, log } = context;
    const { architecture } = inputs.model as ModelSpec;
    const model = context.artifact('model', 'model') as ModelArtifact;
    const program = decoder(kinds, architecture);
    const open = async (port: string): Promise<Windows | null> =>
      inputs[port] && architecture.tokenizer
        ? openWindows(context, port, architecture.tokenizer, params.column, contextOf(params, architecture))
        : null;
    const [calibration, valid] = [await open('calibration'), await open('valid')];
    try {
      const seen = await look(context, program, model, calibration, valid);
      const outcome = await write(context, program, model, seen).finally(() => seen.dispose());
      const result: ModelArtifact = {
        ...model,
        architecture: (context.outputs.model as ModelSpec).architecture,
        weights: [files.join('model.safetensors')],
      };
      const after = valid && (await measured(context, result, valid));
      const before = seen.loss;
      log(`${outcome.layers.length} matrices rounded to ${bitsOf(params)} bits`);
      return {
        model: result,
        report: {
          type: 'report',
          values: {
            ...outcome,
            ...(before !== null &&
              after !== null && {
                loss: after,
                loss_before: before,
                perplexity: Math.exp(after),
                perplexity_before: Math.exp(before),
              }),
          },
        },
      };
    } finally {
      calibration?.close();
      valid?.close();
    }
  },
});

type Context = RunContext<Params>;

const contextOf = (params: Params, architecture: Architecture): number => params.context ?? architecture.context ?? 128;

function check({ params, inputs, kinds, error }: InferContext<Params>): boolean {
  const { architecture, weights } = inputs.model as ModelSpec;
  const { method, group, skip, percentile, column } = params;
  const complain = (code: string, at: string, message: string, note?: string): false => {
    error({ code, at, message, ...(note !== undefined && { note }) });
    return false;
  };
  if (weights === null)
    return complain(
      'untrained-model',
      'model',
      'this model has not been trained: its weights would be random',
      'wire it through train(...) first',
    );
  if (architecture.quantized)
    return complain('quantized-model', 'model', 'this model is quantized already', 'quantize the one it was made from');
  if (architecture.adapters)
    return complain('adapted-model', 'model', 'this model has adapters', 'fold them in with merge(...) first');
  if ((method === 'dynamic' || method === 'static') && params.bits === 4)
    return complain('param-range', 'bits', `${method} rounds to 8 bits`, '4 bits: method "rtn" or "gptq"');
  const bits = bitsOf(params);
  if (bits === 8 && group !== 64) return complain('param-idle', 'group', 'with 8 bits a whole row shares a scale');
  if (method !== 'static' && percentile !== 100)
    return complain('param-idle', 'percentile', `percentile has no meaning for ${method}`, 'it belongs to static');
  const calibrated = method === 'static' || method === 'gptq';
  if (calibrated && !inputs.calibration)
    return complain('input-missing', 'method', `${method} needs text: calibration: parts.train`);
  if (!calibrated && inputs.calibration)
    return complain('param-idle', 'calibration', `${method} needs no calibration`, 'it belongs to static and gptq');
  for (const port of ['calibration', 'valid'] as const) {
    if (!inputs[port]) continue;
    if (architecture.head?.kind !== undefined && architecture.head.kind !== 'tokens')
      return complain('head-wrong', port, 'text is measured with models that have an lm_head');
    if (architecture.tokenizer === null)
      return complain(
        'no-tokenizer',
        port,
        'this model came without a tokenizer, so text cannot be turned into its tokens',
      );
    const table = inputs[port] as TableSpec;
    if (!checkRows(table, column, port, architecture.tokenizer, params.context ?? null, error)) return false;
  }
  const all = matricesOf(decoderWeights(kinds, architecture), []);
  for (const each of skip) {
    if (all.some(({ name }) => means(each, name))) continue;
    const near = closest(each, [...new Set(all.flatMap(({ name }) => [name, name.split('.').at(-1) as string]))]);
    return complain(
      'layer-unknown',
      'skip',
      `no layer is named ${each}`,
      near
        ? `did you mean ${near}?`
        : `layers are such as ${all
            .slice(0, 3)
            .map(({ name }) => name)
            .join(', ')}`,
    );
  }
  const odd =
    bits === 4 &&
    matricesOf(decoderWeights(kinds, architecture), skip).find(
      ({ columns }) => columns % group !== 0 || group % 8 !== 0,
    );
  if (!odd) return true;
  const widths = all.map(({ columns }) => columns).reduce(divisor);
  return complain(
    'group-odd',
    'group',
    `${odd.name} has ${odd.columns} columns, which do not part into groups of ${group}`,
    widths % 8 === 0 ? `${widths} divides the width of every layer` : 'skip the layer, or use 8 bits',
  );
}

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}

/** Second moments of a layer's inputs, where there are any. */
type Moments = (layer: string) => Promise<Float64Array | undefined>;

/** What was found out before anything is rounded. */
interface Seen {
  loss: number | null;
  magnitudes: Map<string, number>;
  moments: Moments;
  dispose(): void;
}

async function session(context: Context, program: Program, { weights }: ModelArtifact): Promise<InferenceSession> {
  const tensors = await context.tensors();
  return tensors.infer(program, await openWeights(context.weights, program.weights, weights));
}

async function look(
  context: Context,
  program: Program,
  model: ModelArtifact,
  calibration: Windows | null,
  valid: Windows | null,
): Promise<Seen> {
  const { params, signal } = context;
  const blank: Seen = { loss: null, moments: async () => undefined, magnitudes: new Map(), dispose: () => undefined };
  if (calibration === null && valid === null) return blank;
  const open = await session(context, program, model);
  const pause = async (done: number, total: number): Promise<void> => {
    signal.throwIfAborted();
    context.progress({ done, total, unit: 'windows', note: 'watching the inputs' });
    await new Promise<void>((resolve) => setImmediate(resolve));
  };
  const layers = roundedLayers(program.weights, { bits: bitsOf(params), group: null, skip: params.skip });
  try {
    const loss = valid && (await lossOn(context, open, program, valid));
    if (calibration === null || params.method === 'dynamic' || params.method === 'rtn') {
      open.dispose();
      return { ...blank, loss };
    }
    if (params.method === 'static') {
      const wanted = new Set(layers);
      const { samples, percentile } = params;
      const found = await magnitudes(open, program, calibration, samples, wanted, percentile, pause);
      open.dispose();
      return { ...blank, loss, magnitudes: found };
    }
    const columns = new Map(program.weights.map(({ name, shape }) => [name, shape[1] ?? 0]));
    // A sum in double precision, and the single one of a batch.
    const size = (layer: string): number => 12 * (columns.get(`${layer}.weight`) ?? 0) ** 2;
    const sets = [...parted(layers, size, momentBytes)];
    let held = new Map<string, Float64Array>();
    const moments: Moments = async (layer) => {
      const set = sets.find((some) => some.has(layer));
      if (set && !held.has(layer)) {
        held.clear();
        held = await secondMoments(open, program, calibration, params.samples, set, pause);
      }
      return held.get(layer);
    };
    return { ...blank, loss, moments, dispose: () => open.dispose() };
  } catch (error) {
    open.dispose();
    throw error;
  }
}

/** Cuts a list into sets whose sizes sum to `most` at most, or that hold one. */
function* parted(names: string[], size: (name: string) => number, most: number): Generator<Set<string>> {
  let [part, bytes] = [new Set<string>(), 0];
  for (const name of names) {
    if (part.size > 0 && bytes + size(name) > most) {
      yield part;
      [part, bytes] = [new Set(), 0];
    }
    part.add(name);
    bytes += size(name);
  }
  if (part.size > 0) yield part;
}

async function measured(context: Context, model: ModelArtifact, windows: Windows): Promise<number> {
  const program = decoder(context.kinds, model.architecture);
  const open = await session(context, program, model);
  try {
    return await lossOn(context, open, program, windows);
  } finally {
    open.dispose();
  }
}

/** Mean loss over windows that are spread over the text. */
async function lossOn(context: Context, open: InferenceSession, program: Program, windows: Windows): Promise<number> {
  let [sum, total] = [0, 0];
  for (const { batch, layout } of spread(windows, context.params.samples)) {
    context.signal.throwIfAborted();
    const { loss, count } = open.measure(causal(program, layout), windowFeeds(batch, layout));
    sum += loss * count;
    total += count;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  return sum / Math.max(1, total);
}

interface LayerReport {
  layer: string;
  bits: number;
  /** Norm of what was lost over the matrix's own. */
  error: number;
  bytes: number;
  bytes_before: number;
}

/** Rounds and writes one weight after another. */
async function write(
  context: Context,
  program: Program,
  model: ModelArtifact,
  { moments, magnitudes: ranges }: Seen,
): Promise<{ bytes: number; bytes_before: number; layers: LayerReport[] }> {
  const { params, files, signal } = context;
  const bits = bitsOf(params);
  const layers: LayerReport[] = [];
  let [bytes, before] = [0, 0];
  const reader = await context.weights.open(model.weights);
  try {
    const tensors: StoredTensor[] = [];
    for (const [i, weight] of program.weights.entries()) {
      signal.throwIfAborted();
      const values = fromStored(weight, reader);
      before += 4 * values.length;
      const own = matricesOf([weight], params.skip);
      const names = new Set(own.map(({ name }) => `${name}.weight`));
      for (const tensor of toStored(weight, values))
        if (!names.has(tensor.name)) {
          tensors.push({ ...tensor, values: tensor.values.slice() });
          bytes += 4 * tensor.values.length;
        }
      for (const { name, rounded, part } of roundedParts(params, values, own, await moments(stemOf(weight.name)))) {
        const size = packedBytes(rounded);
        bytes += size;
        layers.push({
          layer: name,
          bits,
          error: lossOf(part, rounded),
          bytes: size,
          bytes_before: 4 * part.length,
        });
        tensors.push(...packed(`${name}.weight`, rounded));
      }
      const range = ranges.get(stemOf(weight.name));
      if (range !== undefined)
        for (const { name } of storedParts(weight)) {
          const step = Float32Array.of((range || 1) / 127);
          tensors.push({ name: stepName(stemOf(name)), shape: [1], values: step });
        }
      context.progress({ done: i + 1, total: program.weights.length, unit: 'weights' });
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    await context.weights.write(files.join('model.safetensors'), tensors, { format: 'pt' });
  } finally {
    reader.close();
  }
  return { bytes, bytes_before: before, layers };
}

function* roundedParts(
  params: Params,
  values: Float32Array,
  own: Matrix[],
  hessian: Float64Array | undefined,
): Generator<{ name: string; rounded: Rounded; part: Float32Array }> {
  const bits = bitsOf(params);
  const inputs = hessian && own[0] ? gptqInputs(hessian, own[0].columns) : null;
  for (const { name, start, rows, columns } of own) {
    const part = values.subarray(start * columns, (start + rows) * columns);
    const group = bits === 4 ? params.group : columns;
    const rounded = inputs
      ? roundGptq(part, rows, bits, group, inputs)
      : roundNearest(part, rows, columns, bits, group);
    yield { name, rounded, part };
  }
}
