// The tokenizer in a GGUF file's metadata as a tokenizer.json, for byte-level BPE ("gpt2" in llama.cpp); and its chat template.
import { byteBpeJson, splitBy } from '../bytebpe.ts';
import { InputError } from '../kind.ts';
import type { ChatTemplate } from '../values.ts';
import type { Gguf } from './header.ts';
import { listed, said } from './llama.ts';

/** ggml's types of entries. */
const [CONTROL, USER] = [3, 4];

const digits = { type: 'Digits', individual_digits: true };

/**
 * How text is cut, by the name in `tokenizer.ggml.pre` (llama.cpp, src/llama-vocab.cpp): what stands before the bytes, and whether GPT-2's
 * own pattern follows.
 */
const cuts: Record<string, { before: unknown[]; regex: boolean }> = {
  default: { before: [], regex: true },
  'gpt-2': { before: [], regex: true },
  smollm: { before: [digits], regex: true },
  'llama-bpe': {
    before: [
      splitBy(
        "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
      ),
    ],
    regex: false,
  },
  qwen2: {
    before: [
      splitBy(
        "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
      ),
    ],
    regex: false,
  },
};
for (const [other, name] of [
  ['llama3', 'llama-bpe'],
  ['llama-v3', 'llama-bpe'],
]) {
  const cut = cuts[name as string];
  if (cut) cuts[other as string] = cut;
}

/** A tokenizer.json, or why there is none; `text` throws InputError where the metadata contradicts itself. */
export function tokenizerOf(gguf: Gguf, name: string): { text(): string } | { reason: string } {
  const model = said(gguf, 'tokenizer.ggml.model');
  if (model === undefined) return { reason: 'the file holds no tokenizer' };
  if (model !== 'gpt2')
    return { reason: `its tokenizer is of the kind "${String(model)}"; byte-level BPE ("gpt2") is read` };
  const pre = String(said(gguf, 'tokenizer.ggml.pre') ?? 'default');
  const cut = Object.hasOwn(cuts, pre) ? cuts[pre] : undefined;
  if (cut === undefined)
    return { reason: `it cuts text in the way "${pre}"; known are ${Object.keys(cuts).join(', ')}` };
  return { text: () => tokenizerJson(gguf, name, pre, cut) };
}

function tokenizerJson(gguf: Gguf, name: string, pre: string, cut: (typeof cuts)[string]): string {
  const tokens = texts(gguf, 'tokenizer.ggml.tokens', name);
  const merges = texts(gguf, 'tokenizer.ggml.merges', name);
  const types = (listed(gguf, 'tokenizer.ggml.token_type') ?? []).map(Number);
  const vocab: [string, number][] = tokens.map((token, id) => [token, id]);
  if (new Set(tokens).size !== tokens.length) throw broken(name, 'has two entries of the same text');
  const special = vocab.filter(([, id]) => types[id] === CONTROL || types[id] === USER);
  const json = byteBpeJson({
    added: special.map(([content, id]) => ({ id, content, special: types[id] === CONTROL })),
    before: cut.before,
    space: said(gguf, 'tokenizer.ggml.add_space_prefix') === true,
    regex: cut.regex,
    whole: pre.startsWith('llama'),
    vocab: Object.fromEntries(vocab),
    merges,
  });
  return JSON.stringify(json);
}

function texts(gguf: Gguf, key: string, name: string): string[] {
  const entries = listed(gguf, key);
  if (entries === undefined || !entries.every((entry) => typeof entry === 'string'))
    throw broken(name, `has no list of texts ${key}`);
  return entries as string[];
}

/** The chat template, where the file has one. */
export function chatOf(gguf: Gguf): ChatTemplate | null {
  const template = said(gguf, 'tokenizer.chat_template');
  if (typeof template !== 'string') return null;
  const tokens = listed(gguf, 'tokenizer.ggml.tokens') ?? [];
  const text = (which: string): string => {
    const id = said(gguf, `tokenizer.ggml.${which}_token_id`);
    return id === undefined ? '' : String(tokens[Number(id)] ?? '');
  };
  return { template, bos: text('bos'), eos: text('eos') };
}

const broken = (name: string, what: string): InputError =>
  new InputError({ code: 'tokenizer-broken', message: `the tokenizer of ${name} ${what}`, at: 'path' });
