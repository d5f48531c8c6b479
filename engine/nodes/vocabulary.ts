// What can be told from a tokenizer.json without loading it: how many ids its vocabulary has, and whether a model has them all.
import { InputError } from './kind.ts';

/** Most ids that a vocabulary may have: a bound on what a hostile file can make us allocate. */
const MOST_IDS = 1 << 22;

/**
 * Size of a vocabulary (ids are 0 .. size-1), added tokens included.
 * @throws Error with a message for people where the JSON is no tokenizer, or an id is out of bounds
 */
export function vocabularySize(tokenizer: unknown): number {
  const { model, added_tokens: added = [] } = object(tokenizer, 'the file');
  const { vocab } = object(model, '`model`');
  if (vocab === undefined) throw new Error('`model` has no `vocab`');
  let size = 0;
  const take = (id: unknown, entry: string) => {
    if (!Number.isInteger(id) || (id as number) < 0 || (id as number) >= MOST_IDS) {
      throw new Error(`the id of "${entry.slice(0, 40)}" is ${String(id)}; ids are whole numbers below ${MOST_IDS}`);
    }
    size = Math.max(size, (id as number) + 1);
  };
  // A list (Unigram) numbers its entries; an object gives their ids.
  if (Array.isArray(vocab)) size = vocab.length;
  else {
    const ids = object(vocab, '`model.vocab`');
    for (const entry of Object.keys(ids)) take(ids[entry], entry);
  }
  if (!Array.isArray(added)) throw new Error('`added_tokens` is not a list');
  for (const token of added) {
    const { id, content } = object(token, 'an added token');
    if (typeof content !== 'string' || content === '') throw new Error('an added token has no `content`');
    take(id, content);
  }
  if (size === 0) throw new Error('the vocabulary is empty');
  return size;
}

/** Throws InputError where a tokenizer has ids that the model beside it in a folder has no vectors for. */
export function checkVocabulary(size: number, vocab: number, folder: string, at: string | null): void {
  if (size <= vocab) return;
  throw new InputError({
    code: 'vocabulary-too-small',
    at,
    message: `${folder}: tokenizer.json has ${size} entries, but the model only ${vocab}`,
    note: 'the tokenizer and the weights do not belong together',
  });
}

function object(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error(`${what} is not a JSON object`);
  return value as Record<string, unknown>;
}
