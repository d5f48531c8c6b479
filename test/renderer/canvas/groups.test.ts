// Groups are comments between statements; what is done to them is done to the text.
import { describe, expect, it } from 'vitest';
import { applyEdits, type GraphEdit, parse } from '../../../grammar/index.ts';
import { gather, retitle, type Section, sections } from '../../../renderer/canvas/groups.ts';
import { edited } from '../../../renderer/canvas/headings.ts';
import { quickstart } from './scenes.ts';

const read = (text: string) => ({ text, document: parse(text).document });
const titles = (text: string) => sections(read(text)).map(({ title, note, nodes }) => [title, note, nodes.join(' ')]);
const after = (text: string, ...changes: GraphEdit[]) => {
  const result = edited(text, changes);
  return 'error' in result ? result.error.message : result.text;
};

describe('groups', () => {
  it('hold the nodes from one comment to the next', () => {
    expect(titles(quickstart)).toEqual([
      ['data', '', 'book clean long parts vocab'],
      ['model', '', 'tokens dense sparse model'],
      ['training', '', 'trained score sample saved'],
    ]);
  });

  it('are called without decoration; further lines are a note; documentation and comments inside are none', () => {
    const text = [
      'dsk 1',
      '# ---- raw data ----',
      '# from the web',
      'a = load(',
      '  # inside',
      '  "a"',
      ')  # behind',
      '## of b',
      'b = dedup(a)',
      '# nothing follows',
    ].join('\n');
    expect(titles(text)).toEqual([['raw data', 'from the web', 'a b']]);
  });

  it('get another title in their decoration', () => {
    const text = 'dsk 1\n# == data ==\na = load("a")\n';
    const [section] = sections(read(text)) as [Section];
    expect(applyEdits(text, retitle(section, ' raw \n data '))).toBe('dsk 1\n# == raw data ==\na = load("a")\n');
  });

  it('are made by moving statements with their documentation under a comment at the end', () => {
    const text = 'dsk 1\n# data\n## first\na = load("a")\nb = dedup(a)\nc = dedup(b)  # last';
    expect(applyEdits(text, gather(read(text), ['a', 'c'], 'mine'))).toBe(
      'dsk 1\n# data\nb = dedup(a)\n\n# mine\n## first\na = load("a")\nc = dedup(b)  # last\n',
    );
  });

  it('keep their comment when the first node goes and others stay', () => {
    const text = 'dsk 1\n\n# data\n## first\na = load("a")\nb = load("b")\n';
    expect(after(text, { type: 'delete', name: 'a' })).toBe('dsk 1\n\n# data\nb = load("b")\n');
  });

  it('go with their last node', () => {
    expect(after('dsk 1\n# data\na = load("a")\n\n# more\nb = load("b")\n', { type: 'delete', name: 'a' })).toBe(
      'dsk 1\n\n# more\nb = load("b")\n',
    );
  });

  it('take in a node that is moved out of their first one', () => {
    const text = 'dsk 1\n# training\n## runs\nt = train(m, optimizer: adamw(lr: 1))\n';
    expect(after(text, { type: 'wrap', node: 't.optimizer', name: 'adamw' })).toBe(
      'dsk 1\n# training\nadamw = adamw(lr: 1)\n## runs\nt = train(m, optimizer: adamw)\n',
    );
  });

  it('take in a node that is put before their first one', () => {
    const add: GraphEdit = { type: 'add', name: 'm', kind: 'lm_head', arguments: [] };
    expect(after('dsk 1\n# training\nt = train(m)\n', add)).toBe('dsk 1\n# training\nm = lm_head()\nt = train(m)\n');
  });
});
