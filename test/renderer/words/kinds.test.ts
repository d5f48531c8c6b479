// The Chinese of the kinds' documentation is complete, speaks of nothing that is gone, and says the same as the English
// as far as that can be told: the same code words, numbers and sources.
import { describe, expect, it } from 'vitest';
import { readKinds } from '../../../engine/graph/kinds.ts';
import { kindMarkdown, opening, paramMarkdown } from '../../../engine/language/markdown.ts';
import type { Kind } from '../../../engine/nodes/kind.ts';
import {
  kindDoc,
  kindOpening,
  kindSummary,
  kindsIn,
  kindWords,
  paramDoc,
  portDoc,
  unitWord,
  unitWords,
} from '../../../renderer/words/kinds.ts';

const registry = await readKinds({ folders: [] });
const kinds = registry.list;
const han = /\p{Script=Han}/u;

/** What steps report their progress in, besides the units of parameters (engine/nodes/corpus.ts). */
const progressUnits = ['rows'];

/** Code words, and the numbers outside them: what a translation leaves as it is. */
function fixed(text: string): string[] {
  const code = text.match(/`[^`]+`/g) ?? [];
  const numbers = text.replaceAll(/`[^`]+`/g, '').match(/\d+(?:[.,]\d+)*%?/g) ?? [];
  return [...code, ...numbers].sort();
}

function texts(kind: Kind): [what: string, english: string, chinese: string | undefined][] {
  const words = kindWords[kind.kind];
  return [
    ['doc', kind.doc, words?.doc],
    ...Object.entries(kind.inputs).map(
      ([name, port]) => [`input ${name}`, port.doc, words?.inputs[name]] as [string, string, string | undefined],
    ),
    ...Object.entries(kind.params).map(
      ([name, param]) =>
        [`parameter ${name}`, param.description, words?.params[name]] as [string, string, string | undefined],
    ),
  ];
}

describe.each(kinds.map((kind) => [kind.kind, kind] as const))('%s in Chinese', (name, kind) => {
  it.each(texts(kind))('%s is translated, with the same code words and numbers', (_, english, chinese) => {
    expect(chinese).toMatch(han);
    expect(chinese).toMatch(/。$/);
    expect(fixed(chinese as string)).toEqual(fixed(english));
  });

  it('has as many paragraphs, and no line break inside one, which would show as a space', () => {
    const paragraphs = kindWords[name]?.doc.split('\n\n') ?? [];
    expect(paragraphs).toHaveLength(kind.doc.split('\n\n').length);
    expect(paragraphs.filter((paragraph) => paragraph.includes('\n'))).toEqual([]);
  });

  it('translates nothing that the kind does not have', () => {
    expect(Object.keys(kindWords[name]?.inputs ?? {}).sort()).toEqual(Object.keys(kind.inputs).sort());
    expect(Object.keys(kindWords[name]?.params ?? {}).sort()).toEqual(Object.keys(kind.params).sort());
  });
});

it('has words for the kinds there are and no others', () => {
  expect(Object.keys(kindWords).sort()).toEqual(kinds.map((kind) => kind.kind).sort());
});

it('has words for the units there are and no others', () => {
  const used = kinds.flatMap((kind) => Object.values(kind.params).flatMap((param) => param.unit ?? []));
  expect(Object.keys(unitWords).sort()).toEqual([...new Set([...used, ...progressUnits])].sort());
});

describe('the words of a kind', () => {
  const swiglu = kinds.find((kind) => kind.kind === 'swiglu') as Kind;
  const block = kinds.find((kind) => kind.kind === 'transformer_block') as Kind;

  it('are the kind’s own in English', () => {
    expect(kindDoc(swiglu, 'en')).toBe(swiglu.doc);
    expect(kindSummary(swiglu, 'en')).toBe('Gated feed-forward network: `down(silu(gate x) * up x)`');
    expect(kindOpening(swiglu, 'en')).toBe('Gated feed-forward network: `down(silu(gate x) * up x)`.');
    expect(portDoc(block, 'ffn', 'en')).toBe(block.inputs.ffn?.doc);
    expect(paramDoc(swiglu, 'dim', 'en')).toBe('Inner width.');
    expect(unitWord('steps', 'en')).toBe('steps');
  });

  it('are translated in Chinese', () => {
    expect(kindDoc(swiglu, 'zh')).toContain('门控前馈网络');
    expect(kindSummary(swiglu, 'zh')).toBe('门控前馈网络：`down(silu(gate x) * up x)`');
    expect(kindOpening(swiglu, 'zh')).toBe('门控前馈网络：`down(silu(gate x) * up x)`。');
    expect(portDoc(block, 'ffn', 'zh')).toBe('对每个词元做什么变换：swiglu、mlp 或 moe。');
    expect(paramDoc(swiglu, 'dim', 'zh')).toBe('内部宽度。');
    expect(unitWord('steps', 'zh')).toBe('步');
  });

  it('are English where a kind of one’s own has no others', () => {
    const mine: Kind = {
      ...swiglu,
      kind: 'constructor',
      doc: 'Adds noise. Not for production.',
      inputs: { table: { type: 'table', doc: 'Rows to blur.' } },
      params: { amount: { type: 'number', unit: 'hours', description: 'How much.' } },
    };
    expect(kindDoc(mine, 'zh')).toBe('Adds noise. Not for production.');
    expect(kindSummary(mine, 'zh')).toBe('Adds noise');
    expect(kindOpening(mine, 'zh')).toBe('Adds noise.');
    expect(portDoc(mine, 'table', 'zh')).toBe('Rows to blur.');
    expect(paramDoc(mine, 'amount', 'zh')).toBe('How much.');
    expect(unitWord('hours', 'zh')).toBe('hours');
  });

  it('reach the language service in kinds that are the same but for them', () => {
    const chinese = kindsIn(registry, 'zh');
    expect(kindsIn(registry, 'en')).toBe(registry);
    expect(chinese.list.map(({ kind }) => kind)).toEqual(kinds.map(({ kind }) => kind));
    const translated = chinese.get('swiglu') as Kind;
    expect(kindMarkdown(translated)).toContain('门控前馈网络');
    expect(paramMarkdown(translated, 'dim')).toContain('\n\n内部宽度。\n\n');
    expect(opening(translated.doc)).toBe(kindOpening(swiglu, 'zh'));
    const { doc, params, ...rest } = swiglu;
    expect(translated).toMatchObject({
      ...rest,
      params: { dim: { type: params.dim?.type, maximum: params.dim?.maximum } },
    });
    expect(swiglu.doc).toBe(doc);
  });

  it('are nothing where the kind has no such port or parameter', () => {
    expect(portDoc(swiglu, 'toString', 'zh')).toBe('');
    expect(paramDoc(swiglu, 'width', 'en')).toBe('');
  });
});
