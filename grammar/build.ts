// Builds the tree from what the rules read, and words every complaint about it.
import type { IToken } from 'chevrotain';
import { closest } from './closest.ts';
import type { SyntaxCode } from './codes.ts';
import type { Diagnostic, Fix, Span, TextEdit } from './diagnostic.ts';
import { fault, insert, MAX_DEPTH, replace, tooDeep } from './layout.ts';
import { dedent, readNumber, tick, unescape } from './literal.ts';
import type { Item } from './rules.ts';
import * as t from './tokens.ts';
import type { Argument, Expression, Name, Statement } from './tree.ts';
import { isName, isReserved, LANGUAGE_VERSION } from './words.ts';

const span = t.tokenSpan;
const BRACKETS: Record<string, string> = { '(': ')', '[': ']', '{': '}' };

/** The state of one parse: what was read so far. */
export class Builder {
  readonly statements: Statement[] = [];
  readonly diagnostics: Diagnostic[] = [];
  versionLine: { value: number; span: Span } | null = null;
  private readonly text: string;
  private readonly depths = new Map<Expression, number>();
  private open: { readonly end: number; readonly closers: string } | null = null; // brackets never closed
  private started = false; // a statement or version line was seen

  constructor(text: string) {
    this.text = text;
  }

  private report(code: SyntaxCode, message: string, at: Span, fix?: Fix | null, note?: string): void {
    this.diagnostics.push(fault(code, message, at, fix ?? undefined, note));
  }

  version(word: IToken, rest: readonly IToken[]): void {
    const [number] = rest;
    const line = { start: word.startOffset, end: span(rest.at(-1) ?? word).end };
    const late = this.started;
    this.started = true;
    const digits = number && /^\d{1,9}$/.test(number.image) ? Number(number.image) : 0;
    const right = `dsk ${LANGUAGE_VERSION}`;
    const fix = replace(`write \`${right}\``, line, right);
    if (this.versionLine) {
      const message = 'the version of the language is given twice';
      this.report('syntax-version', message, line, replace('remove this line', line, ''));
      return;
    }
    this.versionLine = { value: digits, span: line };
    if (rest.length !== 1 || digits === 0) {
      this.report(
        'syntax-version',
        `${tick(this.text.slice(line.start, line.end))} names no version: write \`${right}\``,
        line,
        fix,
      );
    } else if (digits > LANGUAGE_VERSION) {
      const message = `this file is written in version ${digits} of the language, this program knows ${LANGUAGE_VERSION}`;
      this.report('syntax-version-newer', message, line, fix, 'a newer dsk can read it');
    } else if (late) {
      const start = this.text.charCodeAt(0) === 0xfeff ? 1 : 0;
      const edits = [
        { start, end: start, text: `${right}\n` },
        { ...line, text: '' },
      ];
      const message = 'the version of the language stands above everything else';
      this.report('syntax-version', message, line, { title: 'move it to the first line', edits });
    }
  }

  statement(
    keyword: IToken | null,
    label: IToken | null,
    equals: IToken | null,
    value: Expression | null,
    rest: readonly IToken[],
  ): void {
    this.started = true;
    const lastRead = equals ?? label ?? (keyword as IToken);
    const name = label ? this.definedName(label) : null;
    if (!label) {
      this.report(
        'syntax-name',
        'a name is missing after `param`',
        span(keyword as IToken),
        null,
        'as in `param steps = 300`',
      );
    } else if (!equals) {
      const at = value && rest.length === 0 ? value.span : span(rest[0] ?? label);
      const fix = rest.length === 0 && !value ? null : insert('write `=`', span(label).end, ' =');
      this.report('syntax-value', `\`=\` is missing after ${tick(label.image)}`, at, fix);
    } else {
      if (equals.tokenType === t.Colon) {
        const message = `a statement is written \`name = value\`, not \`name: value\``;
        this.report('syntax-colon', message, span(equals), replace('write `=`', this.colonSpan(equals), ' ='));
      }
      if (!value) {
        const found = rest[0] ? `, ${tick(rest[0].image)} stands there` : '';
        this.report(
          'syntax-value',
          `a value is missing after ${tick(`${label.image} =`)}${found}`,
          span(rest[0] ?? equals),
        );
      } else if (rest.length > 0) this.leftOver(value, rest);
    }
    if (!name) return;
    const end = Math.max(
      span(lastRead).end,
      value?.span.end ?? 0,
      rest.length > 0 ? span(rest.at(-1) as IToken).end : 0,
    );
    const start = (keyword ?? (label as IToken)).startOffset;
    const common = {
      name,
      value: value ?? { type: 'error' as const, span: { start: span(lastRead).end, end: span(lastRead).end } },
      documentation: null,
      span: { start, end },
    };
    const isParam = keyword?.tokenType === t.Param;
    this.statements.push(
      isParam ? { type: 'param', ...common } : { type: 'node', skip: keyword && span(keyword), ...common },
    );
  }

