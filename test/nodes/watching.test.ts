// Parameters of watching a training that have no meaning as they stand, and what is said of why one went wrong.
import { describe, expect, it } from 'vitest';
import { type Circumstances, likelyCauses } from '../../engine/nodes/causes.ts';
import type { Complaint } from '../../engine/nodes/kind.ts';
import type { Architecture } from '../../engine/nodes/values.ts';
import { checkWatching, type Watching } from '../../engine/nodes/watching.ts';

const writes = { tokenizer: { node: 'v', output: 'tokenizer' }, head: {} } as unknown as Architecture;
const mute = { tokenizer: null, head: null } as unknown as Architecture;

function complaints(params: Watching, valid: boolean, model = writes): string[] {
  const found: Complaint[] = [];
  expect(checkWatching(params, valid, model, (each) => found.push(each))).toBe(found.length === 0);
  return found.map(({ code, at }) => `${code} at ${at}`);
}

it.each<[Watching, boolean, string | null]>([
  [{}, false, null],
  [{ patience: 3 }, true, null],
  [{ patience: 3 }, false, 'patience'],
  [{ keep: 'best' }, false, 'keep'],
  [{ keep: 'last' }, false, null],
  [{ keep: 'best', min_delta: 0.1 }, true, null],
  [{ min_delta: 0.1 }, true, 'min_delta'],
  [{ spikes: 'roll_back', roll_back_every: 5 }, false, null],
  [{ spikes: 'skip', roll_back_every: 5 }, false, 'roll_back_every'],
  [{ samples: 'The' }, false, null],
  [{ sample_every: 5 }, false, 'sample_every'],
  [{ sample_tokens: 5 }, false, 'sample_tokens'],
])('%j, valid: %s: idle is %s', (params, valid, at) => {
  expect(complaints(params, valid)).toEqual(at === null ? [] : [`param-idle at ${at}`]);
});

it('a model that does not write takes no samples', () => {
  expect(complaints({ samples: 'The' }, false, mute)).toEqual(['param-idle at samples']);
});

describe('likely causes', () => {
  const sound: Circumstances = {
    feeds: [{ ids: Int32Array.of(1, 2) }],
    inspection: {
      loss: 2,
      gradients: new Map([
        ['layers.0.a', 1],
        ['layers.1.a', 1.1],
        ['lm_head', 0.9],
      ]),
    },
    losses: Array.from({ length: 30 }, (_, i) => 3 - i / 30),
    rate: 3e-3,
    clip: 1,
    step: 31,
    weights: new Map([['layers.0.a', { norm: 1, size: 100 }]]),
  };
  const first = (changes: Partial<Circumstances>) => likelyCauses({ ...sound, ...changes })[0];
  const all = (changes: Partial<Circumstances>) => likelyCauses({ ...sound, ...changes }).join('\n');

  it('say nothing that was not seen', () => {
    expect(likelyCauses(sound)).toEqual(['a lower learning rate (lr) or a longer warmup usually helps']);
  });
  it('input that was not scaled, or is none', () => {
    expect(first({ feeds: [{ x: Float32Array.of(1, -25_500) }] })).toBe(
      '`x` has values up to 25500: scale the data to mean 0 and deviation 1, or to 0 .. 1',
    );
    expect(first({ feeds: [{ x: Float32Array.of(1, Number.NaN) }] })).toContain(
      '1 values in `x` that are no finite numbers',
    );
  });
  it('labels that are empty', () => {
    expect(first({ feeds: [{ learned: Float32Array.of(0, 0) }] })).toContain('its labels are empty');
    expect(all({ feeds: [{ learned: Float32Array.of(0, 0) }, { learned: Float32Array.of(0, 1) }] })).not.toContain(
      'empty',
    );
  });
  it('a learning rate that is too high: by the loss that rose, or the weights that ran away', () => {
    const losses = Array.from({ length: 30 }, (_, i) => (i < 15 ? 3 - i / 10 : 1.5 + (i - 15) / 5));
    expect(first({ losses })).toBe(
      'the loss had been rising before, from 1.5 to 4.3: the learning rate, 0.003 at step 31, is too high',
    );
    const weights = new Map([
      ['layers.0.a', { norm: 1, size: 100 }],
      ['lm_head', { norm: 1e6, size: 100 }],
    ]);
    expect(first({ weights })).toContain('those of `lm_head` are 100000 in the mean');
    expect(all({ clip: 0 })).toContain('clip: 1.0');
  });
  it('the layer that exploded', () => {
    const gradients = (entries: [string, number][]) => ({ inspection: { loss: 2, gradients: new Map(entries) } });
    expect(
      all(
        gradients([
          ['layers.0.a', Number.NaN],
          ['layers.1.a', Number.POSITIVE_INFINITY],
          ['lm_head', 1],
        ]),
      ),
    ).toContain('first not finite at `layers.1.a` (2 of 3 weights)');
    expect(
      all(
        gradients([
          ['layers.0.a', 1],
          ['layers.1.a', 400],
          ['lm_head', 1],
        ]),
      ),
    ).toContain('most of the gradient is that of `layers.1.a`: norm 400 of 400');
    expect(
      all(
        gradients([
          ['a', Number.NaN],
          ['b', Number.NaN],
        ]),
      ),
    ).toContain('it overflows on the way back');
    expect(all({ inspection: { loss: Number.NaN, gradients: new Map([['a', Number.NaN]]) } })).toContain(
      'on the way forward already',
    );
  });
});
