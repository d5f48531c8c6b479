// Copied nodes as `.dsk` text, and any such text back into a graph: names made unique, references carried along.
import {
  applyEdits,
  type Document,
  type Expression,
  edit,
  expressions,
  LANGUAGE_VERSION,
  parse,
  type Statement,
  type TextEdit,
} from '../../grammar/index.ts';
import { root } from './arrange.ts';
import { freshName } from './fresh.ts';
import { linesOf } from './groups.ts';
import { callAt } from './places.ts';

interface Source {
  readonly text: string;
  readonly document: Document;
}

/**
 * The statements of these nodes as they are written, in the order of the text, with the params they use. An inline node whose owner
 * is not copied comes as a statement, called by its kind.
 */
export function copyText({ text, document }: Source, paths: readonly string[]): string {
  const names = new Set(paths.filter((path) => root(path) === path));
  const chosen = document.statements.filter(({ type, name }) => type === 'node' && names.has(name.text));
  const loose = paths.flatMap((path) => {
    const call = root(path) === path || names.has(root(path)) ? null : callAt({ document }, path);
    return call ? [call] : [];
  });
  const used = new Set<string>();
  for (const value of [...chosen.map((statement) => statement.value), ...loose]) {
    for (const part of expressions(value)) if (part.type === 'reference') used.add(part.name.text);
  }
  const params = document.statements.filter(({ type, name }) => type === 'param' && used.has(name.text));
  const taken = new Set([...params, ...chosen].map(({ name }) => name.text));
  const lines = [...params, ...chosen].map(({ span }) => {
    const { start, end } = linesOf(text, document, span);
    return text.slice(start, end).replace(/[\r\n]+$/, '');
  });
  for (const call of loose) {
    const name = freshName(call.kind.text, taken);
    taken.add(name);
    lines.push(`${name} = ${text.slice(call.span.start, call.span.end)}`);
  }
  return lines.length > 0 ? `${lines.join('\n')}\n` : '';
}

export interface Pasted {
  readonly edits: readonly TextEdit[];
  /** New name of each pasted node by the one it had. */
  readonly names: ReadonlyMap<string, string>;
  /** Which pasted node reads which, by new names. */
  readonly links: readonly { readonly from: string; readonly to: string }[];
  /** References that were left out because nothing here is called so. */
  readonly lost: number;
}

/**
 * How to put a piece of text into another: at its end, or behind the statement called `after`.
 * @returns what is wrong with the piece where it cannot be read; an empty message where it has no statements
 */
export function pasteText(target: string, piece: string, after: string | null = null): Pasted | { error: string } {
  const whole = /^\s*dsk\s+\d/.test(piece) ? piece : `dsk ${LANGUAGE_VERSION}\n${piece}`;
  const read = parse(whole);
  const fault = read.diagnostics.find(({ severity }) => severity === 'error');
  if (read.document.statements.length === 0) return { error: '' };
  if (fault) return { error: fault.message };

  const here = parse(target).document;
  const taken = new Set(here.statements.map(({ name }) => name.text));
  const params = new Set(here.statements.flatMap(({ type, name }) => (type === 'param' ? [name.text] : [])));
  // A param that is here already is meant.
  const kept = read.document.statements.filter(({ type, name }) => type === 'node' || !params.has(name.text));
  const names = newNames(kept, taken);
  const cuts = read.document.statements.filter((statement) => !kept.includes(statement));
  const edits: TextEdit[] = cuts.map(({ span }) => ({ ...linesOf(whole, read.document, span), text: '' }));
  for (const { name, value } of kept) {
    const renamed = names.get(name.text);
    if (renamed !== undefined && renamed !== name.text) edits.push({ ...name.span, text: renamed });
    for (const part of expressions(value)) {
      const to = part.type === 'reference' ? names.get(part.name.text) : undefined;
      if (part.type === 'reference' && to !== undefined && to !== part.name.text) {
        edits.push({ ...part.name.span, text: to });
      }
    }
  }
  const { text, lost } = withoutUnknown(applyEdits(whole, edits), new Set([...taken, ...names.values()]));
  const { document } = parse(text);
  const nodes = new Set(document.statements.flatMap(({ type, name }) => (type === 'node' ? [name.text] : [])));
  const links = document.statements.flatMap(({ name, value }) =>
    [...expressions(value)].flatMap((part) =>
      part.type === 'reference' && nodes.has(part.name.text) ? [{ from: part.name.text, to: name.text }] : [],
    ),
  );
  const old = new Map([...names].filter(([, name]) => nodes.has(name)));
  return { edits: insertion(target, here, bodyOf(text), after), names: old, links, lost };
}

