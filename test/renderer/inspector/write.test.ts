// What the form writes: text before, text after. Nothing else of the text changes.
import { describe, expect, it } from 'vitest';
import { check } from '../../../engine/graph/check.ts';
import { applyEdits } from '../../../grammar/index.ts';
import { givenAt } from '../../../renderer/inspector/argument.ts';
import { fieldsOf } from '../../../renderer/inspector/fields.ts';
import { modelOf } from '../../../renderer/inspector/model.ts';
import { relativePath, shownBytes } from '../../../renderer/inspector/paths.ts';
import { sourcesFor } from '../../../renderer/inspector/sources.ts';
import * as write from '../../../renderer/inspector/write.ts';
import { kinds } from '../../../renderer/kinds.ts';

const after = (text: string, written: write.Written): string => {
  if ('error' in written) throw new Error(written.error.message);
  return applyEdits(text, written.edits);
};
const argument = (text: string, node: string, parameter: string, source: string) =>
  after(text, write.writeArgument(text, { node, parameter }, source));

const text = `dsk 1

## Learning rate
param rate = 3e-3   # tried: 1e-3

book = load("a.txt", rows: "line")  # the book
trained = train(model, book,
    optimizer: adamw(lr: rate, betas: [0.90, 0.95]),
    steps: 1_000, clip: 10%)
`;

describe('writeArgument', () => {
  it('writes a number as it was typed', () => {
    expect(argument(text, 'trained', 'steps', '2_000')).toBe(text.replace('1_000', '2_000'));
    expect(argument(text, 'trained', 'clip', '5e-2')).toBe(text.replace('10%', '5e-2'));
    expect(argument(text, 'trained', 'clip', '20%')).toBe(text.replace('10%', '20%'));
  });

  it('adds what was not given, as it was typed', () => {
    expect(argument(text, 'trained.optimizer', 'eps', '1e-9')).toBe(text.replace('0.95])', '0.95], eps: 1e-9)'));
  });

  it('finds an argument that is given by its position', () => {
    expect(argument(text, 'book', '0', '"b.txt"')).toBe(text.replace('"a.txt"', '"b.txt"'));
  });

  it('changes one item of a list and leaves the spelling of the others', () => {
    expect(argument(text, 'trained.optimizer', 'betas', '[0.90, 0.99]')).toBe(text.replace('0.95', '0.99'));
  });

  it('changes nothing where the same is written', () => {
    expect(write.writeArgument(text, { node: 'trained', parameter: 'steps' }, '1_000')).toEqual({ edits: [] });
  });

  it('refuses what is not one value', () => {
    for (const source of ['', '1, b: 2', '1) # ', '[1']) {
      expect(write.writeArgument(text, { node: 'trained', parameter: 'steps' }, source)).toHaveProperty('error');
    }
  });
});

describe('removeArgument', () => {
  it('takes the argument and its comma', () => {
    const place = { node: 'trained', parameter: 'clip' };
    expect(after(text, write.removeArgument(text, place))).toBe(text.replace(', clip: 10%', ''));
  });
});

describe('params', () => {
  it('makes one of a value, spelled as it was, and feeds the argument from it', () => {
    const made = after(text, write.makeParam(text, { node: 'trained', parameter: 'steps' }, 'steps', '1_000'));
    expect(made).toContain('\nparam steps = 1_000\n');
    expect(made).toContain('steps: steps, clip: 10%');
    expect(made.replace('param steps = 1_000\n', '').replace('steps: steps', 'steps: 1_000')).toBe(text);
  });

  it('gives one another value', () => {
    expect(after(text, write.writeParam(text, 'rate', '2e-4'))).toBe(text.replace('3e-3', '2e-4'));
  });

  it('deletes one and writes its value where it was used', () => {
    const gone = after(text, write.dissolveParam(text, 'rate'));
    expect(gone).toContain('adamw(lr: 3e-3, betas');
    expect(gone).not.toContain('rate');
  });
});

describe('several nodes', () => {
  it('are changed by edits of one step', () => {
    const twins = 'dsk 1\na = f(x, n: 1)\nb = f(a)\n';
    const all = ['a', 'b'].map((node) => write.writeArgument(twins, { node, parameter: 'n' }, '2'));
    expect(after(twins, write.together(all))).toBe('dsk 1\na = f(x, n: 2)\nb = f(a, n: 2)\n');
  });
});

