// Completion, where one writes: what is offered at the cursor (`^`), and the text after it was taken.
import { describe, expect, it } from 'vitest';
import type { Kind } from '../../engine/nodes/kind.ts';
import { kinds, labels, offered, taken } from './marked.ts';

const data = `dsk 1
book  = load("a.txt")
parts = split(book, valid: 5%)
vocab = tokenizer(parts.train)
tokens = embedding(vocab, dim: 64)
`;

describe('where a statement begins', () => {
  it('an empty text gets its first line', async () => {
    expect(await labels('^')).toEqual(['dsk 1']);
  });

  it('offers the words of the language and every kind, as a whole statement', async () => {
    const all = await labels('dsk 1\n^');
    expect(all.slice(0, 2)).toEqual(['param', 'skip']);
    expect(all.slice(2).toSorted()).toEqual(kinds.list.map(({ kind }) => kind).toSorted());
    expect(await taken('dsk 1\npa^', 'param')).toBe('dsk 1\nparam «name» = 1');
    expect(await taken(`${data}spl^`, 'split')).toBe(`${data}«parts2» = split(parts)`);
  });

  it('offers names that are used and not defined first', async () => {
    expect((await labels('dsk 1\nshort = dedup(long)\n^'))[0]).toBe('long');
    expect(await taken('dsk 1\nshort = dedup(long)\n^', 'long')).toBe('dsk 1\nshort = dedup(long)\nlong = ');
    expect(await labels('dsk 1\nshort = dedup(long)\nlo^ = load("x")\n')).toEqual(['long']);
  });

  it('also below brackets that were left open', async () => {
    expect(await labels('dsk 1\na = dedup(b\npar^\n')).toEqual(['param']);
  });
});

describe('behind the equals sign', () => {
  it('kinds come first, by stage', async () => {
    const items = await offered(`${data}x = ^`);
    const stages = items.filter(({ kind }) => kind === 'kind').map(({ detail }) => detail.split(' ')[0]);
    expect([...new Set(stages)]).toEqual(['data', 'model', 'train', 'deliver']);
    expect(items.slice(0, stages.length).every(({ kind }) => kind === 'kind')).toBe(true);
    expect(items.slice(stages.length).map(({ label }) => label)).toContain('book');
  });

  it('a kind comes with what it needs, from the nodes there are and from its own example', async () => {
    expect(await taken(`${data}x = fi^`, 'filter')).toBe(`${data}x = filter(«parts», where: "length(text) > 200")`);
    expect(await taken(`${data}x = ^`, 'swiglu')).toBe(`${data}x = swiglu(dim: «512»)`);
    expect(await taken(`${data}x = ^`, 'transformer_block')).toBe(
      `${data}x = transformer_block(«tokens», attention: mha(heads: 6), ffn: swiglu(dim: 512))`,
    );
  });

  it('only the name where brackets stand already', async () => {
    expect(await taken(`${data}x = fil^(book)`, 'filter')).toBe(`${data}x = filter(book)`);
  });

  it('also of a skipped node, which is not read by itself', async () => {
    const all = await labels(`${data}skip x = ^`);
    expect(all).toContain('dedup');
    expect(await labels(`${data}skip x = dedup(^)\ny = dedup(x)\n`)).toEqual(expect.not.arrayContaining(['x', 'y']));
  });

  it('a param takes params and plain words', async () => {
    expect(await labels('dsk 1\nparam a = 1\nparam b = ^')).toEqual(['a', 'false', 'true']);
  });
});

