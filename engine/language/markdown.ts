// Markdown for hovers and completions: what kinds, parameters, ports and results are. Prose from kinds may hold any characters, so
// whoever shows it must not take HTML from it.

import type { Kinds } from '../graph/registry.ts';
import { aType, firstSentence, shown, takes, unitOf } from '../graph/words.ts';
import { decoderCost } from '../nodes/decoder.ts';
import { isFurther, type Kind, type Param, type Port } from '../nodes/kind.ts';
import type { Architecture, PortType, Specs, TableSpec } from '../nodes/values.ts';

const known = new WeakMap<Kind, string>();

/** Everything a user must know of a kind: how it is written, what it does, an example. */
export function kindMarkdown(kind: Kind): string {
  const made = known.get(kind);
  if (made !== undefined) return made;
  const text = [`${code(signatureOf(kind))}`, prose(kind.doc), '**Example**', code(kind.example)].join('\n\n');
  known.set(kind, text);
  return text;
}

/** `filter(table, where: text) -> table` */
export function signatureOf(kind: Kind): string {
  return `${kind.kind}(${argumentsOf(kind)
    .map(({ label }) => label)
    .join(', ')}) -> ${resultOf(kind)}`;
}

/** What a kind's node gives, in the order of its outputs. */
export function resultOf(kind: Kind): string {
  const outputs = Object.entries(kind.outputs);
  if (outputs.length === 1) return outputs[0]?.[1] ?? '';
  return outputs.map(([name, type]) => (name === type ? name : `${name}: ${type}`)).join(', ');
}

/** The arguments of a kind as one reads them: those without a name first, then inputs, then parameters, common ones first. */
export function argumentsOf(kind: Kind): { name: string; label: string }[] {
  const order = (kind.positional ?? Object.keys(kind.inputs)).filter((name) => !isFurther(kind.inputs, name));
  const rest = [...Object.keys(kind.inputs), ...paramNames(kind)].filter(
    (name) => !order.includes(name) && !isFurther(kind.inputs, name),
  );
  return [...order, ...rest].map((name) => {
    const port = kind.inputs[name];
    const param = kind.params[name];
    const optional = port ? port.optional === true : !kind.required?.includes(name);
    const mark = optional ? '?' : '';
    const type = port ? port.type : param ? brief(param) : '';
    return { name, label: `${name}${mark}: ${type}` };
  });
}

/** Names of a kind's parameters, required ones first and advanced ones last. */
export function paramNames(kind: Kind): string[] {
  const rank = (name: string) => (kind.required?.includes(name) ? 0 : kind.params[name]?.advanced ? 2 : 1);
  return Object.keys(kind.params).sort((a, b) => rank(a) - rank(b));
}

/** A type in one word or two. */
export function brief(param: Param): string {
  if (param.enum) return param.enum.map(shown).join(' | ');
  const words: Record<string, string> = {
    integer: 'integer',
    number: 'number',
    string: param.format ?? 'text',
    boolean: 'true | false',
    array: 'list',
  };
  return [param.type ?? 'string']
    .flat()
    .map((type) => words[type] ?? type)
    .join(' | ');
}

export function paramMarkdown(kind: Kind, name: string): string {
  const param = kind.params[name] as Param;
  const { default: fallback } = param;
  const state = kind.required?.includes(name)
    ? 'Required.'
    : fallback === undefined || fallback === null
      ? ''
      : `Default: \`${shown(fallback)}\`.`;
  const forms = { path: ' It is a path.', expression: ' It is a DuckDB expression.', column: ' It names a column.' };
  const form = param.format ? forms[param.format] : '';
  return [
    `**${name}** (parameter of \`${kind.kind}\`)`,
    sentence(param.description),
    `Takes ${takes(param)}${unitOf(name, param)}.${form} ${state}`.trim(),
  ].join('\n\n');
}

export function portMarkdown(kind: Kind, name: string): string {
  const port = kind.inputs[name] as Port;
  return [
    `**${name}** (input of \`${kind.kind}\`)`,
    sentence(port.doc),
    `Takes ${aType(port.type)}.${port.optional ? ' May be left out.' : ''}`,
  ].join('\n\n');
}

/** What is known of an output before anything runs, in a sentence; empty where that is nothing. */
export function specMarkdown(type: PortType, spec: Specs[PortType] | null, kinds: Kinds): string {
  if (!spec) return '';
  if (type === 'table') return tableMarkdown(spec as TableSpec);
  if (type === 'tokenizer') {
    const { size } = spec as Specs['tokenizer'];
    return size === null ? '' : `${grouped(size)} entries.`;
  }
  if ('architecture' in spec) return architectureMarkdown(spec.architecture, kinds);
  if ('fields' in spec) return spec.fields.length > 0 ? `Fields: ${spec.fields.map(tick).join(', ')}.` : '';
  if (type === 'file' && 'path' in spec) return `${tick((spec as Specs['file']).path)}`;
  return '';
}

function tableMarkdown({ columns, rows, rowsEstimate }: TableSpec): string {
  const count =
    rows !== null
      ? `${grouped(rows)} rows. `
      : rowsEstimate !== undefined
        ? `About ${grouped(rowsEstimate)} rows. `
        : '';
  if (!columns) return count.trim();
  const names = Object.entries(columns).map(([name, type]) => `${tick(name)} ${type}`);
  const more = names.length > 20 ? `, ${names.length - 20} more` : '';
  return `${count}Columns: ${names.slice(0, 20).join(', ')}${more}.`;
}

function architectureMarkdown(architecture: Architecture, kinds: Kinds): string {
  const { dim, vocab, blocks, head } = architecture;
  const layers = blocks.reduce((sum, block) => sum + block.repeat, 0);
  const shape = `Width ${grouped(dim)}, ${grouped(layers)} ${layers === 1 ? 'layer' : 'layers'}, ${grouped(vocab)} tokens.`;
  if (!head) return shape;
  const { parameters, activeParameters } = decoderCost(kinds, architecture, 1);
  const sparse = activeParameters < parameters - vocab * dim; // the table at the model's entrance is looked up, not multiplied
  return `${shape} ${grouped(parameters)} parameters${sparse ? `, ${grouped(activeParameters)} active for a token` : ''}.`;
}

export const code = (text: string) => `\`\`\`dsk\n${text}\n\`\`\``;
export const tick = (text: string) => (text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``);
const grouped = (count: number) => Math.round(count).toLocaleString('en-US');
const sentence = (text: string) =>
  /[.!?。！？]$/.test(text) ? text : `${text}${/\p{Script=Han}/u.test(text) ? '。' : '.'}`;

const openings = new Map<string, string>();

/** A documentation's first sentence with its full stop. */
export function opening(doc: string): string {
  const made = openings.get(doc) ?? sentence(firstSentence(doc));
  openings.set(doc, made);
  return made;
}

/** Lines of one paragraph joined, as Markdown would read them anyway. */
function prose(doc: string): string {
  return doc
    .trim()
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.replace(/\s*\n\s*/g, ' '))
    .join('\n\n');
}
