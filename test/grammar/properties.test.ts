// What holds for every graph, every way to write it down and every edit.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  applyEdits,
  type Comment,
  type Document,
  edit,
  format,
  type GraphEdit,
  parse,
  type Span,
  type Statement,
  type TextEdit,
} from '../../grammar/index.ts';
import { change, fromValue, type Graph, graphOf } from './model.ts';
import { drawing, randomEdit, randomStatements, write } from './random.ts';

const RUNS = Number(process.env.DSK_TEST_RUNS ?? 250);
const options = { numRuns: RUNS, endOnFailure: true, seed: Number(process.env.DSK_TEST_SEED ?? Date.now() % 2 ** 31) };

function parseSound(text: string): Document {
  const { document, diagnostics } = parse(text);
  expect(diagnostics, text).toEqual([]);
  return document;
}

test('a graph written down in any layout reads as that graph, comments and all', () => {
  fc.assert(
    fc.property(fc.gen(), (g) => {
      const draw = drawing(g);
      const statements = randomStatements(draw);
      const { text, comments } = write(draw, statements);
      const document = parseSound(text);
      const planned = statements.map(({ name, type, skipped, value, documentation }) => {
        return [name, { type, skipped, value: fromValue(value), documentation: documentation.join('\n') || null }];
      });
      expect(graphOf(document), text).toEqual(Object.fromEntries(planned));
      expect(document.comments.map((comment) => comment.text)).toEqual(
        comments.map((comment) => comment.text.trimEnd()),
      );
      for (const { span, text: written } of document.comments) expect(text.slice(span.start, span.end)).toBe(written);
    }),
    options,
  );
});

test('formatting keeps graph, comments, line endings and mark, and doing it twice changes nothing', () => {
  fc.assert(
    fc.property(fc.gen(), (g) => {
      const draw = drawing(g);
      const { text, comments } = write(draw, randomStatements(draw));
      const formatted = format(text);
      expect(formatted.changed).toBe(formatted.text !== text);
      const document = parseSound(formatted.text);
      expect(graphOf(document), `${text}\n---\n${formatted.text}`).toEqual(graphOf(parseSound(text)));
      expect(document.comments.map((comment) => comment.text)).toEqual(
        comments.map((comment) => comment.text.trimEnd()),
      );
      expect(format(formatted.text).text, text).toBe(formatted.text);
      expect(formatted.text.startsWith('\ufeff')).toBe(text.startsWith('\ufeff'));
      if (text.includes('\r\n')) expect(formatted.text.replaceAll('\r\n', '')).not.toContain('\n');
      const lines = formatted.text.split(/\r?\n/);
      expect(lines.filter((line) => /\s$/.test(line))).toEqual([]);
      expect(formatted.text).not.toMatch(/(\r?\n){3}/);
    }),
    options,
  );
});

test('an edited text reads as the edited graph; what was not touched and all comments stay', () => {
  const kinds = new Map<string, number>();
  fc.assert(
    fc.property(fc.gen(), (g) => {
      const draw = drawing(g);
      const { text, comments } = write(draw, randomStatements(draw));
      const before = parseSound(text);
      const graph = graphOf(before);
      const wanted = randomEdit(draw, graph);
      if (!wanted) return;
      kinds.set(wanted.type, (kinds.get(wanted.type) ?? 0) + 1);
      const result = edit(text, wanted);
      if ('error' in result) throw new Error(`${result.error.message}\n${JSON.stringify(wanted)}\n${text}`);
      const after = applyEdits(text, result.edits);
      const about = `${JSON.stringify(wanted)}\n${text}\n---\n${after}`;
      const document = parseSound(after);
      expect(graphOf(document), about).toEqual(change(structuredClone(graph), wanted));
      checkUntouched(text, before, after, document, graph, wanted, about);
      checkComments(before, document, comments, lostWith(before, wanted), about);
      if (text.includes('\r\n'))
        expect(after.replaceAll('\r\n', '').replace(/"""[^]*?"""/g, ''), about).not.toContain('\n');
      expect(after.startsWith('\ufeff')).toBe(text.startsWith('\ufeff'));
      checkSmall(text, before, result.edits, wanted, about);
    }),
    options,
  );
  if (RUNS >= 200) expect(kinds.size).toBe(11);
});