describe('inside of brackets', () => {
  it('nodes of the type that comes next, the nearest first, then names of arguments', async () => {
    const all = await offered(`${data}x = train(^`);
    expect(all.filter(({ kind }) => kind === 'node')).toEqual([]);
    const models = all.filter(({ kind }) => kind === 'kind').map(({ label }) => label);
    for (const kind of ['lm_head', 'pretrained', 'train']) expect(models).toContain(kind);
    for (const kind of ['load', 'embedding', 'adamw']) expect(models).not.toContain(kind);
    const next = await labels(`${data}m = lm_head(tokens)\nx = train(^`);
    expect(next.slice(0, 3)).toEqual(['m', ...models.slice(0, 2)]);
    const second = await labels(`${data}m = lm_head(tokens)\nx = train(m, ^`);
    expect(second.slice(0, 3)).toEqual(['parts.train', 'parts.valid', 'book']);
    expect(second).toContain('optimizer');
    expect(second).not.toContain('model');
  });

  it('not the statement itself, nor what depends on it', async () => {
    expect(await labels('dsk 1\na = dedup(^)\nb = dedup(a)\nc = load("x")\n')).toEqual(
      expect.not.arrayContaining(['a', 'b']),
    );
    expect((await labels('dsk 1\na = dedup(^)\nb = dedup(a)\nc = load("x")\n'))[0]).toBe('c');
  });

  it('names of arguments that are not given, in front of or behind the cursor', async () => {
    expect(await labels(`${data}x = mla(heads: 3, ^rope_dim: 16)`)).not.toContain('heads');
    expect(await labels(`${data}x = mla(heads: 3, ^, rope_dim: 16)`)).toEqual(
      expect.not.arrayContaining(['heads', 'rope_dim']),
    );
    expect((await labels(`${data}x = mla(heads: 3, ^, rope_dim: 16)`))[0]).toBe('kv_rank');
    expect(await taken(`${data}x = mla(heads: 3, kv^)`, 'kv_rank')).toBe(`${data}x = mla(heads: 3, kv_rank: «64»)`);
    expect(await taken(`${data}x = mla(he^: 3)`, 'heads')).toBe(`${data}x = mla(heads: 3)`);
  });

  it('inline kinds for a port', async () => {
    expect(await labels(`${data}x = transformer_block(tokens, attention: ^`)).toEqual(['mha', 'mla']);
    expect(await taken(`${data}x = transformer_block(tokens, attention: ml^`, 'mla')).toBe(
      `${data}x = transformer_block(tokens, attention: mla(heads: «6», kv_rank: 64, rope_dim: 16)`,
    );
  });

  it('in an inline call, what that one takes', async () => {
    const all = await labels(`${data}x = transformer_block(tokens, attention: mha(^), ffn: swiglu(dim: 3))`);
    expect(all[0]).toBe('heads');
    expect(all).not.toContain('ffn');
  });

  it('nothing behind a value', async () => {
    expect(await labels(`${data}x = filter(book ^`)).toEqual([]);
  });
});

describe('values', () => {
  it('choices, also inside of quotes', async () => {
    expect(await labels('dsk 1\nx = load("a.txt", rows: ^)')).toEqual(['"file"', '"paragraph"', '"line"']);
    expect(await taken('dsk 1\nx = load("a.txt", rows: "^")', '"line"')).toBe('dsk 1\nx = load("a.txt", rows: "line")');
    expect(await taken('dsk 1\nx = load("a.txt", rows: "li^)', '"line"')).toBe(
      'dsk 1\nx = load("a.txt", rows: "line")',
    );
  });

  it('true and false', async () => {
    expect(await labels('dsk 1\nx = load("a.csv", header: ^)')).toEqual(['true', 'false']);
  });

  it('params of the right type', async () => {
    const text = 'dsk 1\nparam steps = 300\nparam share = 0.5\nparam word = "a"\n';
    expect(await labels(`${text}x = mla(heads: ^)`)).toEqual(['steps']);
    expect(await labels(`${text}x = split(y, valid: ^)`)).toEqual(['0.05', 'steps', 'share']);
  });

  it('nothing else inside of texts, numbers and comments', async () => {
    for (const text of [
      'x = load("^")',
      'x = mla(heads: 1^)',
      '# par^',
      'x = load("a") # ^',
      'x = generate(m, prompt: "par^',
    ])
      expect(await labels(`dsk 1\n${text}`)).toEqual([]);
  });
});

describe('behind a dot and a pipe', () => {
  it('outputs', async () => {
    expect(await labels(`${data}x = filter(parts.^`)).toEqual(['train', 'valid']);
    expect(await labels(`${data}x = filter(parts.va^`)).toEqual(['valid']);
  });

  it('kinds that take what flows', async () => {
    const first = ({ inputs, positional }: Kind) => inputs[(positional ?? Object.keys(inputs))[0] ?? '']?.type;
    const takeTables = kinds.list.filter((kind) => first(kind) === 'table').map(({ kind }) => kind);
    expect(takeTables).toEqual(expect.arrayContaining(['dedup', 'filter', 'split', 'tokenizer']));
    expect((await labels(`${data}x = parts.train |> ^`)).toSorted()).toEqual(takeTables.toSorted());
    expect(await labels(`${data}x = vocab |> ^`)).toEqual(['embedding']);
    expect(await taken(`${data}x = book |> fil^`, 'filter')).toBe(
      `${data}x = book |> filter(where: «"length(text) > 200"»)`,
    );
    expect(await labels(`${data}x = book |> filter(^`)).toEqual(['where']);
    expect((await labels(`${data}x = book\n  |> ^`)).toSorted()).toEqual(takeTables.toSorted());
  });
});