  /** The colon and the spaces before it, so that ` =` can stand there. */
  private colonSpan(colon: IToken): Span {
    let start = colon.startOffset;
    while (this.text[start - 1] === ' ') start--;
    return { start, end: span(colon).end };
  }

  private definedName(token: IToken): Name | null {
    if (isReserved(token.image)) {
      const message = `\`${token.image}\` is a word of the language and cannot be a name`;
      this.report(
        'syntax-reserved',
        message,
        span(token),
        replace(`write \`${token.image}_\``, span(token), `${token.image}_`),
      );
      return null;
    }
    if (token.tokenType === t.Identifier) return this.name(token);
    this.unquote(token);
    return null;
  }

  private name(token: IToken): Name {
    if (!token.image.includes('-')) return { text: token.image, span: span(token) };
    const text = token.image.replaceAll('-', '_');
    const message = `a name has letters, digits and \`_\` only: write ${tick(text)}`;
    this.report('syntax-name', message, span(token), replace(`write ${tick(text)}`, span(token), text));
    return { text, span: span(token) };
  }

  private unquote(token: IToken): void {
    const inner = token.image.replace(/^["'“”„‘’]+|["'“”„‘’]+$/g, '');
    const fix = isName(inner) ? replace('remove the quotes', span(token), inner) : null;
    this.report('syntax-name', 'a name is written without quotes', span(token), fix);
  }

  private leftOver(value: Expression, rest: readonly IToken[]): void {
    const first = rest[0] as IToken;
    const all = { start: first.startOffset, end: span(rest.at(-1) as IToken).end };
    if (first.image in CLOSERS) {
      this.report(
        'syntax-bracket',
        `\`${first.image}\` closes nothing`,
        span(first),
        replace('remove it', span(first), ''),
      );
    } else if (first.tokenType === t.Dot && value.type === 'call') {
      const note = 'write `name = ' + `${value.kind.text}(…)\`, then \`name.output\``;
      this.report('syntax-reference', 'an output is taken from a name, not from a call', all, null, note);
    } else if (first.tokenType === t.OpenCurly || first.tokenType === t.OpenRound) {
      this.report('syntax-rest', `${tick(first.image)} does not belong after a value`, span(first));
    } else if (value.type === 'reference' && !value.output && rest.every((token) => !(token.image in CLOSERS))) {
      const edits = [
        { start: value.span.end, end: first.startOffset, text: '(' },
        { start: all.end, end: all.end, text: ')' },
      ];
      const message = `${tick(this.text.slice(all.start, all.end))} is left over after ${tick(value.name.text)}`;
      const note = `a call is written with parentheses, \`${value.name.text}(…)\``;
      this.report('syntax-rest', message, all, { title: 'put it into parentheses', edits }, note);
    } else {
      const message = `${tick(this.text.slice(all.start, all.end))} is left over after the end of the statement`;
      this.report('syntax-rest', message, all, null, 'each statement has a line of its own');
    }
  }

  unknown(tokens: readonly IToken[]): void {
    this.started = true;
    const first = tokens[0] as IToken;
    const [, second, third] = tokens;
    const all = { start: first.startOffset, end: span(tokens.at(-1) as IToken).end };
    const shape = 'a statement is written `name = kind(...)` or `param name = value`';
    if (first.tokenType === t.Later) {
      const message = `\`${first.image}\` comes in a later version of the language`;
      this.report('syntax-later', message, span(first), null, first.image === 'def' ? DEF_NOTE : IMPORT_NOTE);
    } else if (first.tokenType === t.Equals) {
      this.report('syntax-name', 'a name is missing before `=`', span(first), null, shape);
    } else if (first.tokenType === t.NumberToken && second?.tokenType === t.Equals) {
      this.report('syntax-name', `a name cannot start with a digit: ${tick(first.image)}`, span(first));
    } else if (
      second?.tokenType === t.Identifier &&
      third?.tokenType === t.Equals &&
      first.tokenType === t.Identifier
    ) {
      const param = closest(first.image, ['param']);
      const message = param
        ? `${tick(first.image)} is no word of the language: did you mean \`param\`?`
        : `${tick(first.image)} does not belong before a name`;
      const gap = { start: first.startOffset, end: second.startOffset };
      const fix = param ? replace('write `param`', span(first), 'param') : replace('remove it', gap, '');
      this.report('syntax-statement', message, span(first), fix, shape);
    } else if (first.tokenType === t.Identifier && second?.tokenType === t.OpenRound) {
      const fix = insert(`name it \`${first.image}\``, first.startOffset, `${first.image.replaceAll('-', '_')} = `);
      this.report(
        'syntax-statement',
        `the result of ${tick(`${first.image}(…)`)} has no name`,
        span(first),
        fix,
        shape,
      );
    } else if (first.image in CLOSERS) {
      this.report(
        'syntax-bracket',
        `\`${first.image}\` closes nothing`,
        span(first),
        replace('remove it', span(first), ''),
      );
    } else if (first.image === 'skip' && second?.tokenType === t.Param) {
      const gap = { start: first.startOffset, end: second.startOffset };
      const note = '`skip` stands before the name of a node, as in `skip clean = dedup(book)`';
      this.report('syntax-statement', 'a param cannot be skipped', span(first), replace('remove it', gap, ''), note);
    } else {
      this.report('syntax-statement', `${tick(this.text.slice(all.start, all.end))} is no statement`, all, null, shape);
    }
  }

  literal(token: IToken): Expression {
    const at = span(token);
    if (token.tokenType === t.True || token.tokenType === t.False) {
      return { type: 'boolean', value: token.tokenType === t.True, span: at };
    }
    if (token.tokenType === t.Null) return { type: 'null', span: at };
    if (token.tokenType === t.TooDeep) return { type: 'error', span: at };
    if (token.tokenType === t.NumberToken) return this.number(token);
    return this.textValue(token);
  }

  private number(token: IToken): Expression {
    const at = span(token);
    const read = readNumber(token.image);
    if (!('message' in read)) return { type: 'number', ...read, text: token.image, span: at };
    this.report(
      'syntax-number',
      read.message,
      at,
      read.instead ? replace(`write \`${read.instead}\``, at, read.instead) : null,
    );
    return { type: 'error', span: at };
  }

  private textValue(token: IToken): Expression {
    const at = span(token);
    const block = token.tokenType === t.BlockText;
    const size = block ? 3 : 1;
    const quote = block ? '"""' : '"';
    const wrong = token.tokenType === t.WrongText;
    const pairs = wrong ? (/^['‘’]/.test(token.image) ? "['‘’]" : '[“”„"]') : quote;
    const tail = token.image.length >= 2 * size && new RegExp(`${pairs}$`).test(token.image);
    const closed = tail && !this.escapedEnd(token.image, block);
    const content = token.image.slice(size, closed ? -size : undefined);
    if (!closed) {
      const fix = insert(`write ${quote} at its end`, at.end, quote);
      const note = block ? undefined : 'a text value ends in its line; longer ones stand between """ and """';
      if (!wrong) this.report('syntax-text-open', `this text value has no closing ${quote}`, at, fix, note);
    }
    if (wrong) {
      const written = `"${content.replace(/(\\.)|"/g, (_, escape: string) => (escape === "\\'" ? "'" : (escape ?? '\\"')))}"`;
      this.report(
        'syntax-quotes',
        'a text value stands in double quotes, "…"',
        at,
        replace('write double quotes', at, written),
      );
    }
    const { value, faults } = unescape(block ? dedent(content) : content, size);
    for (const { span: part, message, fix } of wrong ? [] : faults) {
      // offsets inside of a block text are lost with its indentation: point to all of it
      const place = block ? at : { start: at.start + part.start, end: at.start + part.end };
      const shift = (edit: TextEdit) => ({ ...edit, start: edit.start + at.start, end: edit.end + at.start });
      this.report(
        'syntax-escape',
        message,
        place,
        fix && !block ? { title: fix.title, edits: [shift(fix.edit)] } : null,
      );
    }
    return { type: 'text', value, block, span: at };
  }

  private escapedEnd(image: string, block: boolean): boolean {
    if (block) return false;
    return (/\\*$/.exec(image.slice(0, -1))?.[0].length ?? 0) % 2 === 1;
  }

  reference(words: readonly IToken[], dots: number, last: IToken): Expression {
    const [first, second] = words as [IToken, IToken | undefined];
    const at = { start: first.startOffset, end: span(last).end };
    if (isReserved(first.image)) {
      const message = `\`${first.image}\` is a word of the language and cannot stand for a node`;
      this.report('syntax-reserved', message, span(first));
      return { type: 'error', span: at };
    }
    if (dots !== words.length - 1) {
      this.report(
        'syntax-reference',
        `the name of an output is missing after the dot of ${tick(`${first.image}.`)}`,
        at,
      );
      return { type: 'error', span: at };
    }
    if (dots > 1) {
      const written = words.map((word) => word.image).join('.');
      this.report(
        'syntax-reference',
        `${tick(written)} has too many parts: a reference is \`node\` or \`node.output\``,
        at,
      );
      return { type: 'error', span: at };
    }
    return { type: 'reference', name: this.name(first), output: second ? this.name(second) : null, span: at };
  }

  call(
    piped: Expression | null,
    kind: IToken,
    open: IToken,
    items: readonly Item[],
    close: IToken | null,
    last: IToken,
  ): Expression {
    const end = this.close(open, close, last, `\`${kind.image}(\``);
    if (isReserved(kind.image)) {
      this.report('syntax-reserved', `\`${kind.image}\` is a word of the language and no kind of node`, span(kind));
    }
    const list: Argument[] = piped ? [{ name: null, value: piped, piped: true, span: piped.span }] : [];
    for (const item of items) {
      this.missingComma(item);
      list.push(item.label && item.separator ? this.named(item, item.label, item.separator) : this.positional(item));
    }
    this.duplicates(list);
    return this.nested({
      type: 'call',
      kind: this.name(kind),
      arguments: list,
      parentheses: { start: open.startOffset, end },
      span: { start: piped ? piped.span.start : kind.startOffset, end },
    });
  }

  private positional({ value }: Item): Argument {
    const read = value as Expression;
    return { name: null, value: read, piped: false, span: read.span };
  }

  private named(item: Item, label: IToken, separator: IToken): Argument {
    const after = span(separator).end;
    if (separator.tokenType === t.Equals) {
      const message = `inside of parentheses write ${tick(`${label.image}: …`)}, not ${tick(`${label.image} = …`)}`;
      const spaced = this.text[after] === ' ' || item.value === null ? ':' : ': ';
      const fix = replace('write a colon', { start: span(label).end, end: after }, spaced);
      this.report('syntax-colon', message, span(separator), fix);
    }
    if (!item.value) {
      this.report('syntax-value', `a value is missing after ${tick(`${label.image}:`)}`, {
        start: label.startOffset,
        end: after,
      });
    }
    const value = item.value ?? { type: 'error', span: { start: after, end: after } };
    const whole = { start: label.startOffset, end: value.span.end };
    if (label.tokenType.CATEGORIES?.includes(t.Word))
      return { name: this.name(label), value, piped: false, span: whole };
    this.unquote(label);
    const text = label.image.replace(/^["'“”„‘’]+|["'“”„‘’]+$/g, '');
    return { name: { text, span: span(label) }, value, piped: false, span: whole };
  }

  private duplicates(list: readonly Argument[]): void {
    const seen = new Set<string>();
    list.forEach(({ name, span: at }, i) => {
      if (!name) return;
      const before = list[i - 1];
      if (seen.has(name.text)) {
        const gap = before && !before.piped && !/[#\r\n]/.test(this.text.slice(before.span.end, at.start));
        const fix = gap ? replace('remove it', { start: before.span.end, end: at.end }, '') : null;
        this.report(
          'syntax-argument-duplicate',
          `${tick(`${name.text}:`)} is given twice in this call`,
          name.span,
          fix,
        );
      }
      seen.add(name.text);
    });
  }

  list(open: IToken, items: readonly Item[], close: IToken | null, last: IToken): Expression {
    const end = this.close(open, close, last, '`[`');
    const values = items.map((item) => {
      this.missingComma(item);
      if (item.label && item.separator) {
        const message = `a list holds values without names: ${tick(`${item.label.image}${item.separator.image}`)} cannot stand here`;
        this.report('syntax-rest', message, { start: item.label.startOffset, end: span(item.separator).end });
      }
      const at = item.separator ? span(item.separator).end : 0;
      return item.value ?? ({ type: 'error', span: { start: at, end: at } } as const);
    });
    return this.nested({ type: 'list', items: values, span: { start: open.startOffset, end } });
  }

  group(open: IToken, items: readonly Item[], close: IToken | null, last: IToken): Expression {
    const end = this.close(open, close, last, `\`${open.image}\``);
    const at = { start: open.startOffset, end };
    if (open.image === '{') {
      const note = 'parameters are given to a kind, `kind(name: value)`; several values form a list, `[1, 2]`';
      this.report('syntax-bracket', '`{…}` means nothing here', at, null, note);
    } else {
      const only = items.length === 1 && !items[0]?.label && close ? items[0]?.value : null;
      const fix = only && !/[#\r\n]/.test(this.text.slice(open.startOffset, end)) ? this.unwrap(only, at) : null;
      this.report('syntax-bracket', 'parentheses stand only after the kind of a call, `kind(…)`', span(open), fix);
    }
    return { type: 'error', span: at };
  }

  private unwrap(value: Expression, at: Span): Fix {
    return replace('remove the parentheses', at, this.text.slice(value.span.start, value.span.end));
  }

  pipe(input: Expression, pipe: IToken, target: Expression | null): Expression {
    const end = target?.span.end ?? span(pipe).end;
    const at = { start: input.span.start, end };
    if (target?.type === 'reference' && !target.output) {
      const message = `after \`|>\` stands a call: write ${tick(`${target.name.text}()`)}`;
      this.report('syntax-pipe', message, target.span, insert('add the parentheses', end, '()'));
      const list: Argument[] = [{ name: null, value: input, piped: true, span: input.span }];
      return this.nested({
        type: 'call',
        kind: target.name,
        arguments: list,
        parentheses: { start: end, end },
        span: at,
      });
    }
    const found = target ? `, not ${tick(this.text.slice(target.span.start, end))}` : '';
    this.report('syntax-pipe', `after \`|>\` stands a call, \`|> kind(…)\`${found}`, target?.span ?? span(pipe));
    return { type: 'error', span: at };
  }

  stray(token: IToken): void {
    this.report(
      'syntax-rest',
      `${tick(token.image)} does not belong here`,
      span(token),
      replace('remove it', span(token), ''),
    );
  }

  extraComma(token: IToken): void {
    this.report('syntax-comma', 'nothing stands before this comma', span(token), replace('remove it', span(token), ''));
  }

  private missingComma({ comma, label, value }: Item): void {
    if (comma) return;
    const start = label?.startOffset ?? value?.span.start ?? 0;
    let before = start;
    while (/[ \t]/.test(this.text[before - 1] ?? '')) before--;
    const lineStart = before === 0 || /[\r\n]/.test(this.text[before - 1] ?? '');
    const end = label ? span(label).end : (value?.span.end ?? start);
    const message = `a comma is missing before ${tick(this.text.slice(start, end))}`;
    // at a line's start the comma belongs to the line above, behind which a comment may stand: leave that to the user
    this.report('syntax-comma', message, { start, end }, lineStart ? null : insert('add the comma', before, ','));
  }

  private close(open: IToken, close: IToken | null, last: IToken, what: string): number {
    const wanted = BRACKETS[open.image] as string;
    if (!close) {
      const end = span(last).end;
      // what is open further in must be closed first
      this.open = { end, closers: (this.open?.end === end ? this.open.closers : '') + wanted };
      const { closers } = this.open;
      this.report('syntax-bracket', `${what} is never closed`, span(open), insert(`add \`${closers}\``, end, closers));
      return end;
    }
    if (close.image !== wanted) {
      const message = `${what} is closed with \`${close.image}\` instead of \`${wanted}\``;
      this.report('syntax-bracket', message, span(close), replace(`write \`${wanted}\``, span(close), wanted));
    }
    return span(close).end;
  }

  /** Bounds the depth of the tree: pipes nest calls without brackets. */
  private nested(expression: Expression): Expression {
    const parts = expression.type === 'call' ? expression.arguments.map((argument) => argument.value) : [];
    const inner = expression.type === 'list' ? expression.items : parts;
    const depth = 1 + inner.reduce((most, part) => Math.max(most, this.depths.get(part) ?? 0), 0);
    if (depth <= MAX_DEPTH) {
      this.depths.set(expression, depth);
      return expression;
    }
    if (this.diagnostics.at(-1)?.code !== 'syntax-depth') this.diagnostics.push(tooDeep(expression.span));
    return { type: 'error', span: expression.span };
  }
}

const CLOSERS: Record<string, true> = { ')': true, ']': true, '}': true };
const DEF_NOTE = 'until then, write the parts as statements of this file';
const IMPORT_NOTE = 'until then, copy the statements into this file';
