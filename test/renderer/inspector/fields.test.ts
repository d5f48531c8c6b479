// The form of a kind: which control each parameter's schema asks for. Every parameter of every kind has to get one.
import { describe, expect, it } from 'vitest';
import type { Param } from '../../../engine/nodes/kind.ts';
import { controlOf, fieldsOf, rangeOf } from '../../../renderer/inspector/fields.ts';
import { kinds } from '../../../renderer/kinds.ts';

const controls = (kind: string) => {
  const { common, advanced } = fieldsOf(kinds.get(kind) ?? { params: {} });
  return Object.fromEntries([...common, ...advanced].map(({ name, control }) => [name, control.type]));
};

describe('a control follows from the schema', () => {
  it.each<[string, Omit<Param, 'description'>, string]>([
    ['a whole number', { type: 'integer' }, 'number'],
    ['a number', { type: 'number' }, 'number'],
    ['true or false', { type: 'boolean' }, 'switch'],
    ['a text', { type: 'string' }, 'text'],
    ['one of some texts', { type: 'string', enum: ['a', 'b'] }, 'choice'],
    ['a path', { type: 'string', format: 'path' }, 'path'],
    ['an expression', { type: 'string', format: 'expression' }, 'expression'],
    ['a column', { type: 'string', format: 'column' }, 'column'],
    ['a column or several', { type: ['string', 'array'], format: 'column' }, 'columns'],
    ['a list of numbers', { type: 'array', items: { type: 'number' } }, 'numbers'],
    ['a list of texts', { type: 'array', items: { type: 'string' } }, 'texts'],
    ['a list of anything', { type: 'array' }, 'source'],
    ['a number or a text', { type: ['number', 'string'] }, 'source'],
  ])('%s', (_, schema, control) => {
    expect(controlOf({ ...schema, description: '' }).type).toBe(control);
  });

  it('takes null among the types or choices for “not set”', () => {
    const nullable = { type: ['integer', 'null'], description: '' } as unknown as Param;
    expect(controlOf(nullable)).toEqual({ type: 'number', integer: true });
    const choice = { enum: ['text', 'csv', null], description: '' } as unknown as Param;
    expect(controlOf(choice)).toEqual({ type: 'choice', options: ['text', 'csv'] });
  });
});

describe('the kinds of this repository', () => {
  it('get the controls one expects', () => {
    expect(controls('load')).toMatchObject({ path: 'path', rows: 'choice', header: 'switch', types: 'texts' });
    expect(controls('filter')).toEqual({ where: 'expression' });
    expect(controls('dedup')).toMatchObject({ by: 'columns' });
    expect(controls('adamw')).toMatchObject({ lr: 'number', betas: 'numbers' });
    expect(controls('train')).toMatchObject({ steps: 'number', column: 'column' });
    expect(controls('generate')).toMatchObject({ prompt: 'text' });
  });

  it('have every parameter in their form, once', () => {
    for (const kind of kinds.list) {
      const { common, advanced } = fieldsOf(kind);
      const names = [...common, ...advanced].map(({ name }) => name);
      expect(names.sort()).toEqual(Object.keys(kind.params).sort());
    }
  });

  it('have the advanced parameters apart, and say which are required', () => {
    const { common, advanced } = fieldsOf(kinds.get('train') ?? { params: {} });
    expect(advanced.map(({ name }) => name)).toContain('checkpoint_every');
    expect(common.filter(({ required }) => required).map(({ name }) => name)).toEqual(['steps']);
  });
});

describe('rangeOf', () => {
  it.each([
    [{ minimum: 1, maximum: 65536 }, '1 – 65,536'],
    [{ minimum: 1 }, '≥ 1'],
    [{ exclusiveMinimum: 0, maximum: 1 }, '> 0, ≤ 1'],
    [{ exclusiveMinimum: 0, exclusiveMaximum: 1 }, '> 0, < 1'],
    [{}, ''],
  ])('%o is %s', (bounds, shown) => {
    expect(rangeOf(bounds)).toBe(shown);
  });
});
