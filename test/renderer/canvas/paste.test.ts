// Copied nodes are text; pasted text becomes nodes.
import { describe, expect, it } from 'vitest';
import { applyEdits, parse } from '../../../grammar/index.ts';
import { copyText, pasteText } from '../../../renderer/canvas/paste.ts';
import { quickstart } from './scenes.ts';

const copy = (text: string, ...paths: string[]) => copyText({ text, document: parse(text).document }, paths);
const paste = (target: string, piece: string, after: string | null = null) => {
  const result = pasteText(target, piece, after);
  return 'error' in result ? result : { ...result, text: applyEdits(target, result.edits) };
};

describe('copying', () => {
  it('takes statements as written, in the order of the text, with documentation and params', () => {
    const text = 'dsk 1\nparam n = 3\n# data\n## raw\na = load("a")  # here\nb = train(a,\n  steps: n)\n';
    expect(copy(text, 'b', 'a')).toBe('param n = 3\n## raw\na = load("a")  # here\nb = train(a,\n  steps: n)\n');
  });

  it('makes a statement of an inline node whose owner stays', () => {
    expect(copy(quickstart, 'dense.ffn')).toBe('swiglu = swiglu(dim: 512)\n');
    expect(copy(quickstart, 'dense', 'dense.ffn').match(/swiglu/g)).toHaveLength(1);
  });
});

describe('pasting', () => {
  it('gives names that are free, also where the pieces name each other', () => {
    const text = 'dsk 1\n\na = load("a")\nb = dedup(a)\n';
    const result = paste(text, copy(text, 'a', 'b'));
    expect(result).toMatchObject({
      text: 'dsk 1\n\na = load("a")\nb = dedup(a)\n\na_2 = load("a")\nb_2 = dedup(a_2)\n',
      names: new Map([
        ['a', 'a_2'],
        ['b', 'b_2'],
      ]),
      links: [{ from: 'a_2', to: 'b_2' }],
      lost: 0,
    });
  });

  it('keeps references to what is there and leaves out those to what is not', () => {
    const piece = 'b = evaluate(m, a, context: n)\n';
    expect(paste('dsk 1\na = load("a")\n', piece)).toMatchObject({
      text: 'dsk 1\na = load("a")\n\nb = evaluate(null, a)\n',
      lost: 2,
    });
    expect(paste('dsk 1\n', piece)).toMatchObject({ text: 'dsk 1\n\nb = evaluate(null)\n', lost: 3 });
  });

  it('uses a param that is there, and brings one that is not', () => {
    const piece = 'param n = 3\nb = train(steps: n)\n';
    expect(paste('dsk 1\nparam n = 9\n', piece)).toMatchObject({ text: 'dsk 1\nparam n = 9\n\nb = train(steps: n)\n' });
    expect(paste('dsk 1\n', piece)).toMatchObject({ text: 'dsk 1\n\nparam n = 3\nb = train(steps: n)\n' });
  });

  it('reads whole files, other line ends, and puts copies behind what is named', () => {
    expect(paste('', 'dsk 1\n\n# raw\na = load("a")\n')).toMatchObject({ text: 'dsk 1\n\n# raw\na = load("a")\n' });
    expect(paste('dsk 1\r\na = load("a")', 'b = load("b")\n')).toMatchObject({
      text: 'dsk 1\r\na = load("a")\r\n\r\nb = load("b")\r\n',
    });
    expect(paste('dsk 1\na = load("a")\nz = load("z")\n', 'b = dedup(a)\n', 'a')).toMatchObject({
      text: 'dsk 1\na = load("a")\nb = dedup(a)\nz = load("z")\n',
    });
  });

  it('refuses what is no graph', () => {
    expect(paste('dsk 1\n', 'Dear all,\nplease find attached')).toHaveProperty('error');
    expect(paste('dsk 1\n', '# only a comment')).toEqual({ error: '' });
    expect(paste('dsk 1\n', 'a = load("a"')).toHaveProperty('error', expect.stringContaining('('));
  });

  it('brings a whole graph over unchanged', () => {
    const { document } = parse(quickstart);
    const all = document.statements.map(({ name }) => name.text);
    const result = paste('dsk 1\n', copy(quickstart, ...all));
    expect('text' in result && parse(result.text).document.statements.map(({ name }) => name.text)).toEqual(all);
    expect('text' in result && parse(result.text).diagnostics).toEqual([]);
  });
});
