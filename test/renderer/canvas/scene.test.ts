// What the canvas draws of a text.
import { describe, expect, it } from 'vitest';
import { sceneOf } from '../../../renderer/canvas/scene.ts';
import { kinds } from '../../../renderer/kinds.ts';
import { quickstart, scene, sceneOfLines } from './scenes.ts';

const wires = (list: readonly { id: string; inline: boolean; sound: boolean }[]) =>
  list.filter(({ inline }) => !inline).map(({ id, sound }) => (sound ? id : `${id} wrong`));

describe('a scene', () => {
  it('has each statement and each inline node, owners first', async () => {
    const { scene: drawn } = await scene(quickstart);
    expect(drawn.nodes.map(({ path }) => path)).toEqual([
      ...['book', 'clean', 'long', 'parts', 'vocab', 'tokens'],
      ...['dense', 'dense.attention', 'dense.ffn', 'sparse', 'sparse.attention', 'sparse.ffn', 'model'],
      ...['trained', 'trained.optimizer', 'trained.schedule', 'score', 'sample', 'saved'],
    ]);
    expect(drawn.byPath.get('trained')?.inline).toEqual(['trained.optimizer', 'trained.schedule']);
    expect(drawn.byPath.get('trained.optimizer')).toMatchObject({
      title: 'adamw',
      owner: { node: 'trained', port: 'optimizer' },
      settings: [
        { name: 'lr', value: '3e-3' },
        { name: 'betas', value: '[0.9, 0.95]' },
        { name: 'weight_decay', value: '0.1' },
      ],
    });
  });

  it('shows the values the text gives, params by their name', async () => {
    const { scene: drawn } = await scene(quickstart);
    expect(drawn.byPath.get('trained')?.settings).toEqual([
      { name: 'clip', value: '1.0' },
      { name: 'context', value: '128' },
      { name: 'batch', value: '8' },
      { name: 'steps', value: 'steps' },
    ]);
  });

  it('says of each port what feeds it', async () => {
    const { scene: drawn } = await sceneOfLines(
      'a = load("a.txt")',
      't = train(data: a, optimizer: adamw(), steps: 3)',
    );
    expect(drawn.byPath.get('t')?.inputs.map(({ name, fed, required }) => [name, fed, required])).toEqual([
      ['model', null, true],
      ['data', 'wire', true],
      ['valid', null, false],
      ['objective', null, false],
      ['optimizer', 'inline', true],
      ['schedule', null, false],
    ]);
  });

  it('offers the next of many inputs when the one before is connected', async () => {
    const { scene: drawn } = await sceneOfLines(
      'a = load("a.txt")',
      'b = concat(a)',
      'c = concat(a, a)',
      'd = concat(a, a, a)',
      'e = concat(a, a, table5: a)',
    );
    const ports = (path: string) => drawn.byPath.get(path)?.inputs.map(({ name }) => name);
    expect(ports('b')).toEqual(['table', 'table2']);
    expect(ports('c')).toEqual(['table', 'table2', 'table3']);
    expect(ports('d')).toEqual(['table', 'table2', 'table3', 'table4']);
    expect(ports('e')).toEqual(['table', 'table2', 'table3', 'table5', 'table6']);
  });

  it('keeps wires that do not fit and kinds it does not know', async () => {
    const { scene: drawn } = await sceneOfLines(
      'a = load("a.txt")',
      'v = tokenizer(a)',
      'd = dedup(v)',
      'x = wobble(a, by: v, part: rank(k: 2), seed: 4)',
      'y = filter(x.rest, where: "true")',
    );
    expect(wires(drawn.wires)).toEqual([
      'a:table>v:table',
      'v:tokenizer>d:table wrong',
      'a:table>x:0',
      'v:tokenizer>x:by',
      'x:rest>y:table',
    ]);
    expect(drawn.byPath.get('x')).toMatchObject({
      stage: null,
      kind: 'wobble',
      outputs: [{ name: 'rest', type: null }],
      settings: [{ name: 'seed', value: '4' }],
      inline: ['x.part'],
    });
    expect(drawn.byPath.get('x.part')).toMatchObject({ kind: 'rank', stage: null });
  });

  it('shows problems at the innermost node they are in', async () => {
    const { scene: drawn } = await sceneOfLines(
      'b = transformer_block(h, attention: mla(heads: 0, kv_rank: 4, rope_dim: 4), ffn: swiglu(dim: 8))',
    );
    expect(drawn.byPath.get('b.attention')?.problems).toHaveLength(1);
    expect(
      drawn.byPath
        .get('b')
        ?.problems.map(({ message }) => message)
        .join(),
    ).toContain('`h`');
    expect(drawn.byPath.get('b.ffn')?.problems).toEqual([]);
  });

  it('marks skipped nodes and leaves their wires as written', async () => {
    const { scene: drawn } = await sceneOfLines('a = load("a.txt")', 'skip b = dedup(a)', 'c = dedup(b)');
    expect(drawn.byPath.get('b')?.skipped).toBe(true);
    expect(wires(drawn.wires)).toEqual(['a:table>b:table', 'b:table>c:table']);
  });

  it('is drawn without files, of which the page sees none', async () => {
    const { checked, scene: drawn } = await sceneOfLines(
      'm = pretrained("models/small")',
      's = generate(m, prompt: "a")',
    );
    expect(checked.diagnostics).toEqual([]);
    expect(wires(drawn.wires)).toEqual(['m:model>s:model']);
  });

  it('keeps the objects of what did not change', async () => {
    const before = await sceneOfLines('a = load("a.txt")', 'b = dedup(a)');
    const { checked } = await sceneOfLines('a = load("a.txt")', 'b = dedup(a, by: "text")');
    const after = sceneOf(checked, kinds, checked.diagnostics, before.scene);
    expect(after.byPath.get('a')).toBe(before.scene.byPath.get('a'));
    expect(after.wires[0]).toBe(before.scene.wires[0]);
    expect(after.byPath.get('b')).not.toBe(before.scene.byPath.get('b'));
  });
});