test('skipping a node of a formatted text leaves it formatted, and taking that back gives the text before', () => {
  let seen = 0;
  fc.assert(
    fc.property(fc.gen(), (g) => {
      const draw = drawing(g);
      const planned = randomStatements(draw).map((one) => ({ ...one, skipped: false }));
      const { text } = format(write(draw, planned).text);
      const node = planned.find(({ type }) => type === 'node')?.name;
      // alone it has nothing to be aligned with
      if (node === undefined || planned.filter(({ type }) => type === 'node').length < 2) return;
      const apply = (before: string, skip: boolean) => {
        const result = edit(before, { type: 'skip', node, skip });
        if ('error' in result) throw new Error(result.error.message);
        return applyEdits(before, result.edits);
      };
      const skipped = apply(text, true);
      seen++;
      expect(apply(skipped, false), skipped).toBe(text);
    }),
    options,
  );
  expect(seen).toBeGreaterThan(RUNS / 5);
});

test('wrapping an inline node and unwrapping it gives the text before', () => {
  let seen = 0;
  fc.assert(
    fc.property(fc.gen(), (g) => {
      const draw = drawing(g);
      const { text } = write(draw, randomStatements(draw));
      const wanted = randomEdit(draw, graphOf(parseSound(text)));
      if (wanted?.type !== 'wrap') return;
      const wrapped = edit(text, wanted);
      if ('error' in wrapped) throw new Error(wrapped.error.message);
      const middle = applyEdits(text, wrapped.edits);
      const unwrapped = edit(middle, { type: 'unwrap', name: wanted.name });
      if ('error' in unwrapped) throw new Error(unwrapped.error.message);
      seen++;
      expect(graphOf(parseSound(applyEdits(middle, unwrapped.edits))), middle).toEqual(graphOf(parseSound(text)));
    }),
    options,
  );
  expect(seen).toBeGreaterThan(RUNS / 50);
});

const sliceOf = (text: string, { span }: Statement) => text.slice(span.start, span.end);

/** The names of statements that an edit may change. */
function touched(graph: Graph, wanted: GraphEdit): Set<string> {
  const mentions = (name: string) =>
    Object.keys(graph).filter((by) => JSON.stringify(graph[by]).includes(`"reference":"${name}"`));
  switch (wanted.type) {
    case 'set':
    case 'remove':
    case 'connect':
    case 'disconnect':
    case 'wrap':
    case 'skip':
      return new Set([wanted.node.split('.')[0] as string]);
    case 'rename':
      return new Set([wanted.from, ...mentions(wanted.from)]);
    case 'delete':
    case 'unwrap':
      return new Set([wanted.name, ...mentions(wanted.name)]);
    case 'add':
    case 'add-param':
      return new Set();
  }
}

function checkUntouched(
  text: string,
  before: Document,
  after: string,
  document: Document,
  graph: Graph,
  wanted: GraphEdit,
  about: string,
): void {
  const names = touched(graph, wanted);
  const others = before.statements.filter(({ name }) => !names.has(name.text));
  const same = new Map(document.statements.map((statement) => [statement.name.text, statement]));
  for (const statement of others) {
    const now = same.get(statement.name.text) as Statement;
    expect(sliceOf(after, now), about).toBe(sliceOf(text, statement));
  }
}

