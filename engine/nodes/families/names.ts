// Families whose tensors have other names or forms in files than in a model here: GPT-2, whose linear layers lie transposed (its Conv1D)
// with query, key and value in one, and BERT. One table leads both ways.

import type { StoredTensor } from '../context.ts';

/** A tensor of files, and the tensors here that it holds: side by side where they are several. */
interface Rule {
  stored: string;
  own: string[];
  /** The matrix lies transposed. */
  turned: boolean;
}

interface Layout {
  /** Before all names of the model itself, in models with a head of their own. */
  prefix: string;
  /** Of the model itself: `L` stands for the number of a layer. */
  rules: Rule[];
  /** Of heads: without the prefix. */
  heads: Rule[];
  /** By which the family is known. */
  mark: string;
}

const rule = (stored: string, own: string | string[], turned = false): Rule[] => {
  const all = [own].flat();
  return ['weight', 'bias'].map((end) => ({
    stored: `${stored}.${end}`,
    own: all.map((name) => `${name}.${end}`),
    turned: turned && end === 'weight',
  }));
};

const layer = (name: string): string => `model.layers.L.${name}`;

export const layouts: Record<string, Layout> = {
  gpt2: {
    prefix: 'transformer.',
    mark: 'wte.weight',
    rules: [
      ...rule('wte', 'model.embed_tokens'),
      ...rule('wpe', 'model.embed_positions'),
      ...rule('ln_f', 'model.norm'),
      ...rule('h.L.ln_1', layer('input_layernorm')),
      ...rule('h.L.ln_2', layer('post_attention_layernorm')),
      ...rule(
        'h.L.attn.c_attn',
        ['q_proj', 'k_proj', 'v_proj'].map((name) => layer(`self_attn.${name}`)),
        true,
      ),
      ...rule('h.L.attn.c_proj', layer('self_attn.o_proj'), true),
      ...rule('h.L.mlp.c_fc', layer('mlp.up_proj'), true),
      ...rule('h.L.mlp.c_proj', layer('mlp.down_proj'), true),
    ],
    heads: rule('lm_head', 'lm_head'),
  },
  bert: {
    prefix: 'bert.',
    mark: 'embeddings.word_embeddings.weight',
    rules: [
      ...rule('embeddings.word_embeddings', 'model.embed_tokens'),
      ...rule('embeddings.position_embeddings', 'model.embed_positions'),
      ...rule('embeddings.token_type_embeddings', 'model.embed_segments'),
      ...rule('embeddings.LayerNorm', 'model.embed_norm'),
      ...rule('encoder.layer.L.attention.self.query', layer('self_attn.q_proj')),
      ...rule('encoder.layer.L.attention.self.key', layer('self_attn.k_proj')),
      ...rule('encoder.layer.L.attention.self.value', layer('self_attn.v_proj')),
      ...rule('encoder.layer.L.attention.output.dense', layer('self_attn.o_proj')),
      ...rule('encoder.layer.L.attention.output.LayerNorm', layer('input_layernorm')),
      ...rule('encoder.layer.L.intermediate.dense', layer('mlp.up_proj')),
      ...rule('encoder.layer.L.output.dense', layer('mlp.down_proj')),
      ...rule('encoder.layer.L.output.LayerNorm', layer('post_attention_layernorm')),
      ...rule('pooler.dense', 'pooler'),
    ],
    heads: [
      ...rule('cls.predictions.transform.dense', 'lm_head.transform.dense'),
      ...rule('cls.predictions.transform.LayerNorm', 'lm_head.transform.norm'),
      // Its bias stands there twice; where head and embedding are two tables, the second one counts.
      { stored: 'cls.predictions.bias', own: ['lm_head.bias'], turned: false },
      ...rule('cls.predictions.decoder', 'lm_head'),
      ...rule('classifier', 'score'),
    ],
  },
};

const numbered = /(?<=\.)\d+(?=\.)|^\d+(?=\.)/;
/** A name without the number of its layer, and that number. */
function general(name: string): { name: string; number: string } {
  const number = numbered.exec(name)?.[0] ?? '';
  return { name: number === '' ? name : name.replace(numbered, 'L'), number };
}

/** Later ones take the place of those before. */
const order = (stored: string): number => (stored === 'cls.predictions.decoder.bias' ? 1 : 0);

/** Where a tensor of a model lies in files: the `index`th of `of` equal parts of a stored one. */
export interface Place {
  stored: string;
  index: number;
  of: number;
  turned: boolean;
}

