// Parameters of a training that have to do with watching it: when it stops, which weights result, what becomes of spikes, and what it
// writes on the way.
import type { Complaint, Param } from './kind.ts';
import type { Architecture } from './values.ts';

export interface Watching {
  validate_every?: number;
  patience?: number;
  min_delta?: number;
  keep?: 'last' | 'best';
  spikes?: 'report' | 'skip' | 'roll_back';
  spike_sigma?: number;
  spike_window?: number;
  roll_back_every?: number;
  samples?: string | string[];
  sample_every?: number;
  sample_tokens?: number;
  checkpoint_every?: number;
}

export const watching = {
  validate_every: {
    type: 'integer',
    minimum: 1,
    unit: 'steps',
    description: 'Steps between two measurements on the validation text. Default: a tenth of all steps.',
    unkeyed: { unless: ['patience', 'keep'] },
  },
  patience: {
    type: 'integer',
    minimum: 1,
    unit: 'measurements',
    description: 'Stop once so many measurements in a row were not better than the best before. Default: never.',
  },
  min_delta: {
    type: 'number',
    minimum: 0,
    description: 'By how much the loss on the validation text has to fall to count as better. Default: 0.',
    advanced: true,
  },
  keep: {
    enum: ['last', 'best'],
    description: 'Which weights result: the last, or those with the lowest loss on the validation text. Default: last.',
  },
  spikes: {
    enum: ['report', 'skip', 'roll_back'],
    description:
      'What becomes of a step whose loss or gradient stands out of those before. It is told of; or it changes no weight, nor does one that gives no finite number; or the training goes back, and on with the batches behind it. Default: report.',
  },
  spike_sigma: {
    type: 'number',
    exclusiveMinimum: 0,
    description: 'Standard deviations above the mean of the steps before from which it does. Default: 6.',
    advanced: true,
  },
  spike_window: {
    type: 'integer',
    minimum: 10,
    unit: 'steps',
    description: 'Steps before that are looked at; nothing stands out until half of them are there. Default: 100.',
    advanced: true,
  },
  roll_back_every: {
    type: 'integer',
    minimum: 1,
    unit: 'steps',
    description: 'With `roll_back`: goes back to the last multiple of so many steps. Default: a tenth of all steps.',
    advanced: true,
  },
  samples: {
    type: ['string', 'array'],
    items: { type: 'string' },
    minItems: 1,
    description: 'Beginnings of texts that the model goes on with now and then, so that one sees what it has learned.',
    unkeyed: true,
  },
  sample_every: {
    type: 'integer',
    minimum: 1,
    unit: 'steps',
    description: 'Steps between two times that it does. Default: a tenth of all steps.',
    advanced: true,
    unkeyed: true,
  },
  sample_tokens: {
    type: 'integer',
    minimum: 1,
    maximum: 10_000,
    unit: 'tokens',
    description: 'Most tokens of such a text. Default: 40.',
    advanced: true,
    unkeyed: true,
  },
  checkpoint_every: {
    type: 'integer',
    minimum: 1,
    unit: 'steps',
    description: 'Steps between two checkpoints. Default: a tenth of all steps; an interrupted run saves one too.',
    advanced: true,
    unkeyed: true,
  },
} satisfies Record<keyof Watching, Param>;

/** Whether steps that stand out change no weight. */
export const refuses = ({ spikes }: Watching): boolean => spikes === 'skip' || spikes === 'roll_back';

/** Complains of a parameter that has no meaning without another, or without an input `valid`. */
export function checkWatching(
  params: Watching,
  valid: boolean,
  { tokenizer, head }: Architecture,
  error: (complaint: Complaint) => void,
): boolean {
  const best = params.keep === 'best';
  const needs: [at: keyof Watching, there: boolean, what: string][] = [
    ['patience', valid, 'the input `valid`'],
    ['keep', valid || !best, 'the input `valid`'],
    ['min_delta', params.patience !== undefined || best, '`patience`, or `keep: "best"`'],
    ['roll_back_every', params.spikes === 'roll_back', '`spikes: "roll_back"`'],
    ['sample_every', params.samples !== undefined, '`samples`'],
    ['sample_tokens', params.samples !== undefined, '`samples`'],
    ['samples', tokenizer !== null && head !== null, 'a model that writes text: with a tokenizer and an lm_head'],
  ];
  const idle = needs.find(([at, there]) => params[at] !== undefined && !there);
  if (idle === undefined) return true;
  const [at, , what] = idle;
  error({
    code: 'param-idle',
    at,
    message: `\`${at}\` has no meaning without ${what}`,
    note: 'add it, or remove this',
  });
  return false;
}
