// The node kinds' documentation in the language of the interface. English is the kind's own; Chinese stands in kinds/STAGE.ts.
// A kind of one's own has English only, and is shown in it.
import type { Kinds } from '../../engine/graph/registry.ts';
import { firstSentence } from '../../engine/graph/words.ts';
import type { Kind } from '../../engine/nodes/kind.ts';
import type { Language } from './index.ts';
import { data } from './kinds/data.ts';
import { deliver } from './kinds/deliver.ts';
import { model } from './kinds/model.ts';
import { train } from './kinds/train.ts';
import type { KindWords } from './kinds/words.ts';

/** Simplified Chinese, by kind. */
export const kindWords: Readonly<Record<string, KindWords>> = { ...data, ...model, ...train, ...deliver };

/** Simplified Chinese of what parameters and progress are counted in. */
export const unitWords: Readonly<Record<string, string>> = {
  batches: '批',
  '%': '%',
  characters: '字符',
  columns: '列',
  degrees: '度',
  entries: '词条',
  layers: '层',
  measurements: '次验证',
  pixels: '像素',
  rows: '行',
  seconds: '秒',
  steps: '步',
  tokens: '词元',
  values: '个值',
  windows: '窗口',
  words: '词',
};

/** What a kind does and what one must know of it: Markdown with paragraphs and code. */
export function kindDoc(kind: Kind, language: Language): string {
  return wordsOf(kind, language)?.doc ?? kind.doc;
}

/** What a kind does, in one line without a full stop. */
export function kindSummary(kind: Kind, language: Language): string {
  return firstSentence(kindDoc(kind, language));
}

/** What a kind does, as a sentence with its full stop. */
export function kindOpening(kind: Kind, language: Language): string {
  return `${kindSummary(kind, language)}${wordsOf(kind, language) ? '。' : '.'}`;
}

/** What an input is for; empty where the kind has no such input. */
export function portDoc(kind: Kind, port: string, language: Language): string {
  return own(wordsOf(kind, language)?.inputs, port) ?? own(kind.inputs, port)?.doc ?? '';
}

/** What a parameter sets; empty where the kind has no such parameter. */
export function paramDoc(kind: Kind, param: string, language: Language): string {
  return own(wordsOf(kind, language)?.params, param) ?? own(kind.params, param)?.description ?? '';
}

/** A unit to stand behind a number: "tokens", "步". */
export function unitWord(unit: string, language: Language): string {
  return (language === 'zh' ? own(unitWords, unit) : undefined) ?? unit;
}

/** The kinds with their documentation in this language: for the language service, which writes what kinds say of themselves. */
export function kindsIn(kinds: Kinds, language: Language): Kinds {
  if (language === 'en') return kinds;
  const list = kinds.list.map((kind) => kindIn(kind, language));
  const byName = new Map(list.map((kind) => [kind.kind, kind]));
  return { list, get: (name) => byName.get(name) };
}

function kindIn(kind: Kind, language: Language): Kind {
  const inputs = Object.entries(kind.inputs).map(
    ([name, port]) => [name, { ...port, doc: portDoc(kind, name, language) }] as const,
  );
  const params = Object.entries(kind.params).map(
    ([name, param]) => [name, { ...param, description: paramDoc(kind, name, language) }] as const,
  );
  return {
    ...kind,
    doc: kindDoc(kind, language),
    inputs: Object.fromEntries(inputs),
    params: Object.fromEntries(params),
  };
}

function wordsOf(kind: Kind, language: Language): KindWords | undefined {
  return language === 'zh' ? own(kindWords, kind.kind) : undefined;
}

/** Names come from the user's text, and one such as "constructor" must not find what every object has. */
function own<T>(table: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return table && Object.hasOwn(table, name) ? table[name] : undefined;
}