function newNames(statements: readonly Statement[], taken: ReadonlySet<string>): Map<string, string> {
  const names = new Map<string, string>();
  const all = new Set([...taken, ...statements.map(({ name }) => name.text)]);
  for (const { name } of statements) {
    if (names.has(name.text)) continue;
    const free = taken.has(name.text) ? freshName(name.text, all) : name.text;
    all.add(free);
    names.set(name.text, free);
  }
  return names;
}

/** The text with every reference to a name that does not exist taken out. */
function withoutUnknown(piece: string, known: ReadonlySet<string>): { text: string; lost: number } {
  let text = piece;
  let lost = 0;
  for (;;) {
    const place = unknownPlace(text, known);
    if (!place) return { text, lost };
    const made = edit(text, { type: 'disconnect', ...place });
    // Where it cannot be taken out it stays, and the check reports it.
    if ('error' in made) return { text, lost };
    text = applyEdits(text, made.edits);
    lost++;
  }
}

function unknownPlace(text: string, known: ReadonlySet<string>) {
  for (const { name, value } of parse(text).document.statements) {
    const found = unknownIn(value, name.text, known);
    if (found) return found;
  }
  return null;
}

interface Spot {
  node: string;
  port: string;
  position?: number;
  item?: number;
}

function unknownIn(value: Expression, path: string, known: ReadonlySet<string>): Spot | null {
  if (value.type !== 'call') return null;
  const unknown = (part: Expression) => part.type === 'reference' && !known.has(part.name.text);
  let position = 0;
  for (const { name, value: given } of value.arguments) {
    const index = name ? undefined : position++;
    const place = { node: path, port: name?.text ?? '', ...(index !== undefined && { position: index }) };
    if (unknown(given)) return place;
    if (given.type === 'list') {
      const item = given.items.findIndex(unknown);
      if (item >= 0) return { ...place, item };
    }
    const inner = unknownIn(given, `${path}.${name?.text ?? index}`, known);
    if (inner) return inner;
  }
  return null;
}

/** Without the version line and empty lines around. */
function bodyOf(text: string): string {
  const { version } = parse(text).document;
  const body = version ? text.slice(0, version.span.start) + text.slice(version.span.end) : text;
  return body.replace(/^\s*[\r\n]/, '').trimEnd();
}

function insertion(target: string, { statements, version }: Document, body: string, after: string | null): TextEdit[] {
  const ending = target.includes('\r\n') ? '\r\n' : '\n';
  const lines = body.replace(/\r\n|\r|\n/g, ending);
  const anchor = statements.find(({ name }) => name.text === after);
  if (anchor) {
    const rest = target.slice(anchor.span.end).search(/[\r\n]/);
    const at = rest < 0 ? target.length : anchor.span.end + rest;
    return [{ start: at, end: at, text: ending + lines }];
  }
  const end = target.trimEnd().length;
  const opening = version ? '' : `dsk ${LANGUAGE_VERSION}`;
  const before = end > 0 ? ending + ending : opening === '' ? '' : opening + ending + ending;
  return [{ start: end, end: target.length, text: before + lines + ending }];
}
