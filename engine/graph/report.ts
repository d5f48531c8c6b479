// Collects diagnostics while a graph is checked, and makes the fixes that come up often.
import { closest, type Diagnostic, type Fix, type Span } from '../../grammar/diagnostic.ts';
import type { GraphCode } from './codes.ts';

export interface Report {
  readonly diagnostics: Diagnostic[];
  error(code: GraphCode, span: Span, message: string, more?: More): void;
  warn(code: GraphCode, span: Span, message: string, more?: More): void;
}

export interface More {
  notes?: (string | null | undefined)[];
  fixes?: (Fix | null | undefined)[];
}

export function newReport(): Report {
  const diagnostics: Diagnostic[] = [];
  const add =
    (severity: 'error' | 'warning') =>
    (code: string, span: Span, message: string, more: More = {}) => {
      diagnostics.push(diagnosticOf(severity, code, span, message, more));
    };
  return { diagnostics, error: add('error'), warn: add('warning') };
}

export function diagnosticOf(
  severity: Diagnostic['severity'],
  code: string,
  span: Span,
  message: string,
  more: More = {},
): Diagnostic {
  const notes = (more.notes ?? []).filter((note) => typeof note === 'string');
  const fixes = (more.fixes ?? []).filter((fix) => fix !== null && fix !== undefined);
  return {
    severity,
    code,
    message,
    span,
    ...(notes.length > 0 ? { notes } : {}),
    ...(fixes.length > 0 ? { fixes } : {}),
  };
}

/** A fix that writes something else in this place. */
export function replace(span: Span, text: string, title?: string): Fix {
  return { title: title ?? `write \`${text}\``, edits: [{ start: span.start, end: span.end, text }] };
}

/** ", did you mean `x`?" and its fix, where a known name is near. */
export function meant(
  name: string,
  span: Span,
  candidates: Iterable<string>,
): { text: string; fix: Fix | null; name: string | null } {
  const near = closest(name, candidates);
  if (near === null) return { text: '', fix: null, name: null };
  return { text: `, did you mean \`${near}\`?`, fix: replace(span, near), name: near };
}
