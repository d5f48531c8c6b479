// The tokens of the language. Every text becomes tokens: what fits nowhere is an `Unexpected` token, never a lexer error.
// chevrotain is imported as its one-file build: the package's own entry opens 700 small files, 0.3 to 0.6 s at each start.
import type { IToken, TokenType } from 'chevrotain';
import { createToken, Lexer } from '../node_modules/chevrotain/lib/chevrotain.min.mjs';

const category = (name: string, ...categories: TokenType[]) => createToken({ name, pattern: Lexer.NA, categories });

/** Any token inside of a statement. */
export const Inner = category('Inner');
/** What may stand before a `:`, right or wrong. */
export const Label = category('Label', Inner);
/** Names and reserved words. */
export const Word = category('Word', Label);
export const Close = category('Close', Inner);
/** `:` or `=` after an argument's name. */
export const Separator = category('Separator', Inner);
/** What never begins a value. */
export const Stray = category('Stray', Inner);

const sticky = (pattern: RegExp) => {
  const regex = new RegExp(pattern.source, 'uy');
  return (text: string, offset: number): [string] | null => {
    regex.lastIndex = offset;
    const found = regex.exec(text);
    return found ? [found[0]] : null;
  };
};

const token = (name: string, pattern: RegExp, ...categories: TokenType[]) =>
  createToken({ name, pattern: { exec: sticky(pattern) }, line_breaks: false, categories });

// A text value ends at its quote or, where that is missing, before the closing brackets at the end of the line.
const quoted = (open: string, close: string) =>
  new RegExp(`[${open}](?:[^${close}\\\\\\r\\n]|\\\\[^\\r\\n])*(?:[${close}]|\\\\?(?=[\\r\\n]|$))`);
const openTail = /[)\]}\s,]/;
const text = (name: string, pattern: RegExp, closing: RegExp, ...categories: TokenType[]) => {
  const find = sticky(pattern);
  const exec = (input: string, offset: number): [string] | null => {
    const found = find(input, offset);
    if (!found) return null;
    const closed = found[0].length > 1 && closing.test(found[0]) && !endsInEscape(found[0]);
    return closed ? found : [trimTail(found[0])];
  };
  return createToken({ name, pattern: { exec }, line_breaks: false, categories });
};

/** Whether the last character is escaped: an odd number of backslashes before it. */
function endsInEscape(image: string): boolean {
  let slashes = 0;
  while (image[image.length - 2 - slashes] === '\\') slashes++;
  return slashes % 2 === 1;
}

function trimTail(image: string): string {
  let end = image.length;
  while (end > 1 && openTail.test(image[end - 1] ?? '')) end--;
  return image.slice(0, end);
}

/** `"""` up to the next `"""`; without one, only the rest of the line. */
const block = {
  exec: (input: string, offset: number): [string] | null => {
    if (!input.startsWith('"""', offset)) return null;
    const close = input.indexOf('"""', offset + 3);
    if (close >= 0) return [input.slice(offset, close + 3)];
    return [trimTail(restOfLine(input, offset))];
  },
};

const restOfLine = (input: string, offset: number) => sticky(/[^\r\n]*/)(input, offset)?.[0] ?? '';

const byteOrderMark = {
  exec: (input: string, offset: number): [string] | null => (offset === 0 && input[0] === '\ufeff' ? ['\ufeff'] : null),
};
export const ByteOrderMark = createToken({
  name: 'ByteOrderMark',
  pattern: byteOrderMark,
  line_breaks: false,
  group: Lexer.SKIPPED,
});
export const Space = createToken({
  name: 'Space',
  pattern: { exec: sticky(/[ \t]+/) },
  line_breaks: false,
  group: Lexer.SKIPPED,
});
export const NewLine = token('NewLine', /\r\n|\n|\r/);
export const CommentToken = token('Comment', /#[^\r\n]*/);
export const SlashComment = token('SlashComment', /\/\/[^\r\n]*/);
export const OddSpace = token('OddSpace', /[\u000b\f\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/);
export const BlockText = createToken({ name: 'BlockText', pattern: block, line_breaks: false, categories: [Label] });
export const Text = text('Text', quoted('"', '"'), /"$/, Label);
export const WrongText = text(
  'WrongText',
  new RegExp(`${quoted("'", "'").source}|${quoted('“”„', '“”„').source}|${quoted('‘’', '‘’').source}`),
  /['“”„‘’]$/,
  Label,
);
export const NumberToken = token('Number', /[+-]?\.?\d(?:[eE][+-](?=\d)|[\p{L}\d_.])*%?/u, Inner);
// a dash is no part of a name, but `my-node` is one mistake, not three
const Dashed = /[\p{L}_][\p{L}\p{M}\p{N}_]*(?:-[\p{L}\p{M}\p{N}_]+)*/u;
export const Identifier = token('Identifier', Dashed, Word);
const keyword = (name: string, word: string) => token(name, new RegExp(`${word}(?![\\p{L}\\p{M}\\p{N}_-])`), Word);
export const Param = keyword('Param', 'param');
export const True = keyword('True', 'true');
export const False = keyword('False', 'false');
export const Null = keyword('Null', 'null');
export const Later = keyword('Later', '(?:def|import)');
export const Pipe = token('Pipe', /\|>/, Stray);
export const Equals = token('Equals', /=/, Separator, Stray);
export const Colon = token('Colon', /:/, Separator, Stray);
export const Dot = token('Dot', /\./, Stray);
export const Comma = token('Comma', /,/, Inner);
export const OpenRound = token('OpenRound', /\(/, Inner);
export const CloseRound = token('CloseRound', /\)/, Close);
export const OpenSquare = token('OpenSquare', /\[/, Inner);
export const CloseSquare = token('CloseSquare', /\]/, Close);
export const OpenCurly = token('OpenCurly', /\{/, Inner);
export const CloseCurly = token('CloseCurly', /\}/, Close);
export const Unexpected = token('Unexpected', /[^\p{L}\p{N}_\s"'“”„‘’#()[\]{},:=.|+\-/\ufeff]+|[^]/u);

/** Not in the text: the layout puts one where a statement ends, and one for what is nested too deeply. */
export const End = createToken({ name: 'End', pattern: Lexer.NA });
export const TooDeep = createToken({ name: 'TooDeep', pattern: Lexer.NA, categories: [Inner] });

const written = [
  ByteOrderMark,
  Space,
  NewLine,
  CommentToken,
  SlashComment,
  OddSpace,
  BlockText,
  Text,
  WrongText,
  NumberToken,
  Param,
  True,
  False,
  Null,
  Later,
  Identifier,
  Pipe,
  Equals,
  Colon,
  Dot,
  Comma,
  OpenRound,
  CloseRound,
  OpenSquare,
  CloseSquare,
  OpenCurly,
  CloseCurly,
  Unexpected,
];

export const vocabulary: TokenType[] = [...written, Inner, Label, Word, Close, Separator, Stray, End, TooDeep];

// the patterns above never fail and never match nothing, so chevrotain's own checks and tables are not needed
const lexer = new Lexer(written, { positionTracking: 'onlyOffset', safeMode: true, skipValidations: true });

/** All tokens of a text in order, comments and line ends among them; spaces and the byte order mark left out. */
export function tokenize(text: string): IToken[] {
  return lexer.tokenize(text).tokens;
}

export const tokenSpan = (token: IToken) => ({ start: token.startOffset, end: token.startOffset + token.image.length });