const graph = `dsk 1
param dim = 64
book = load("a.txt")
parts = split(book)
vocab = tokenizer(parts.train, size: 300)
tokens = embedding(vocab, dim: dim)
one = transformer_block(tokens, mha(heads: 2), swiglu(dim: 8))
two = transformer_block(one, attention: mha(heads: 4), ffn: swiglu(dim: 0), repeat: 2)
`;
const checked = await check(graph, { kinds, files: null });
const fieldOf = (kind: string, name: string) => {
  const found = kinds.get(kind);
  const { common, advanced } = fieldsOf(found ?? { params: {} });
  const field = [...common, ...advanced].find((each) => each.name === name);
  if (!field) throw new Error(`${kind} has no ${name}`);
  return field;
};
const model = (kind: string, name: string, ...paths: string[]) =>
  modelOf(fieldOf(kind, name), checked, paths, checked.diagnostics);

describe('a field as it stands', () => {
  it('knows an argument by its name and by its position, in inline nodes too', () => {
    expect(givenAt(checked, 'two.attention', 'heads')).toMatchObject({ address: 'heads', source: '4' });
    expect(givenAt(checked, 'book', 'path')).toMatchObject({ address: '0', source: '"a.txt"' });
    expect(model('mha', 'heads', 'one.attention').places).toEqual([
      { path: 'one.attention', node: 'one.1', parameter: 'heads', given: true },
    ]);
  });

  it('shows what is given, the default, and the param that feeds it', () => {
    expect(model('split', 'valid', 'parts')).toMatchObject({ source: null, fallback: '0.05', bound: null });
    expect(model('tokenizer', 'size', 'vocab')).toMatchObject({ source: '300', fallback: '4096' });
    expect(model('embedding', 'dim', 'tokens').bound).toMatchObject({ name: 'dim', value: 64 });
  });

  it('says where several nodes differ', () => {
    expect(model('transformer_block', 'repeat', 'one', 'two')).toMatchObject({ mixed: true, source: null });
    expect(model('transformer_block', 'eps', 'one', 'two')).toMatchObject({ mixed: false, source: null });
  });

  it('has what is reported inside of it, and no other field has', () => {
    expect(model('swiglu', 'dim', 'two.ffn').problems.map(({ code }) => code)).toEqual(['param-range']);
    expect(model('swiglu', 'dim', 'one.ffn').problems).toEqual([]);
    expect(model('mha', 'heads', 'two.attention').problems).toEqual([]);
  });

  it('has that it is missing', async () => {
    const bare = await check('dsk 1\na = filter(b)\nb = load("a.txt")\n', { kinds, files: null });
    const field = modelOf(fieldOf('filter', 'where'), bare, ['a'], bare.diagnostics);
    expect(field.problems.map(({ code }) => code)).toEqual(['param-missing']);
  });
});

describe('sourcesFor', () => {
  it('names outputs of the type, but not of the node itself or what reads it', () => {
    expect(sourcesFor('table', 'parts', checked)).toEqual(['book', 'book.rejected']);
    expect(sourcesFor('table', 'vocab', checked)).toEqual(['book', 'book.rejected', 'parts.train', 'parts.valid']);
    expect(sourcesFor('hidden', 'one', checked)).toEqual(['tokens']);
    expect(sourcesFor('hidden', 'two', checked)).toEqual(['tokens', 'one']);
  });
});

describe('paths', () => {
  it('are written relative to the folder, with /', () => {
    expect(relativePath('/home/a', '/home/a/data/x.csv')).toBe('data/x.csv');
    expect(relativePath('C:\\a\\', 'C:\\a\\data\\x.csv')).toBe('data/x.csv');
    expect(relativePath('/home/a', '/home/a/')).toBe('');
  });

  it('are none outside of the folder', () => {
    expect(relativePath('/home/a', '/home/ab/x.csv')).toBeNull();
    expect(relativePath('/home/a', '/home')).toBeNull();
  });

  it('have sizes people read', () => {
    expect([0, 999, 12_345, 123_456, 2 ** 31].map(shownBytes)).toEqual(['0 B', '999 B', '12.3 kB', '123 kB', '2.1 GB']);
  });
});
