// The tokens of the language. Every text becomes tokens: what fits nowhere is an `Unexpected` token, never an error. Written by
// hand, as the parser is: an editor reads the whole text at each keystroke.

export interface TokenType {
  readonly name: string;
  /** All categories it belongs to, through others as well. */
  readonly categories: ReadonlySet<TokenType>;
}

export interface Token {
  readonly image: string;
  readonly startOffset: number;
  readonly tokenType: TokenType;
}

function newType(name: string, ...categories: TokenType[]): TokenType {
  return { name, categories: new Set(categories.flatMap((each) => [each, ...each.categories])) };
}

/** Whether a token of this type may stand where one of the other type, or of that category, is meant. */
export function isA(type: TokenType | undefined, wanted: TokenType): boolean {
  return type === wanted || type?.categories.has(wanted) === true;
}

/** Any token inside of a statement. */
export const Inner = newType('Inner');
/** What may stand before a `:`, right or wrong. */
export const Label = newType('Label', Inner);
/** Names and reserved words. */
export const Word = newType('Word', Label);
export const Close = newType('Close', Inner);
/** `:` or `=` after an argument's name. */
export const Separator = newType('Separator', Inner);
/** What never begins a value. */
export const Stray = newType('Stray', Inner);

export const NewLine = newType('NewLine');
export const CommentToken = newType('Comment');
export const SlashComment = newType('SlashComment');
export const OddSpace = newType('OddSpace');
export const BlockText = newType('BlockText', Label);
export const Text = newType('Text', Label);
export const WrongText = newType('WrongText', Label);
export const NumberToken = newType('Number', Inner);
export const Identifier = newType('Identifier', Word);
export const Param = newType('Param', Word);
export const True = newType('True', Word);
export const False = newType('False', Word);
export const Null = newType('Null', Word);
export const Later = newType('Later', Word);
export const Pipe = newType('Pipe', Stray);
export const Equals = newType('Equals', Separator, Stray);
export const Colon = newType('Colon', Separator, Stray);
export const Dot = newType('Dot', Stray);
export const Comma = newType('Comma', Inner);
export const OpenRound = newType('OpenRound', Inner);
export const CloseRound = newType('CloseRound', Close);
export const OpenSquare = newType('OpenSquare', Inner);
export const CloseSquare = newType('CloseSquare', Close);
export const OpenCurly = newType('OpenCurly', Inner);
export const CloseCurly = newType('CloseCurly', Close);
export const Unexpected = newType('Unexpected');

/** Not in the text: the layout puts one where a statement ends, and one for what is nested too deeply. */
export const End = newType('End');
export const TooDeep = newType('TooDeep', Inner);

const reserved = new Map([
  ['param', Param],
  ['true', True],
  ['false', False],
  ['null', Null],
  ['def', Later],
  ['import', Later],
]);

const single = new Map(
  Object.entries({
    '=': Equals,
    ':': Colon,
    ',': Comma,
    '(': OpenRound,
    ')': CloseRound,
    '[': OpenSquare,
    ']': CloseSquare,
    '{': OpenCurly,
    '}': CloseCurly,
  }).map(([sign, type]) => [sign.charCodeAt(0), type]),
);

/** Where the token of a kind that begins at an offset ends, or -1 where none does. */
type Match = (text: string, at: number) => number;

function matching(pattern: RegExp): Match {
  const regex = new RegExp(pattern.source, 'uy');
  return (text, at) => {
    regex.lastIndex = at;
    return regex.test(text) ? regex.lastIndex : -1;
  };
}

// A text value ends at its quote or, where that is missing, before the closing brackets at the end of the line.
const quoted = (open: string, close: string) =>
  `[${open}](?:[^${close}\\\\\\r\\n]|\\\\[^\\r\\n])*(?:[${close}]|\\\\?(?=[\\r\\n]|$))`;
const openTail = /[)\]}\s,]/;

