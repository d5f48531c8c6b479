// The grammar. It accepts any sequence of tokens: mistakes have rules of their own, which report what was found and what
// to write, so that the parser never gives up and everything right is still read.
//
//   document   = { statement End }
//   statement  = "dsk" number | [ "param" | "skip" ] name "=" expression
//   expression = primary { "|>" call }
//   primary    = number | text | "true" | "false" | "null" | list | call | name [ "." name ]
//   call       = name "(" [ argument { "," argument } [ "," ] ] ")"
//   argument   = [ name ":" ] expression
//   list       = "[" [ expression { "," expression } [ "," ] ] "]"
import type { IToken, TokenType } from 'chevrotain';
import { EmbeddedActionsParser } from '../node_modules/chevrotain/lib/chevrotain.min.mjs';
import { Builder } from './build.ts';
import type { Expression } from './tree.ts';
import * as t from './tokens.ts';

/** One entry between brackets, with the name before `:` where there is one. */
export interface Item {
  readonly label: IToken | null;
  readonly separator: IToken | null;
  readonly value: Expression | null;
  readonly comma: boolean;
}

const isOf = (type: TokenType, category: TokenType) => type.CATEGORIES?.includes(category) === true;

export class Rules extends EmbeddedActionsParser {
  build = new Builder('');

  constructor(options: { readonly check: boolean } = { check: false }) {
    super(t.vocabulary, { maxLookahead: 1, skipValidations: !options.check, recoveryEnabled: false });
    this.performSelfAnalysis();
  }

  document = this.RULE('document', (): void => {
    this.MANY(() => {
      this.OR([{ ALT: () => this.SUBRULE(this.statement) }, { ALT: () => this.CONSUME(t.End) }]);
    });
  });

  private statement = this.RULE('statement', (): void => {
    const isVersion = () => this.LA(1).image === 'dsk' && this.LA(2).tokenType !== t.Equals;
    const isParam = () => this.LA(2).tokenType !== t.Equals;
    // `skip` is a word of the language only here: a node may be called so
    const isSkip = () => {
      const [word, name, equals] = [this.LA(1), this.LA(2).tokenType, this.LA(3).tokenType];
      return word.image === 'skip' && isOf(name, t.Word) && isOf(equals, t.Separator);
    };
    const isNode = () => {
      const [first, second, third] = [this.LA(1).tokenType, this.LA(2).tokenType, this.LA(3).tokenType];
      const forgotten = first === t.Identifier && second === t.Identifier && third === t.OpenRound;
      return second === t.Equals || second === t.Colon || forgotten;
    };
    this.OR([
      { GATE: isVersion, IGNORE_AMBIGUITIES: true, ALT: () => this.SUBRULE(this.version) },
      { GATE: isSkip, IGNORE_AMBIGUITIES: true, ALT: () => this.SUBRULE(this.skip) },
      { GATE: isParam, IGNORE_AMBIGUITIES: true, ALT: () => this.SUBRULE(this.param) },
      { GATE: isNode, IGNORE_AMBIGUITIES: true, ALT: () => this.SUBRULE(this.node) },
      { ALT: () => this.SUBRULE(this.unknown) },
    ]);
  });

  private version = this.RULE('version', (): void => {
    const word = this.CONSUME(t.Identifier);
    const rest = this.SUBRULE(this.rest);
    this.ACTION(() => this.build.version(word, rest));
  });

  private param = this.RULE('param', (): void => {
    const keyword = this.CONSUME(t.Param);
    const name = this.OPTION(() => this.CONSUME(t.Label));
    const equals = this.OPTION1(() => this.CONSUME(t.Separator));
    const value = this.OPTION2(() => this.SUBRULE(this.expression));
    const rest = this.SUBRULE(this.rest);
    this.ACTION(() => this.build.statement(keyword, name ?? null, equals ?? null, value ?? null, rest));
  });

  private skip = this.RULE('skip', (): void => {
    const keyword = this.CONSUME(t.Identifier);
    const name = this.CONSUME(t.Word);
    const equals = this.CONSUME(t.Separator);
    const value = this.OPTION(() => this.SUBRULE(this.expression));
    const rest = this.SUBRULE(this.rest);
    this.ACTION(() => this.build.statement(keyword, name, equals, value ?? null, rest));
  });

  private node = this.RULE('node', (): void => {
    const name = this.CONSUME(t.Label);
    const equals = this.OPTION(() => this.CONSUME(t.Separator));
    const value = this.OPTION1(() => this.SUBRULE(this.expression));
    const rest = this.SUBRULE(this.rest);
    this.ACTION(() => this.build.statement(null, name, equals ?? null, value ?? null, rest));
  });

  private unknown = this.RULE('unknown', (): void => {
    const first = this.CONSUME(t.Inner);
    const rest = this.SUBRULE(this.rest);
    this.ACTION(() => this.build.unknown([first, ...rest]));
  });

