// What each piece of a text is, for its colour: from the language's own lexer, so that it never differs from what is read.
import type { Span } from '../../grammar/diagnostic.ts';
import * as t from '../../grammar/tokens.ts';

export type HighlightType =
  | 'comment'
  | 'documentation'
  | 'keyword'
  | 'kind'
  | 'name'
  | 'parameter'
  | 'string'
  | 'number'
  | 'boolean'
  | 'operator'
  | 'punctuation';

export interface Highlight extends Span {
  readonly type: HighlightType;
}

const plain = new Map<unknown, HighlightType>([
  [t.SlashComment, 'comment'],
  [t.Param, 'keyword'],
  [t.Null, 'keyword'],
  [t.Later, 'keyword'],
  [t.True, 'boolean'],
  [t.False, 'boolean'],
  [t.Text, 'string'],
  [t.BlockText, 'string'],
  [t.WrongText, 'string'],
  [t.NumberToken, 'number'],
  [t.Pipe, 'operator'],
  [t.Equals, 'operator'],
  ...[t.Colon, t.Dot, t.Comma, t.OpenRound, t.CloseRound].map((type) => [type, 'punctuation'] as const),
  ...[t.OpenSquare, t.CloseSquare, t.OpenCurly, t.CloseCurly].map((type) => [type, 'punctuation'] as const),
]);

/** The pieces of a text that mean something, in order. A part of a text may be given where it begins with a statement. */
export function highlight(text: string): Highlight[] {
  const tokens = t.tokenize(text);
  const pieces: Highlight[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const { image, startOffset: start, tokenType } = tokens[i] as (typeof tokens)[number];
    const type = typeOf(tokenType, image, i);
    if (type) pieces.push({ start, end: start + image.length, type });
  }
  return pieces;

  function typeOf(tokenType: unknown, image: string, i: number): HighlightType | undefined {
    const after = tokens[i + 1]?.tokenType;
    if (tokenType === t.CommentToken) return /^##(?!#)/.test(image) ? 'documentation' : 'comment';
    if (after === t.Colon && isNameLike(tokenType)) return 'parameter';
    if (tokenType !== t.Identifier) return plain.get(tokenType);
    if (after === t.OpenRound) return 'kind';
    const opensLine = i === 0 || tokens[i - 1]?.tokenType === t.NewLine;
    if (opensLine && image === 'skip' && after === t.Identifier) return 'keyword';
    if (opensLine && image === 'dsk' && after === t.NumberToken) return 'keyword';
    return 'name';
  }
}

/** Words of the language may be names of parameters. */
const isNameLike = (type: unknown) =>
  type === t.Identifier || plain.get(type) === 'keyword' || plain.get(type) === 'boolean';
