// Text to syntax tree. Never throws and takes time in proportion to the text, whatever the text is.
import { Builder } from './build.ts';
import { documentation, readComments } from './comments.ts';
import type { Diagnostic } from './diagnostic.ts';
import { fault, insert, layOut } from './layout.ts';
import { readDocument } from './rules.ts';
import type { Document } from './tree.ts';
import { LANGUAGE_VERSION } from './words.ts';

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
  readDocument(layout.tokens, build);
  const comments = readComments(text, layout.comments);
  const statements = build.statements.map((statement) => {
    return { ...statement, documentation: documentation(text, comments, statement.span.start) };
  });
  const diagnostics = [...layout.diagnostics, ...build.diagnostics];
  const [first] = layout.tokens;
  if (!build.versionLine && first) diagnostics.push(missingVersion(text, first.startOffset, first.image.length));
  diagnostics.sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
  const document = { version: build.versionLine, statements, comments, span: { start: 0, end: text.length } };
  return { document, diagnostics };
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
