// Text to syntax tree. Never throws and takes time in proportion to the text, whatever the text is.
import type { IToken } from 'chevrotain';
import { Builder } from './build.ts';
import { documentation, readComments } from './comments.ts';
import type { Diagnostic } from './diagnostic.ts';
import { fault, insert, layOut } from './layout.ts';
import { Rules } from './rules.ts';
import type { Document } from './tree.ts';
import { LANGUAGE_VERSION } from './words.ts';

const rules = new Rules();

export interface Parsed {
  readonly document: Document;
  /** In the order of the text. The tree is complete exactly where none has the severity `error`. */
  readonly diagnostics: Diagnostic[];
}

/** Reads a text. Mistakes are reported and read over, so that every sound statement is in the document; a statement with
 *  a mistake is there too as far as it could be read, with an `error` expression where a value could not. */
export function parse(text: string): Parsed {
  const layout = layOut(text);
  const build = new Builder(text);
  rules.build = build;
  rules.input = layout.tokens;
  rules.document();
  const comments = readComments(text, layout.comments);
  const statements = build.statements.map((statement) => {
    return { ...statement, documentation: documentation(text, comments, statement.span.start) };
  });
  const diagnostics = [...layout.diagnostics, ...build.diagnostics];
  for (const { token, message } of rules.errors) diagnostics.push(noRule(token, message));
  const [first] = layout.tokens;
  if (!build.versionLine && first) diagnostics.push(missingVersion(text, first.startOffset, first.image.length));
  diagnostics.sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
  const document = { version: build.versionLine, statements, comments, span: { start: 0, end: text.length } };
  return { document, diagnostics };
}

/** The grammar has a rule for every sequence of tokens, so this speaks of a fault of this program; the fuzz test looks for it. */
function noRule(token: IToken, message: string): Diagnostic {
  const start = Number.isFinite(token.startOffset) ? token.startOffset : 0;
  const note = 'this is a fault of the parser, not of the file: please report it';
  return fault('syntax-internal', `the parser stopped here: ${message}`, { start, end: start }, undefined, note);
}

function missingVersion(text: string, offset: number, length: number): Diagnostic {
  const line = `dsk ${LANGUAGE_VERSION}`;
  const ending = text.includes('\r\n') ? '\r\n' : '\n';
  const start = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  const message = `the first line must name the version of the language, \`${line}\``;
  return fault(
    'syntax-version-missing',
    message,
    { start: offset, end: offset + length },
    insert(`write \`${line}\` first`, start, `${line}${ending}`),
  );
}
