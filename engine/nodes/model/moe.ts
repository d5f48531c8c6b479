// DeepSeek's mixture of experts: many small SwiGLU networks of which each token uses a few, and shared ones that all tokens use.
import { defineKind } from '../kind.ts';
import type { Forward, Module, RouteSpec, Tensor, Weight } from '../module.ts';

export interface Params {
  experts: number;
  active: number;
  shared: number;
  dim: number;
  groups: number;
  active_groups?: number;
  scale: number;
  normalize: boolean;
  bias_speed: number;
  scores?: 'sigmoid' | 'softmax';
  balance?: number;
}

const defaultSpeed = 0.001;

export default defineKind<Params>({
  kind: 'moe',
  stage: 'model',
  version: 1,
  doc: `Mixture of experts, as in DeepSeek-V3: a router scores all experts with a sigmoid and sends each token to the \`active\`
best; no token is dropped. A bias per expert, moved after each step towards the experts that got too little, takes part in the
choice but not in the weights, so balance needs no auxiliary loss. Source: arXiv 2412.19437, section 2.1.2. With
\`scores: "softmax"\` it is DeepSeek-V2's: no bias, and groups compared by their best expert (arXiv 2405.04434, section 2.2).`,
  example: `block = transformer_block(tokens, attention: mla(heads: 6, kv_rank: 64, rope_dim: 16),
          ffn: moe(experts: 8, active: 2, shared: 1, dim: 128))`,
  inputs: {},
  outputs: { ffn: 'ffn' },
  params: {
    experts: { type: 'integer', minimum: 1, maximum: 1024, description: 'Routed experts.' },
    active: { type: 'integer', minimum: 1, maximum: 1024, description: 'Experts each token goes to.' },
    shared: {
      type: 'integer',
      minimum: 0,
      maximum: 1024,
      default: 1,
      description: 'Experts that every token uses (one network of that many times the width).',
    },
    dim: { type: 'integer', minimum: 1, maximum: 1_048_576, description: 'Inner width of one expert.' },
    groups: {
      type: 'integer',
      minimum: 1,
      maximum: 1024,
      default: 1,
      description: 'Groups the experts are in; the best groups are chosen first.',
      advanced: true,
    },
    active_groups: {
      type: 'integer',
      minimum: 1,
      description: 'Groups each token may choose from. Default: all.',
      advanced: true,
    },
    scale: {
      type: 'number',
      exclusiveMinimum: 0,
      default: 1,
      description: "Factor on the routed experts' output.",
      advanced: true,
    },
    normalize: {
      type: 'boolean',
      default: true,
      description: "Make the chosen experts' weights sum to one before scaling.",
      advanced: true,
    },
    bias_speed: {
      type: 'number',
      minimum: 0,
      default: defaultSpeed,
      description: "How far each expert's bias moves per step towards balance; 0 keeps it.",
      advanced: true,
    },
    scores: {
      type: 'string',
      enum: ['sigmoid', 'softmax'],
      description:
        "What makes scores of the router's products: sigmoid (DeepSeek-V3) or softmax (DeepSeek-V2, which has no biases). Default: sigmoid.",
      advanced: true,
    },
    balance: {
      type: 'number',
      minimum: 0,
      maximum: 1,
      description:
        'Factor of an auxiliary loss on how unevenly the tokens of each window go to experts, which is minimised but not reported: 0.0001 in DeepSeek-V3, 0.001 in DeepSeek-V2. Default: 0.',
      advanced: true,
    },
  },
  required: ['experts', 'active', 'dim'],
  infer({ params, error }) {
    const { experts, active, groups, active_groups: open = groups } = params;
    const wrong = (at: string, message: string, value: number): null => {
      error({ code: 'moe-routing', at, message, suggest: { value, title: `use ${value}` } });
      return null;
    };
    if (active > experts) return wrong('active', `active is ${active}, but there are only ${experts} experts`, experts);
    if (experts % groups !== 0)
      return wrong('groups', `${experts} experts cannot be put into ${groups} equal groups`, 1);
    if (open > groups)
      return wrong('active_groups', `active_groups is ${open}, but there are only ${groups} groups`, groups);
    if (active > (experts / groups) * open)
      return wrong(
        'active',
        `active is ${active}, but ${open} of ${groups} groups hold only ${(experts / groups) * open} experts`,
        (experts / groups) * open,
      );
    if (params.scores === 'softmax' && params.bias_speed !== 0 && params.bias_speed !== defaultSpeed) {
      error({
        code: 'param-idle',
        at: 'bias_speed',
        message: 'bias_speed has no meaning beside scores: "softmax", which has no biases',
        note: 'remove bias_speed; an auxiliary loss (balance) keeps these experts even',
      });
      return null;
    }
    return { ffn: { kind: 'moe', params: { ...params } } };
  },
  module(params, { dim }): Module {
    const { experts, active, shared, dim: inner, groups, scale, normalize, bias_speed: speed } = params;
    const { balance = 0 } = params;
    const softmax = params.scores === 'softmax';
    const spec: RouteSpec = {
      active,
      groups,
      activeGroups: params.active_groups ?? groups,
      normalize,
      scale,
      ...(softmax && { scores: 'softmax' }),
    };
    const network = (prefix: string, width: number): Weight[] => [
      { name: `${prefix}gate_proj.weight`, shape: [width, dim], init: 'normal', trained: true },
      { name: `${prefix}up_proj.weight`, shape: [width, dim], init: 'normal', trained: true },
      { name: `${prefix}down_proj.weight`, shape: [dim, width], init: 'normal', trained: true },
    ];
    const bias: Weight = { name: 'gate.e_score_correction_bias', shape: [experts], init: 'zeros', trained: false };
    const weights: Weight[] = [
      { name: 'gate.weight', shape: [experts, dim], init: 'normal', trained: true },
      ...(softmax ? [] : [bias]),
      ...Array.from({ length: experts }, (_, e) => network(`experts.${e}.`, inner)).flat(),
      ...(shared > 0 ? network('shared_experts.', shared * inner) : []),
    ];
    const each = Array.from({ length: experts }, (_, e) => `experts.${e}.`);
    const all = (weight: Forward['weight'], name: string): Tensor[] =>
      each.map((e) => weight(`${e}${name}_proj.weight`));

    function forward(x: Tensor, f: Forward): Tensor {
      const { ops, weight, linear, training, batch, documents } = f;
      const routing = ops.route(x, weight('gate.weight'), softmax ? null : weight(bias.name), spec, documents);
      const routed = ops.experts(x, routing, {
        gate: all(weight, 'gate'),
        up: all(weight, 'up'),
        down: all(weight, 'down'),
      });
      if (training) {
        f.report('load', routing.load);
        if (speed > 0 && !softmax) f.update(bias.name, routing.load, (load) => ops.balance(load, speed));
        const choice = softmax ? 'chosen' : 'best';
        if (balance > 0) f.penalty(ops.scale(ops.sequenceBalance(routing, choice, batch, documents), balance));
      }
      if (shared === 0) return routed;
      const common = (input: Tensor, name: string): Tensor => linear(input, `shared_experts.${name}_proj`);
      return ops.add(routed, common(ops.swiglu(common(x, 'gate'), common(x, 'up')), 'down'));
    }

    return {
      weights,
      forward,
      cost: () => ({
        activeParameters: experts * dim + 3 * (active + shared) * inner * dim,
        extraFlops: 0,
        activations: active * (2 * dim + 4 * inner) + 3 * shared * inner + 3 * experts + dim,
      }),
    };
  },
});
