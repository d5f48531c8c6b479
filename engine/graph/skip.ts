// Skipped nodes: what reads one gets what it reads instead, so that graph, plan and keys are as if it were not there.
import type { Fix } from '../../grammar/diagnostic.ts';
import type { Input, Node } from './graph.ts';
import type { ReadNode } from './nodes.ts';
import { type Report, replace } from './report.ts';
import { aType } from './words.ts';

/** The nodes with inputs that lead past skipped ones. Inputs that cannot are reported and left out. */
export function passSkipped(read: readonly ReadNode[], report: Report): readonly ReadNode[] {
  if (!read.some(({ node }) => node.skipped)) return read;
  const nodes = new Map(read.map(({ node }) => [node.path, node]));
  const live = passedInline(nodes);
  return read.map(({ node, sound }) => {
    const skipped = node.skipped && !live.has(node.path);
    const inputs: Record<string, Input> = {};
    let whole = true;
    for (const [port, input] of Object.entries(node.inputs)) {
      const { found, stuck } = follow(input, nodes);
      if (found === input) inputs[port] = input;
      else if (found) inputs[port] = { ...found, span: input.span, via: { node: input.node, output: input.output } };
      else {
        whole = false;
        // what is skipped itself needs nothing until somebody reads it
        if (stuck && !skipped) reportStuck(input, stuck.node, stuck.output, report);
      }
    }
    return { node: { ...node, skipped, inputs }, sound: sound && whole };
  });
}

/** Inline nodes of skipped statements that somebody gets passed on: they run, and so does what is written inside of them. */
function passedInline(nodes: ReadonlyMap<string, Node>): Set<string> {
  const live = new Set<string>();
  const open = [...nodes.values()].filter(({ skipped }) => !skipped);
  for (let node = open.pop(); node; node = open.pop()) {
    for (const input of Object.values(node.inputs)) {
      const source = nodes.get(follow(input, nodes).found?.node ?? '');
      if (!source?.skipped || source.owner === null || live.has(source.path)) continue;
      live.add(source.path);
      open.push(source);
    }
  }
  return live;
}

interface Followed {
  /** What an input gets in the end. Of skipped nodes that read each other it is the input itself: the check reports all cycles. */
  readonly found: Input | null;
  /** The skipped node that has nothing to pass on. */
  readonly stuck?: { readonly node: Node; readonly output: string };
}

function follow(input: Input, nodes: ReadonlyMap<string, Node>): Followed {
  const seen = new Set<string>();
  let now = input;
  for (let node = nodes.get(now.node); node?.skipped && !node.owner; node = nodes.get(now.node)) {
    if (seen.has(node.path)) return { found: input };
    seen.add(node.path);
    const next = passedBy(node, now.output);
    if (!next) return { found: null, stuck: { node, output: now.output } };
    now = next;
  }
  return { found: now };
}

/** The input that a node passes on as one of its outputs: the first connected one of that type. */
function passedBy({ kind, inputs }: Node, output: string): Input | null {
  const type = kind.outputs[output];
  const port = Object.keys(kind.inputs).find((name) => kind.inputs[name]?.type === type && inputs[name]);
  return (port !== undefined && inputs[port]) || null;
}

function reportStuck(input: Input, { kind, given, path, spans }: Node, output: string, report: Report): void {
  const type = kind.outputs[output] as string;
  const ports = Object.keys(kind.inputs).filter((name) => kind.inputs[name]?.type === type);
  if (ports.some((name) => given.has(name))) return; // wrongly connected, which is reported there
  const why =
    ports.length > 0
      ? `nothing is connected to its input \`${ports[0]}\``
      : `\`${kind.kind}\` has no input of type ${type} to pass on`;
  const fix: Fix | null =
    spans.skip && replace({ start: spans.skip.start, end: spans.skip.end + 1 }, '', `run \`${path}\``);
  report.error('skip-no-input', input.span, `\`${path}\` cannot be skipped: ${why}`, {
    notes: [`this reads ${aType(type)} from it; read another node, or take \`skip\` away`],
    fixes: [fix],
  });
}

/** What is known of a skipped node's outputs: what it passes on. */
export function passedOutputs(node: Node, byPath: ReadonlyMap<string, Node>): Node['outputs'] {
  const outputs: Record<string, NonNullable<Node['outputs']>[string]> = {};
  for (const output of Object.keys(node.kind.outputs)) {
    const input = passedBy(node, output);
    const spec = input && byPath.get(input.node)?.outputs?.[input.output];
    if (spec) outputs[output] = spec;
  }
  return Object.keys(outputs).length > 0 ? outputs : null;
}
