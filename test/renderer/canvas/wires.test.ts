// Which wires fit, how they are written, and what deleting means for them.
import { describe, expect, it } from 'vitest';
import { dependsOn, fittingInput, kindsThatFit, whyNot } from '../../../renderer/canvas/fits.ts';
import { edited } from '../../../renderer/canvas/headings.ts';
import { editPath, positionOf } from '../../../renderer/canvas/places.ts';
import { cut, removal } from '../../../renderer/canvas/remove.ts';
import type { WireView } from '../../../renderer/canvas/scene.ts';
import { kinds } from '../../../renderer/kinds.ts';
import { quickstart, scene, sceneOfLines } from './scenes.ts';

const end = (text: string) => ({
  node: text.slice(0, text.lastIndexOf('.')),
  port: text.slice(text.lastIndexOf('.') + 1),
});

describe('a wire', () => {
  it('fits by type, closes no circle and leaves its node', async () => {
    const { scene: drawn } = await scene(quickstart);
    const why = (from: string, to: string) => whyNot(end(from), end(to), drawn, kinds);
    expect(why('parts.test', 'score.data')).toBeNull();
    expect(why('parts.train', 'tokens.tokenizer')).toEqual({
      key: 'canvas.why.type',
      values: { port: 'tokenizer', takes: 'tokenizer', gives: 'table' },
    });
    expect(why('parts.train', 'clean.table')?.key).toBe('canvas.why.circle');
    expect(why('trained.optimizer.optimizer', 'trained.optimizer')?.key).toBe('canvas.why.self');
    expect(why('parts.nothing', 'score.data')?.key).toBe('canvas.why.gone');
    expect(dependsOn('saved', 'book', drawn)).toBe(true);
    expect(dependsOn('book', 'saved', drawn)).toBe(false);
  });

  it('goes to the first free input that fits', async () => {
    const { scene: drawn } = await sceneOfLines('a = load("a")', 't = train(data: a, steps: 1)');
    const target = drawn.byPath.get('t');
    expect(target && fittingInput({ node: 'a', port: 'table' }, target, drawn, kinds)).toBe('valid');
    expect(target && fittingInput({ node: 't', port: 'report' }, target, drawn, kinds)).toBeNull();
  });

  it('offers the kinds that fit, those it is the first input of before others', () => {
    const fitting = kindsThatFit('table', 'input', kinds);
    const isFirst = fitting.map(({ inputs }) => Object.values(inputs)[0]?.type === 'table');
    const firsts = isFirst.indexOf(false);
    expect(isFirst.slice(firsts)).not.toContain(true);
    const names = fitting.map(({ kind }) => kind);
    expect(names.slice(0, firsts)).toEqual(expect.arrayContaining(['dedup', 'filter', 'split', 'tokenizer']));
    expect(names.slice(firsts)).toEqual(expect.arrayContaining(['train', 'evaluate']));
    expect(kindsThatFit('optimizer', 'output', kinds).map(({ kind }) => kind)).toContain('adamw');
  });

  it('is written by position where the call has it so', async () => {
    const { checked } = await sceneOfLines(
      'a = load("a")',
      't = train(m, a, steps: 1)',
      'u = train(data: a, steps: 1)',
      'b = transformer_block(h, mla(heads: 1, kv_rank: 4, rope_dim: 4))',
      'v = train(steps: 1)',
    );
    const at = (path: string, port: string) => positionOf(checked, kinds, path, port);
    expect([at('t', 'model'), at('t', 'data'), at('t', 'valid')]).toEqual([0, 1, undefined]);
    expect([at('u', 'data'), at('u', 'model')]).toEqual([undefined, 0]);
    expect([at('b', 'attention'), at('b', 'ffn')]).toEqual([1, undefined]);
    expect([at('v', 'data'), at('v', 'model')]).toEqual([undefined, 0]);
    expect(editPath(checked, kinds, 'b.attention')).toBe('b.1');
  });

  it('is cut where it is written', async () => {
    const { checked, scene: drawn } = await sceneOfLines('a = load("a")', 'm = pretrained("x")', 's = evaluate(m, a)');
    const without = (id: string) => {
      const wire = drawn.wires.find((each) => each.id === id) as WireView;
      const result = edited(checked.text, [cut(wire, checked, kinds)]);
      return 'error' in result ? result.error.message : result.text.split('\n')[3];
    };
    expect(without('a:table>s:data')).toBe('s = evaluate(m)');
    expect(without('m:model>s:model')).toBe('s = evaluate(null, a)');
  });
});

describe('deleting nodes', () => {
  const deleted = async (lines: string[], paths: string[], reconnect: boolean) => {
    const { checked, scene: drawn } = await sceneOfLines(...lines);
    const result = edited(checked.text, removal(paths, reconnect, drawn, checked, kinds));
    return 'error' in result ? result.error.message : result.text.split('\n').slice(1, -1);
  };
  const chain = ['a = load("a")', 'b = dedup(a)', 'c = filter(b, where: "true")', 'd = dedup(c)'];

  it('connects what read them to what fed them, past others that go', async () => {
    expect(await deleted(chain, ['b'], true)).toEqual([
      'a = load("a")',
      'c = filter(a, where: "true")',
      'd = dedup(c)',
    ]);
    expect(await deleted(chain, ['c', 'b'], true)).toEqual(['a = load("a")', 'd = dedup(a)']);
  });

  it('leaves inputs open where asked for, or where nothing of the type feeds them', async () => {
    expect(await deleted(chain, ['b'], false)).toEqual(['a = load("a")', 'c = filter(where: "true")', 'd = dedup(c)']);
    expect(await deleted(chain, ['a', 'b'], true)).toEqual(['c = filter(where: "true")', 'd = dedup(c)']);
    const parts = ['a = load("a")', 'v = tokenizer(a)', 'e = embedding(v, dim: 8)'];
    expect(await deleted(parts, ['v'], true)).toEqual(['a = load("a")', 'e = embedding(dim: 8)']);
  });

  it('empties the port of an inline node', async () => {
    const lines = ['t = train(optimizer: adamw(lr: 1), steps: 2)'];
    expect(await deleted(lines, ['t.optimizer'], true)).toEqual(['t = train(steps: 2)']);
    expect(await deleted(lines, ['t', 't.optimizer'], true)).toEqual([]);
  });
});