  private rest = this.RULE('rest', (): IToken[] => {
    const tokens: IToken[] = [];
    this.MANY(() => tokens.push(this.CONSUME(t.Inner)));
    return tokens;
  });

  private expression = this.RULE('expression', (): Expression => {
    let value = this.SUBRULE(this.primary);
    this.MANY(() => {
      const pipe = this.CONSUME(t.Pipe);
      const input = value;
      const isCall = () => this.LA(2).tokenType === t.OpenRound;
      this.OR([
        {
          GATE: isCall,
          IGNORE_AMBIGUITIES: true,
          ALT: () => {
            value = this.SUBRULE(this.call, { ARGS: [input] });
          },
        },
        {
          ALT: () => {
            const target = this.OPTION(() => this.SUBRULE1(this.primary));
            value = this.ACTION(() => this.build.pipe(input, pipe, target ?? null));
          },
        },
      ]);
    });
    return value;
  });

  private primary = this.RULE('primary', (): Expression => {
    const isCall = () => this.LA(2).tokenType === t.OpenRound;
    return this.OR([
      { GATE: isCall, IGNORE_AMBIGUITIES: true, ALT: () => this.SUBRULE(this.call, { ARGS: [null] }) },
      { ALT: () => this.literal(this.CONSUME(t.True)) },
      { ALT: () => this.literal(this.CONSUME(t.False)) },
      { ALT: () => this.literal(this.CONSUME(t.Null)) },
      { IGNORE_AMBIGUITIES: true, ALT: () => this.SUBRULE(this.reference) },
      { ALT: () => this.literal(this.CONSUME(t.NumberToken)) },
      { ALT: () => this.literal(this.CONSUME(t.Text)) },
      { ALT: () => this.literal(this.CONSUME(t.BlockText)) },
      { ALT: () => this.literal(this.CONSUME(t.WrongText)) },
      { ALT: () => this.literal(this.CONSUME(t.TooDeep)) },
      { ALT: () => this.SUBRULE(this.list) },
      { ALT: () => this.SUBRULE(this.group) },
    ]);
  });

  private literal(token: IToken): Expression {
    return this.ACTION(() => this.build.literal(token));
  }

  private reference = this.RULE('reference', (): Expression => {
    const words = [this.CONSUME(t.Word)];
    let dots = 0;
    this.MANY(() => {
      this.CONSUME(t.Dot);
      dots++;
      const word = this.OPTION(() => this.CONSUME1(t.Word));
      if (word) words.push(word);
    });
    return this.ACTION(() => this.build.reference(words, dots, this.LA(0)));
  });

  private call = this.RULE('call', (piped: Expression | null): Expression => {
    const kind = this.CONSUME(t.Word);
    const open = this.CONSUME(t.OpenRound);
    const items = this.SUBRULE(this.items);
    const close = this.OPTION(() => this.CONSUME(t.Close));
    return this.ACTION(() => this.build.call(piped, kind, open, items, close ?? null, this.LA(0)));
  });

  private list = this.RULE('list', (): Expression => {
    const open = this.CONSUME(t.OpenSquare);
    const items = this.SUBRULE(this.items);
    const close = this.OPTION(() => this.CONSUME(t.Close));
    return this.ACTION(() => this.build.list(open, items, close ?? null, this.LA(0)));
  });

  /** `( value )` or `{ ... }`, which the language does not have. */
  private group = this.RULE('group', (): Expression => {
    const open = this.OR([{ ALT: () => this.CONSUME(t.OpenRound) }, { ALT: () => this.CONSUME(t.OpenCurly) }]);
    const items = this.SUBRULE(this.items);
    const close = this.OPTION(() => this.CONSUME(t.Close));
    return this.ACTION(() => this.build.group(open, items, close ?? null, this.LA(0)));
  });

  private items = this.RULE('items', (): Item[] => {
    const items: Item[] = [];
    const labelled = () => this.LA(2).tokenType === t.Colon || this.LA(2).tokenType === t.Equals;
    let comma = true; // the next item may begin
    this.MANY(() => {
      this.OR([
        {
          ALT: () => {
            const token = this.CONSUME(t.Comma);
            this.ACTION(() => comma && this.build.extraComma(token));
            comma = true;
          },
        },
        {
          GATE: labelled,
          IGNORE_AMBIGUITIES: true,
          ALT: () => {
            const label = this.CONSUME(t.Label);
            const separator = this.CONSUME(t.Separator);
            const value = this.OPTION(() => this.SUBRULE(this.expression));
            items.push({ label, separator, value: value ?? null, comma });
            comma = false;
          },
        },
        {
          IGNORE_AMBIGUITIES: true,
          ALT: () => {
            items.push({ label: null, separator: null, value: this.SUBRULE1(this.expression), comma });
            comma = false;
          },
        },
        {
          ALT: () => {
            const token = this.CONSUME(t.Stray);
            this.ACTION(() => this.build.stray(token));
          },
        },
      ]);
    });
    return items;
  });
}
