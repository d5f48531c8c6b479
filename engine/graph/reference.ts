// The reference of the node kinds, made from their definitions: for the terminal (`dsk nodes`) and as Markdown (REFERENCE.md).
import { isFurther, type Kind, type Param, type Port } from '../nodes/kind.ts';
import { type Shelf, shelves } from './registry.ts';
import { firstSentence, shown, takes, unitOf } from './words.ts';

/** All kinds by stage and group, one line each. */
export function kindList(kinds: readonly Kind[], width = 80): string {
  const longest = Math.max(0, ...kinds.map(({ kind }) => kind.length));
  const parts = shelves(kinds).map((shelf) => {
    const lines = shelf.kinds.flatMap(({ kind, doc }) =>
      hung(`  ${kind.padEnd(longest)}  `, firstSentence(doc), width),
    );
    return [heading(shelf), ...lines].join('\n');
  });
  return `${parts.join('\n\n')}\n`;
}

/** Everything about one kind, for the terminal. */
export function kindText(kind: Kind, width = 80): string {
  const sections = [
    [`${kind.kind}  (${heading({ stage: kind.stage, group: kind.group ?? null })})`],
    paragraphs(kind.doc).flatMap((paragraph, i) => [...(i > 0 ? [''] : []), ...hung('', paragraph, width)]),
    section(
      'Inputs',
      foldedInputs(kind, (name) => name).flatMap(([name, { type, doc, optional }]) => [
        `  ${name}: ${type}${optional ? ' (optional)' : ''}`,
        ...hung('      ', doc, width),
      ]),
    ),
    section(
      'Outputs',
      Object.entries(kind.outputs).map(([name, type], i) => `  ${name}: ${type}${i === 0 ? '' : ` (as NODE.${name})`}`),
    ),
    section(
      'Parameters',
      sortedParams(kind).flatMap(([name, param]) => [
        ...hung(`  ${name}: `, facts(kind, name, param), width, 6),
        ...hung('      ', sentence(param.description), width),
      ]),
    ),
    section(
      'Example',
      kind.example.split('\n').map((line) => `  ${line}`),
    ),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

/** The complete reference as Markdown. */
export function markdown(kinds: readonly Kind[]): string {
  const intro = `# Node kinds

<!-- Made by \`dsk nodes --markdown\` from the kinds' own definitions: change those, not this file. -->

A node is written \`name = kind(input, input: node, parameter: value)\`. Inputs take nodes (\`name\` or \`name.output\`, or a call in
their place), parameters take plain values. Positional arguments stand for the names under **By position**, in that order.
`;
  const contents = shelves(kinds).map(
    (shelf) => `- ${heading(shelf)}: ${shelf.kinds.map(({ kind }) => `[${kind}](#${kind})`).join(', ')}`,
  );
  // "Kinds of" keeps a stage's heading apart from a kind of that name, to which links lead.
  const parts = shelves(kinds).flatMap((shelf) => [
    `## Kinds of ${heading(shelf)}\n`,
    ...shelf.kinds.map((kind) => `#${kindMarkdown(kind)}`),
  ]);
  return [intro, `${contents.join('\n')}\n`, ...parts].join('\n');
}

/** "data: rows", "model" */
function heading({ stage, group }: Pick<Shelf, 'stage' | 'group'>): string {
  return group ? `${stage}: ${group}` : stage;
}

function kindMarkdown(kind: Kind): string {
  const inputs = foldedInputs(kind, (name) => `\`${name}\``).map(([name, { type, doc, optional }]) => {
    return [name, `${type}${optional ? ', optional' : ''}`, doc];
  });
  const params = sortedParams(kind).map(([name, param]) => {
    return [`\`${name}\``, facts(kind, name, param), sentence(param.description)];
  });
  const outputs = Object.entries(kind.outputs).map(([name, type]) => `\`${name}\` (${type})`);
  const positional = folded(kind, kind.positional ?? Object.keys(kind.inputs), (name) => `\`${name}\``);
  const parts = [
    `## ${kind.kind}`,
    kind.doc,
    inputs.length > 0 ? table(['Input', 'Type', ''], inputs) : null,
    params.length > 0 ? table(['Parameter', 'Takes', ''], params) : null,
    `**Gives** ${outputs.join(', ')}.${positional.length > 0 ? ` **By position** ${positional.join(', ')}.` : ''}`,
    `\`\`\`\n${kind.example}\n\`\`\``,
  ];
  return `${parts.filter((part) => part !== null).join('\n\n')}\n`;
}

/** Inputs by name; many that stand in for a list are one, "table3 ... table16". */
function foldedInputs(kind: Kind, write: (name: string) => string): [string, Port][] {
  const names = Object.keys(kind.inputs).filter((name) => !isFurther(kind.inputs, name));
  return folded(kind, Object.keys(kind.inputs), write).map((text, i) => [
    text,
    kind.inputs[names[i] as string] as Port,
  ]);
}

function folded(kind: Kind, names: readonly string[], write: (name: string) => string): string[] {
  const last = names.findLast((name) => isFurther(kind.inputs, name));
  return names
    .filter((name) => !isFurther(kind.inputs, name))
    .map((name) =>
      last !== undefined && kind.inputs[name]?.after ? `${write(name)} ... ${write(last)}` : write(name),
    );
}

/** "a whole number from 1 to 64, in tokens; default 8" */
function facts(kind: Kind, name: string, param: Param): string {
  const what = { path: ', a path', expression: ', a DuckDB expression', column: ', a column' };
  const format = param.format ? what[param.format] : '';
  const state = kind.required?.includes(name)
    ? '; required'
    : param.default === undefined || param.default === null
      ? ''
      : `; default ${shown(param.default)}`;
  return `${takes(param)}${format}${unitOf(name, param)}${state}`;
}

/** The common ones first. */
function sortedParams(kind: Kind): [string, Param][] {
  const params = Object.entries(kind.params);
  return [...params.filter(([, { advanced }]) => !advanced), ...params.filter(([, { advanced }]) => advanced)];
}

function section(title: string, lines: string[]): string[] {
  return lines.length > 0 ? [title, ...lines] : [];
}

function paragraphs(text: string): string[] {
  return text.split(/\n\s*\n/).map((paragraph) => paragraph.trim().replace(/\s*\n\s*/g, ' '));
}

/** Text broken between words: behind `first` on the first line, and under the end of `first`, or `indent`, on the others. */
function hung(first: string, text: string, width: number, indent = first.length): string[] {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of text.split(' ')) {
    if (!empty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = ' '.repeat(indent);
      empty = true;
    }
    line += `${empty ? '' : ' '}${word}`;
    empty = false;
  }
  return [...lines, line];
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** A Markdown table with aligned columns, as formatters leave it. */
function table(head: readonly string[], rows: readonly string[][]): string {
  const cells = [head, ...rows].map((row) => row.map((text) => text.replaceAll('|', '\\|').replace(/\s*\n\s*/g, ' ')));
  const widths = head.map((_, i) => Math.max(3, ...cells.map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]) => `| ${row.map((text, i) => text.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  const rule = widths.map((width) => '-'.repeat(width));
  const [title = [], ...body] = cells;
  return [title, rule, ...body].map(line).join('\n');
}
