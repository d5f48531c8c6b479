// What the kinds that work with adapters check and count.
import { adapterWeights } from './adapters.ts';
import type { KindLookup } from './context.ts';
import { decoderCost, decoderWeights } from './decoder.ts';
import type { Complaint, Cost } from './kind.ts';
import type { Weight } from './module.ts';
import type { Architecture, ModelSpec, Specs } from './values.ts';

/** Complains where adapters cannot be put beside a model's layers. */
export function checkBase({ architecture, weights }: ModelSpec, error: (complaint: Complaint) => void): boolean {
  if (weights === null) {
    error({
      code: 'untrained-model',
      at: 'model',
      message: 'this model has not been trained: adapters change what a model has learned',
      note: 'wire it through train(...) first, or take one with pretrained(...)',
    });
    return false;
  }
  if (architecture.adapters !== undefined) {
    error({
      code: 'adapters-twice',
      at: 'model',
      message: 'this model has adapters already',
      note: 'fold them in first: merge(...)',
    });
    return false;
  }
  return true;
}

/** Complains where a model has no adapters. */
export function checkAdapted({ architecture }: ModelSpec, error: (complaint: Complaint) => void): boolean {
  if (architecture.adapters !== undefined) return true;
  error({ code: 'adapters-none', at: 'model', message: 'this model has no adapters', note: 'lora(...) gives it some' });
  return false;
}

/** The weights of a model's adapters. Throws Error where it has none (checked before). */
export function addedWeights(kinds: KindLookup, architecture: Architecture): Weight[] {
  const { adapters } = architecture;
  if (adapters === undefined) throw new Error('checked before: there are adapters');
  return adapterWeights(decoderWeights(kinds, architecture), adapters);
}

/** Of a step that gives a model new adapters. */
export function adapterCost(context: { kinds: KindLookup; outputs: { [output: string]: Specs[keyof Specs] } }): Cost {
  const model = context.outputs.model as ModelSpec;
  const { parameters, trainable } = decoderCost(context.kinds, model.architecture, 1);
  return { parameters, trainable, disk: 4 * trainable }; // of adapters: theirs alone
}
