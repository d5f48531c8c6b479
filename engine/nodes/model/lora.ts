// Adapters for a trained model, still without effect.
import { linearLayers, means } from '../adapters.ts';
import { adapterCost, addedWeights, checkBase } from '../adapting.ts';
import { decoderWeights } from '../decoder.ts';
import { defineKind } from '../kind.ts';
import { endings } from '../peft.ts';
import type { Adapters, ModelArtifact, ModelSpec } from '../values.ts';
import { initialValues } from '../weights.ts';

interface Params {
  rank: number;
  alpha: number;
  dropout: number;
  targets: string[];
  seed: number;
}

export default defineKind<Params>({
  kind: 'lora',
  stage: 'model',
  version: 1,
  doc: `Low-rank adapters beside linear layers of a trained model: each of them gives \`W x + alpha / rank * B A x\`, and \`train\` moves
only A [rank, columns] and B [rows, rank], a small share of all parameters. B starts at zero, so at first the model answers as before.
What is trained is saved as adapters alone; \`merge\` folds them in, \`export(format: "peft")\` writes them for Python's peft.
Source: Hu et al., arXiv 2106.09685.`,
  example: `base  = pretrained("models/tiny-deepseek")
small = lora(base, rank: 8, targets: ["q_proj", "kv_b_proj"])`,
  inputs: { model: { type: 'model', doc: 'A trained model, without adapters.' } },
  outputs: { model: 'model' },
  params: {
    rank: { type: 'integer', minimum: 1, maximum: 4096, default: 16, description: 'Width of the adapters.' },
    alpha: {
      type: 'number',
      exclusiveMinimum: 0,
      default: 32,
      description: 'Weight of the adapters: what they give is multiplied with alpha / rank.',
    },
    dropout: {
      type: 'number',
      minimum: 0,
      exclusiveMaximum: 1,
      default: 0.05,
      description:
        "Share of the adapters' inputs that is dropped while training. Layers stored as one weight (q, k, v) share a draw.",
    },
    targets: {
      type: 'array',
      items: { type: 'string' },
      minItems: 1,
      default: ['q_proj', 'v_proj'],
      description:
        'Which linear layers: ends of their names, or "all-linear" for all but head and experts. With mla: q_proj (or q_a_proj and q_b_proj), kv_a_proj_with_mqa, kv_b_proj, o_proj; feed-forward: gate_proj, up_proj, down_proj.',
    },
    seed: { type: 'integer', minimum: 0, default: 0, description: 'Draws the first A.', advanced: true },
  },
  infer({ params, inputs, node, kinds, error }) {
    const model = inputs.model as ModelSpec;
    const { architecture } = model;
    if (!checkBase(model, error)) return null;
    const layers = linearLayers(decoderWeights(kinds, architecture));
    const all = params.targets.includes('all-linear');
    const unknown = params.targets.find(
      (target) => target !== 'all-linear' && !layers.some((layer) => means(target, layer)),
    );
    if (unknown !== undefined) {
      error({
        code: 'lora-target',
        at: 'targets',
        message: `no linear layer of the model is called ${unknown}`,
        note: `its layers are ${endings(layers).join(', ')}`,
      });
      return null;
    }
    const adapters: Adapters = {
      rank: params.rank,
      scale: params.alpha / params.rank,
      dropout: params.dropout,
      targets: all ? endings(layers) : [...new Set(params.targets)],
    };
    return { model: { ...model, architecture: { ...architecture, adapters }, weights: { node, output: 'model' } } };
  },
  cost: adapterCost,
  async run(context) {
    const { params, files } = context;
    const { architecture } = context.outputs.model as ModelSpec;
    const base = context.artifact('model', 'model') as ModelArtifact;
    const weights = addedWeights(context.kinds, architecture);
    const path = files.join('adapter.safetensors');
    const drawn = weights.map((weight) => ({
      name: weight.name,
      shape: weight.shape,
      values: initialValues(weight, 0, params.seed),
    }));
    await context.weights.write(path, drawn, { format: 'pt' });
    return { model: { ...base, architecture, weights: [...base.weights, path] } };
  },
});
