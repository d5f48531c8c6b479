// The grammar, by recursive descent. It accepts any sequence of tokens: mistakes have rules of their own, which report what was
// found and what to write, so that the parser never gives up and everything right is still read.
//
//   document   = { statement End }
//   statement  = "dsk" number | [ "param" | "skip" ] name "=" expression
//   expression = primary { "|>" call }
//   primary    = number | text | "true" | "false" | "null" | list | call | name [ "." name ]
//   call       = name "(" [ argument { "," argument } [ "," ] ] ")"
//   argument   = [ name ":" ] expression
//   list       = "[" [ expression { "," expression } [ "," ] ] "]"
import type { Builder } from './build.ts';
import * as t from './tokens.ts';
import type { Expression } from './tree.ts';

/** One entry between brackets, with the name before `:` where there is one. */
export interface Item {
  readonly label: t.Token | null;
  readonly separator: t.Token | null;
  readonly value: Expression | null;
  readonly comma: boolean;
}

/** Reads the tokens of a layout, in which an `End` stands behind each statement, into the builder. */
export function readDocument(tokens: readonly t.Token[], build: Builder): void {
  new Reader(tokens, build).document();
}

const nowhere: t.Token = { image: '', startOffset: 0, tokenType: t.End };
const literals = new Set([t.True, t.False, t.Null, t.NumberToken, t.Text, t.BlockText, t.WrongText, t.TooDeep]);
const brackets = new Set([t.OpenSquare, t.OpenRound, t.OpenCurly]);

class Reader {
  private readonly tokens: readonly t.Token[];
  private readonly build: Builder;
  private at = 0;

  constructor(tokens: readonly t.Token[], build: Builder) {
    this.tokens = tokens;
    this.build = build;
  }

  private ahead(count: number): t.Token {
    return this.tokens[this.at + count - 1] ?? nowhere;
  }

  private isNext(wanted: t.TokenType, count = 1): boolean {
    return t.isA(this.ahead(count).tokenType, wanted);
  }

  private take(): t.Token {
    return this.tokens[this.at++] ?? nowhere;
  }

  private takeIf(wanted: t.TokenType): t.Token | null {
    return this.isNext(wanted) ? this.take() : null;
  }

  /** The token taken last. */
  private last(): t.Token {
    return this.tokens[this.at - 1] ?? nowhere;
  }

  document(): void {
    while (this.at < this.tokens.length) {
      if (this.isNext(t.End)) this.take();
      else this.statement();
    }
  }

  private statement(): void {
    const [first, second, third] = [this.ahead(1), this.ahead(2).tokenType, this.ahead(3).tokenType];
    const named = second === t.Equals || second === t.Colon;
    const forgotten = first.tokenType === t.Identifier && second === t.Identifier && third === t.OpenRound;
    if (first.image === 'dsk' && second !== t.Equals) this.build.version(this.take(), this.rest());
    // `skip` is a word of the language only here: a node may be called so
    else if (first.image === 'skip' && t.isA(second, t.Word) && t.isA(third, t.Separator)) this.defined(this.take());
    else if (first.tokenType === t.Param && second !== t.Equals) this.defined(this.take());
    else if (t.isA(first.tokenType, t.Label) && (named || forgotten)) this.defined(null);
    else this.build.unknown(this.rest());
  }

  /** What follows the word before a statement's name, if there is one. */
  private defined(keyword: t.Token | null): void {
    const name = this.takeIf(t.Label);
    const equals = this.takeIf(t.Separator);
    const value = this.beginsValue() ? this.expression() : null;
    this.build.statement(keyword, name, equals, value, this.rest());
  }

  /** All tokens up to the end of the statement. */
  private rest(): t.Token[] {
    const start = this.at;
    while (this.isNext(t.Inner)) this.at++;
    return this.tokens.slice(start, this.at);
  }

  private beginsValue(): boolean {
    const { tokenType } = this.ahead(1);
    return literals.has(tokenType) || brackets.has(tokenType) || t.isA(tokenType, t.Word);
  }

  private expression(): Expression {
    let value = this.primary();
    while (this.isNext(t.Pipe)) {
      const pipe = this.take();
      if (this.isNext(t.Word) && this.isNext(t.OpenRound, 2)) value = this.call(value);
      else value = this.build.pipe(value, pipe, this.beginsValue() ? this.primary() : null);
    }
    return value;
  }

  /** Only where a value begins. */
  private primary(): Expression {
    const { tokenType } = this.ahead(1);
    if (this.isNext(t.Word) && this.isNext(t.OpenRound, 2)) return this.call(null);
    if (literals.has(tokenType)) return this.build.literal(this.take());
    if (tokenType === t.OpenSquare) return this.list();
    if (brackets.has(tokenType)) return this.group();
    return this.reference();
  }

  private reference(): Expression {
    const words = [this.take()];
    let dots = 0;
    for (; this.takeIf(t.Dot); dots++) {
      const word = this.takeIf(t.Word);
      if (word) words.push(word);
    }
    return this.build.reference(words, dots, this.last());
  }

  private call(piped: Expression | null): Expression {
    const [kind, open] = [this.take(), this.take()];
    const items = this.items();
    return this.build.call(piped, kind, open, items, this.takeIf(t.Close), this.last());
  }

  private list(): Expression {
    const open = this.take();
    const items = this.items();
    return this.build.list(open, items, this.takeIf(t.Close), this.last());
  }

  /** `( value )` or `{ ... }`, which the language does not have. */
  private group(): Expression {
    const open = this.take();
    const items = this.items();
    return this.build.group(open, items, this.takeIf(t.Close), this.last());
  }

  private items(): Item[] {
    const items: Item[] = [];
    let comma = true; // the next item may begin
    for (;;) {
      if (this.isNext(t.Comma)) {
        const token = this.take();
        if (comma) this.build.extraComma(token);
        comma = true;
      } else if (this.isNext(t.Label) && this.isNext(t.Separator, 2)) {
        const [label, separator] = [this.take(), this.take()];
        items.push({ label, separator, value: this.beginsValue() ? this.expression() : null, comma });
        comma = false;
      } else if (this.beginsValue()) {
        items.push({ label: null, separator: null, value: this.expression(), comma });
        comma = false;
      } else if (this.isNext(t.Stray)) this.build.stray(this.take());
      else return items;
    }
  }
}
