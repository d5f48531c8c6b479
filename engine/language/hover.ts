// Hover: what the thing under the cursor is, as Markdown.
import type { Span } from '../../grammar/diagnostic.ts';
import type { Expression, Reference } from '../../grammar/tree.ts';
import type { Checked, GraphParam, Node } from '../graph/graph.ts';
import type { Kinds } from '../graph/registry.ts';
import { aType, shown } from '../graph/words.ts';
import { outputsOf } from './calls.ts';
import { type Holder, nodeOf, placeAt, slotOf } from './find.ts';
import { code, kindMarkdown, opening, paramMarkdown, portMarkdown, resultOf, specMarkdown, tick } from './markdown.ts';

export interface Hover {
  readonly span: Span;
  readonly markdown: string;
}

export function hover(checked: Checked, kinds: Kinds, offset: number): Hover | null {
  const place = placeAt(checked, offset);
  if (!place) return null;
  const { span } = place;
  const say = (markdown: string | null) => (markdown === null ? null : { span, markdown });
  switch (place.type) {
    case 'definition':
      return say(nameMarkdown(place.statement.name.text, checked, kinds));
    case 'kind': {
      const kind = kinds.get(place.call.kind.text);
      const node = kind && nodeOf(checked, place.call);
      return say(kind ? join(kindMarkdown(kind), node ? specs(node, kinds) : '') : null);
    }
    case 'argument':
      return say(argumentMarkdown(place, checked, kinds));
    case 'reference':
      return say(nameMarkdown(place.reference.name.text, checked, kinds, place.reference));
    case 'output':
      return say(nameMarkdown(place.reference.name.text, checked, kinds, place.reference));
    case 'value':
      return say(valueMarkdown(place.value, place.holder, checked));
  }
}

function argumentMarkdown({ call, argument }: Holder, checked: Checked, kinds: Kinds): string | null {
  const kind = kinds.get(call.kind.text);
  const name = argument.name?.text;
  if (!kind || name === undefined) return null;
  if (Object.hasOwn(kind.inputs, name)) return portMarkdown(kind, name);
  if (!Object.hasOwn(kind.params, name)) return null;
  const value = nodeOf(checked, call)?.params[name];
  const set = argument.value.type === 'reference' && value !== undefined ? `Here: ${tick(shown(value))}.` : '';
  return join(paramMarkdown(kind, name), set);
}

/** A plain value says what it is given to; a param's value says nothing that it does not show. */
function valueMarkdown(value: Expression, holder: Holder | null, checked: Checked): string | null {
  const slot = holder && slotOf(checked, holder);
  if (!slot || !Object.hasOwn(slot.node.kind.params, slot.name)) return null;
  const exact = value.type === 'number' && value.percent ? `${value.text} is ${value.value}.` : '';
  return join(paramMarkdown(slot.node.kind, slot.name), exact);
}

function nameMarkdown(name: string, { graph }: Checked, kinds: Kinds, reference?: Reference): string | null {
  const param = graph.params.find((each) => each.name === name);
  if (param) return paramText(param);
  const node = graph.byPath.get(name);
  if (!node) return null;
  const outputs = outputsOf(node);
  const output = reference?.output
    ? outputs.find((each) => each.name === reference.output?.text)
    : reference
      ? outputs[0]
      : undefined;
  if (reference && !output) return null;
  const title = output
    ? `${name}${reference?.output ? `.${output.name}` : ''}: ${output.type}`
    : `${name} = ${node.kind.kind}(...) -> ${resultOf(node.kind)}`;
  const from = output
    ? `${capital(aType(output.type))} from \`${node.kind.kind}\`. ${opening(node.kind.doc)}`
    : opening(node.kind.doc);
  return join(
    code(title),
    node.documentation ?? '',
    node.skipped ? 'Skipped: it is not run, and what reads it gets what it reads.' : '',
    from,
    output ? specMarkdown(output.type, output.spec, kinds) : specs(node, kinds),
  );
}

function paramText({ name, value, set, documentation }: GraphParam): string {
  return join(code(`param ${name} = ${shown(value)}`), documentation ?? '', set ? 'Set on the command line.' : '');
}

/** What is known of each of a node's outputs. */
function specs(node: Node, kinds: Kinds): string {
  const known = outputsOf(node).flatMap(({ name, type, spec }) => {
    const text = specMarkdown(type, spec, kinds);
    return text === '' ? [] : [{ name, text }];
  });
  if (known.length === 1) return known[0]?.text ?? '';
  return known.map(({ name, text }) => `- **${name}**: ${text}`).join('\n');
}

const join = (...parts: readonly string[]) => parts.filter((part) => part !== '').join('\n\n');
const capital = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1);
