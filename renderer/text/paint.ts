// What each piece of a text is, for its colour: from the language's own lexer, so that it never differs from what is read.
import { tokenize } from '../../grammar/tokens.ts';

export type Paint = 'keyword' | 'kind' | 'name' | 'parameter' | 'string' | 'number' | 'comment' | 'documentation';

export interface Painted {
  readonly start: number;
  readonly end: number;
  readonly paint: Paint;
}

const plain: { readonly [token: string]: Paint } = {
  Param: 'keyword',
  True: 'keyword',
  False: 'keyword',
  Null: 'keyword',
  Later: 'keyword',
  Text: 'string',
  BlockText: 'string',
  WrongText: 'string',
  Number: 'number',
  SlashComment: 'comment',
};

/** The coloured pieces of a text that begins with a statement, in order. */
export function paint(text: string): Painted[] {
  const tokens = tokenize(text);
  const pieces: Painted[] = [];
  tokens.forEach(({ image, startOffset: start, tokenType }, i) => {
    const end = start + image.length;
    const add = (paint: Paint) => pieces.push({ start, end, paint });
    const { name } = tokenType;
    const after = tokens[i + 1]?.tokenType.name;
    if (name === 'Comment') add(image.startsWith('##') ? 'documentation' : 'comment');
    else if (name === 'Identifier' && start === 0 && image === 'dsk' && after === 'Number') add('keyword');
    else if (name === 'Identifier') add(after === 'OpenRound' ? 'kind' : after === 'Colon' ? 'parameter' : 'name');
    else if (plain[name]) add(plain[name]);
  });
  return pieces;
}
