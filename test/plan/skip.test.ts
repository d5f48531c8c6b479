// Skipped nodes: the plan is the one of a text without them, keys and all.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderPlan } from '../../engine/plan/render.ts';
import { checked, codes } from '../graph/fixture.ts';
import { keysOf, newPlace, type Place, whale } from './fixture.ts';

let place: Place;
beforeAll(() => {
  place = newPlace();
});
afterAll(() => place.remove());

const keys = async (text: string) => keysOf(await place.plan(text));
const skip = (text: string, ...names: string[]) =>
  names.reduce((before, name) => before.replace(new RegExp(`^${name} `, 'm'), `skip ${name} `), text);

describe('a skipped node', () => {
  it('is passed by: keys are those of a text that never had it', async () => {
    const without = whale.replace(/^clean .*\n/m, '').replace('halves(clean', 'halves(book');
    expect(await keys(skip(whale, 'clean'))).toEqual(await keys(without));
  });

  it('passes its first connected input of the type on, for each of its outputs', async () => {
    const without = whale
      .replace(/^parts .*\n/m, '')
      .replaceAll('parts.second', 'clean')
      .replaceAll(/\bparts\b/g, 'clean');
    expect(await keys(skip(whale, 'parts'))).toEqual(await keys(without));
    const { graph } = await checked(skip(whale, 'next'));
    expect(graph.byPath.get('model')?.inputs.hidden).toMatchObject({
      node: 'hidden',
      output: 'hidden',
      via: { node: 'next', output: 'hidden' },
    });
  });

  it('and another one behind it are passed by together', async () => {
    const without = whale
      .replace(/^(clean|parts) .*\n/gm, '')
      .replaceAll('parts.second', 'book')
      .replaceAll(/\bparts\b/g, 'book');
    expect(await keys(skip(whale, 'clean', 'parts'))).toEqual(await keys(without));
  });

  it('takes what it describes inline with it', async () => {
    const plan = await place.plan(skip(whale, 'trained', 'saved'));
    expect(Object.keys(keysOf(plan))).not.toContain('trained.optimizer');
    expect(plan.skipped).toEqual(['trained', 'saved']);
  });

  it('lets an inline node run whose result it passes on, and only then', async () => {
    const text = `dsk 1
skip clean = texts("data/*.txt") |> keep("length(text) > 3") |> keep(limit: 3)
used = keep(clean)
skip idle = texts("data/*.txt") |> keep(limit: 3)
`;
    const { steps, skipped } = await place.plan(text);
    expect(steps.map(({ node }) => node)).toEqual(['clean.table.table', 'clean.table', 'used']);
    expect(skipped).toEqual(['clean', 'idle']);
  });

  it('that nothing reads needs nothing, and says nothing', async () => {
    expect(await codes('dsk 1\nskip saved = publish(null, path: "x")\nskip a = keep()\nskip b = gated()\n')).toEqual(
      [],
    );
    const { steps } = await place.plan(skip(whale, 'saved'));
    expect(steps.map(({ node }) => node)).not.toContain('saved');
  });

  it('without an input of the type is an error where it is read', async () => {
    expect(await codes(skip(whale, 'book'))).toEqual(['skip-no-input']);
    expect(await codes('dsk 1\nskip a = keep(null)\nb = keep(a)\n')).toEqual(['skip-no-input']);
    const { diagnostics, text } = await checked(skip(whale, 'vocab'));
    expect(diagnostics.map(({ message }) => message)).toEqual([
      '`vocab` cannot be skipped: `words` has no input of type tokenizer to pass on',
    ]);
    const [fix] = diagnostics[0]?.fixes ?? [];
    expect(fix?.edits).toEqual([{ start: text.indexOf('skip'), end: text.indexOf('skip') + 5, text: '' }]);
  });

  it('still has its own mistakes reported', async () => {
    expect(await codes('dsk 1\nskip a = keep(b, limit: "x")\nskip c = kep()\n')).toEqual([
      'name-undefined',
      'param-type',
      'kind-unknown',
    ]);
  });

  it('cannot be run to', async () => {
    await expect(place.plan(skip(whale, 'clean'), { to: 'clean' })).rejects.toThrow(
      '`clean` is skipped: take `skip` away from it to run it',
    );
  });

  it('is named below the plan', async () => {
    const plan = await place.plan(skip(whale, 'clean', 'saved'));
    expect(renderPlan(plan)).toMatch(/^skipped: clean, saved$/m);
    expect(renderPlan(await place.plan(whale))).not.toContain('skipped');
  });
});