function textMatching(pattern: string, closing: RegExp): Match {
  const match = matching(new RegExp(pattern, 'u'));
  return (text, at) => {
    const end = match(text, at);
    if (end < 0) return -1;
    const closed = end - at > 1 && closing.test(text[end - 1] as string) && !endsInEscape(text, end - 1, at);
    return closed ? end : trimTail(text, at, end);
  };
}

/** Whether the character at an offset is escaped: an odd number of backslashes before it. */
function endsInEscape(text: string, at: number, start: number): boolean {
  let before = at;
  while (before > start && text[before - 1] === '\\') before--;
  return (at - before) % 2 === 1;
}

function trimTail(text: string, start: number, end: number): number {
  let last = end;
  while (last > start + 1 && openTail.test(text[last - 1] as string)) last--;
  return last;
}

const restOfLine = matching(/[^\r\n]*/);

/** `"""` up to the next `"""`; without one, only the rest of the line. */
function blockText(text: string, at: number): number {
  if (!text.startsWith('"""', at)) return -1;
  const close = text.indexOf('"""', at + 3);
  return close >= 0 ? close + 3 : trimTail(text, at, restOfLine(text, at));
}

// In this order: the first that matches is the token.
const matches: readonly (readonly [TokenType, Match])[] = [
  [NewLine, matching(/\r\n|\n|\r/)],
  [CommentToken, matching(/#[^\r\n]*/)],
  [SlashComment, matching(/\/\/[^\r\n]*/)],
  [OddSpace, matching(/[\u000b\f\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/)],
  [BlockText, blockText],
  [Text, textMatching(quoted('"', '"'), /"/)],
  [WrongText, textMatching(`${quoted("'", "'")}|${quoted('“”„', '“”„')}|${quoted('‘’', '‘’')}`, /['“”„‘’]/)],
  [NumberToken, matching(/[+-]?\.?\d(?:[eE][+-](?=\d)|[\p{L}\d_.])*%?/u)],
  // a dash is no part of a name, but `my-node` is one mistake, not three
  [Identifier, matching(/[\p{L}_][\p{L}\p{M}\p{N}_]*(?:-[\p{L}\p{M}\p{N}_]+)*/u)],
  [Pipe, matching(/\|>/)],
  [Dot, matching(/\./)],
  [Unexpected, matching(/[^\p{L}\p{N}_\s"'“”„‘’#()[\]{},:=.|+\-/\ufeff]+|[^]/u)],
];

/** All tokens of a text in order, comments and line ends among them; spaces and the byte order mark left out. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === 0x20 || code === 0x09) {
      at++;
      continue;
    }
    let tokenType = single.get(code);
    let end = tokenType ? at + 1 : plainWord(text, at, code);
    if (!tokenType && end > at) tokenType = Identifier;
    for (let i = 0; !tokenType; i++) {
      const [type, match] = matches[i] as (typeof matches)[number]; // the last one matches anything
      end = match(text, at);
      if (end >= 0) tokenType = type;
    }
    const image = text.slice(at, end);
    if (tokenType === Identifier && text[end] !== '-') tokenType = reserved.get(image) ?? Identifier;
    tokens.push({ image, startOffset: at, tokenType });
    at = end;
  }
  return tokens;
}

/** Where a word of plain letters that begins at an offset ends; the offset itself where it is more than that, or none. */
function plainWord(text: string, start: number, first: number): number {
  if (!isPlain(first) || (first >= 0x30 && first <= 0x39)) return start;
  let at = start + 1;
  let code = text.charCodeAt(at);
  while (isPlain(code)) code = text.charCodeAt(++at);
  return code === 0x2d || code >= 0x80 ? start : at;
}

/** A letter of ASCII, a digit or `_`. */
function isPlain(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || (code >= 0x30 && code <= 0x39) || code === 0x5f
  );
}

export const tokenSpan = (token: Token) => ({ start: token.startOffset, end: token.startOffset + token.image.length });
