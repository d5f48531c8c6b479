// What could be done about the mistakes at the cursor.
import type { Diagnostic, Fix, Span } from '../../grammar/diagnostic.ts';

/** Fixes of all diagnostics that touch a range, those of the nearest first. */
export function fixes(
  diagnostics: readonly Diagnostic[],
  range: Span,
): { readonly diagnostic: Diagnostic; readonly fix: Fix }[] {
  const near = diagnostics.filter(({ span }) => span.start <= range.end && range.start <= span.end);
  const size = ({ span }: Diagnostic) => span.end - span.start;
  near.sort((a, b) => size(a) - size(b));
  return near.flatMap((diagnostic) => (diagnostic.fixes ?? []).map((fix) => ({ diagnostic, fix })));
}
