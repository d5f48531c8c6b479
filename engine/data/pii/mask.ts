// Personal data in a text replaced, each kind by its own text.
import { cards } from './card.ts';
import { emails } from './email.ts';
import { ips } from './ip.ts';
import { phones } from './phone.ts';
import type { Span } from './spans.ts';

/** Kinds of personal data; where places overlap, the earlier kind has them. */
export const kinds = ['email', 'ip', 'card', 'phone'] as const;
export type PiiKind = (typeof kinds)[number];

export interface Masking {
  /** What is put in the place of each kind; kinds that are not named stay. */
  replacements: Partial<Record<PiiKind, string>>;
  /** Private and reserved IP addresses as well. */
  privateIps: boolean;
  /** Regions whose national phone numbers are known. */
  regions: readonly string[];
}

export interface Masked {
  text: string;
  counts: Partial<Record<PiiKind, number>>;
}

/** The same text always gives the same result. */
export function mask(text: string, { replacements, privateIps, regions }: Masking): Masked {
  const counts: Masked['counts'] = {};
  let found: (Span & { by: string })[] = [];
  for (const kind of kinds) {
    const by = replacements[kind];
    if (by === undefined) continue;
    const own = free(find(kind), found);
    counts[kind] = own.length;
    if (own.length > 0) found = [...found, ...own.map((span) => ({ ...span, by }))].sort((a, b) => a.start - b.start);
  }
  if (found.length === 0) return { text, counts };
  let masked = '';
  let done = 0;
  for (const { start, end, by } of found) {
    masked += text.slice(done, start) + by;
    done = end;
  }
  return { text: masked + text.slice(done), counts };

  function find(kind: PiiKind): Iterable<Span> {
    if (kind === 'email') return emails(text);
    if (kind === 'ip') return ips(text, privateIps);
    return kind === 'card' ? cards(text) : phones(text, regions);
  }
}

/** The places that overlap none of those taken; both are in order. */
function free(spans: Iterable<Span>, taken: readonly Span[]): Span[] {
  const found: Span[] = [];
  let next = 0;
  for (const span of spans) {
    while (next < taken.length && (taken[next] as Span).end <= span.start) next++;
    if (next === taken.length || (taken[next] as Span).start >= span.end) found.push(span);
  }
  return found;
}