/** Tensors of files by their names here; null where the names are those already. Tensors that the table does not know are left out. */
export function ownNames(stored: ReadonlyMap<string, unknown>): Map<string, Place> | null {
  for (const { prefix, mark, rules, heads } of Object.values(layouts)) {
    const before = [prefix, ''].find((each) => stored.has(each + mark));
    if (before === undefined) continue;
    const known = new Map([
      ...rules.map((each) => [before + each.stored, each] as const),
      ...heads.map((each) => [each.stored, each] as const),
    ]);
    const places = new Map<string, Place>();
    for (const given of [...stored.keys()].sort((a, b) => order(a) - order(b))) {
      // As TensorFlow's first checkpoints called a LayerNorm's gain and bias.
      const { name, number } = general(
        given.replace(/LayerNorm\.gamma$/, 'LayerNorm.weight').replace(/LayerNorm\.beta$/, 'LayerNorm.bias'),
      );
      const found = known.get(name);
      found?.own.forEach((own, index) => {
        places.set(own.replace('.L.', `.${number}.`), {
          stored: given,
          index,
          of: found.own.length,
          turned: found.turned,
        });
      });
    }
    return places;
  }
  return null;
}

/** The shape a tensor has here. */
export function placedShape(shape: number[], { of, turned }: Place): number[] {
  const [rows = 0, ...rest] = turned ? [...shape].reverse() : shape;
  return of === 1 && !turned ? shape : [Math.floor(rows / of), ...rest];
}

/**
 * Takes from a stored tensor's values those of the place.
 * @param shape of the stored one
 */
export function take(values: Float32Array, shape: number[], { index, of, turned }: Place, out: Float32Array): void {
  if (!turned) {
    out.set(values.subarray(index * out.length, (index + 1) * out.length));
    return;
  }
  const [columns = 0, rows = 0] = shape;
  const own = rows / of;
  for (let row = 0; row < own; row++)
    for (let column = 0; column < columns; column++)
      out[row * columns + column] = values[column * rows + index * own + row] as number;
}

/**
 * Tensors of a model as a family stores them: renamed, joined, transposed. Those that belong together must follow each other closely:
 * the first ones are held until the last has come.
 * @param family `bare`: the model has no head of its own (BertModel), and its names no prefix
 */
export function* inFamily(
  { type, bare }: { type: string; bare: boolean },
  tensors: Iterable<StoredTensor>,
): Generator<StoredTensor> {
  const layout = Object.hasOwn(layouts, type) ? layouts[type] : undefined;
  if (layout === undefined) {
    yield* tensors;
    return;
  }
  const { prefix, rules, heads } = layout;
  const known = new Map<string, { rule: Rule; before: string }>();
  for (const each of rules) for (const own of each.own) known.set(own, { rule: each, before: bare ? '' : prefix });
  for (const each of heads) for (const own of each.own) known.set(own, { rule: each, before: '' });
  const held = new Map<string, StoredTensor>();
  /** The head has no table of its own: then its bias stands there once. */
  let bareTable = true;
  for (const tensor of tensors) {
    const { name, number } = general(tensor.name);
    const found = known.get(name);
    if (found === undefined) throw new Error(`the family ${type} has no tensor ${tensor.name}`);
    const { stored, own, turned } = found.rule;
    if (tensor.name === 'lm_head.weight') bareTable = false;
    held.set(tensor.name, tensor);
    const names = own.map((each) => each.replace('.L.', `.${number}.`));
    const all = names.flatMap((each) => held.get(each) ?? []);
    if (all.length < own.length) continue;
    for (const each of names) held.delete(each);
    const rows = all.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0);
    const columns = tensor.shape[1] ?? 1;
    if (stored === 'cls.predictions.decoder.bias') {
      yield { ...tensor, name: 'cls.predictions.bias' };
      if (bareTable) continue;
    }
    if (all.length === 1 && !turned) {
      yield { ...tensor, name: found.before + stored.replace('.L.', `.${number}.`) };
      continue;
    }
    const joined = new Float32Array(rows * columns);
    let at = 0;
    for (const { values: part } of all) {
      if (!(part instanceof Float32Array)) throw new Error(`${tensor.name} is rounded, which ${type} has no form for`);
      joined.set(part, at);
      at += part.length;
    }
    const values = turned ? transposed(joined, rows, columns) : joined;
    const shape = turned ? [columns, rows] : [rows, ...tensor.shape.slice(1)];
    yield { name: found.before + stored.replace('.L.', `.${number}.`), shape, values };
  }
}

function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(values.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      out[column * rows + row] = values[row * columns + column] as number;
  return out;
}
