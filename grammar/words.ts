// Names and the words that cannot be names.

export const LANGUAGE_VERSION = 1;

const RESERVED = new Set(['param', 'true', 'false', 'null', 'def', 'import']);

export const isReserved = (word: string) => RESERVED.has(word);

/** A letter or `_`, then letters, digits, `_`; letters of any script. */
export const isWord = (text: string) => /^[\p{L}_][\p{L}\p{M}\p{N}_]*$/u.test(text);

/** Whether a node or param can be called so. */
export const isName = (text: string) => isWord(text) && !isReserved(text);