/** Comments inside of what the edit replaces or removes go with it; so do those of a deleted statement. */
function lostWith(before: Document, wanted: GraphEdit): { owner: string | null; spans: Span[] } {
  if (wanted.type === 'delete') return { owner: wanted.name, spans: listsThatGo(before, wanted) };
  if (wanted.type === 'rename' || wanted.type === 'add' || wanted.type === 'add-param')
    return { owner: null, spans: [] };
  if (wanted.type === 'wrap' || wanted.type === 'unwrap' || wanted.type === 'skip') return { owner: null, spans: [] };
  const [name, ...steps] = wanted.node.split('.');
  let value = before.statements.find((statement) => statement.name.text === name)?.value;
  for (const step of steps) value = partOf(value, step);
  if (wanted.type === 'set' || wanted.type === 'remove') {
    if (wanted.parameter !== null) value = partOf(value, wanted.parameter);
  } else value = partOf(value, wanted.port) ?? partOf(value, String(wanted.position ?? -1));
  return { owner: null, spans: value ? [spanWithName(before, value.span)] : [] };
}

type Part = Statement['value'] | undefined;

function partOf(value: Part, step: string): Part {
  if (value?.type === 'list') return value.items[Number(step)];
  if (value?.type !== 'call') return undefined;
  const unnamed = value.arguments.filter(({ name }) => !name);
  return (value.arguments.find(({ name }) => name?.text === step) ?? unnamed[/^\d+$/.test(step) ? Number(step) : -1])
    ?.value;
}

/** The span of the argument that holds the value: a comment between `name:` and its value belongs to it. */
function spanWithName(before: Document, span: Span): Span {
  let found = span;
  const visit = (value: Statement['value']): void => {
    if (value.type === 'list') value.items.forEach(visit);
    if (value.type !== 'call') return;
    for (const argument of value.arguments) {
      if (argument.value.span.start === span.start && argument.value.span.end === span.end && argument.name)
        found = argument.span;
      visit(argument.value);
    }
  };
  for (const { value } of before.statements) visit(value);
  return found;
}

/** Arguments and lists that hold nothing but references to a deleted statement. */
function listsThatGo(before: Document, { name, reconnect }: Extract<GraphEdit, { type: 'delete' }>): Span[] {
  const spans: Span[] = [];
  const goes = (value: Statement['value']): boolean => {
    if (value.type === 'reference') return value.name.text === name;
    if (value.type === 'list')
      return value.items.length > 0 && value.items.map(goes).every(Boolean) && spans.push(value.span) > 0;
    if (value.type === 'call') for (const { value: inner, span } of value.arguments) if (goes(inner)) spans.push(span);
    return false;
  };
  if (reconnect === undefined) for (const { value } of before.statements) goes(value);
  return spans;
}

function checkComments(
  before: Document,
  document: Document,
  comments: readonly { text: string; owner: string | null }[],
  lost: { owner: string | null; spans: Span[] },
  about: string,
): void {
  const left = document.comments.map((comment) => comment.text);
  comments.forEach((comment, i) => {
    const { span, text } = before.comments[i] as Comment;
    const gone = comment.owner !== null && comment.owner === lost.owner;
    const inside = lost.spans.some(({ start, end }) => span.start >= start && span.end <= end);
    const count = left.filter((one) => one === text).length;
    if (gone) expect(count, `${text} stays\n${about}`).toBe(0);
    else if (!inside) expect(count, `${text} is lost\n${about}`).toBe(1);
  });
}

/** An edit of one parameter stays inside of its statement; adding changes nothing that was there. */
function checkSmall(
  text: string,
  before: Document,
  edits: readonly TextEdit[],
  wanted: GraphEdit,
  about: string,
): void {
  if (wanted.type === 'add' || wanted.type === 'add-param') {
    expect(
      edits.filter(({ start, end }) => start !== end),
      about,
    ).toEqual([]);
  }
  if (wanted.type === 'rename') {
    for (const { start, end } of edits) expect(text.slice(start, end), about).toBe(wanted.from);
  }
  if ('node' in wanted && wanted.type !== 'wrap') {
    const name = wanted.node.split('.')[0];
    const { span } = before.statements.find((statement) => statement.name.text === name) as Statement;
    for (const { start, end } of edits) expect(start >= span.start && end <= span.end, about).toBe(true);
  }
}
