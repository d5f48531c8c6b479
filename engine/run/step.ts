// One step of a run: the context its kind works in, and what becomes of what it reports.
import { cp, readFile, rm } from 'node:fs/promises';
import { resolve as resolvePath } from 'node:path';
import { publishFolder, replaceFile, temporaryName, writeFile } from '../data/atomic.ts';
import { findFiles, inputPath, outputPath, type PathOptions } from '../data/paths.ts';
import type { Graph, Node } from '../graph/graph.ts';
import type { Checkpoints, Commands, KindLookup, Progress, RunContext, RunFiles, StepEvent } from '../nodes/context.ts';
import {
  type Artifact,
  type Artifacts,
  isView,
  type PortType,
  type Ref,
  type Specs,
  type Table,
} from '../nodes/values.ts';
import type { Services } from './services.ts';

export interface StepInput {
  node: Node;
  graph: Graph;
  kinds: KindLookup;
  services: Services;
  checkpoints: Checkpoints;
  paths: PathOptions;
  /** Where the step's results go. */
  draft: string;
  /** Where finished parts of it are kept until it is done. */
  parts: string;
  /** Artifacts of the steps before, by node and output. */
  artifacts: ReadonlyMap<string, Record<string, Artifact>>;
  memo: RunContext<unknown>['memo'];
  commands: Commands;
  progress(progress: Progress): void;
  step(event: StepEvent): void;
  experts: RunContext<unknown>['experts'];
  back: RunContext<unknown>['back'];
  sample: RunContext<unknown>['sample'];
  log(message: string): void;
  warn(message: string): void;
  signal: AbortSignal;
}

/** What the node's kind is given. */
export function stepContext(input: StepInput): RunContext<Record<string, unknown>> {
  const { node, graph, artifacts, services } = input;
  const inputs: Record<string, Specs[PortType]> = {};
  const sources: Record<string, Ref> = {};
  for (const [port, source] of Object.entries(node.inputs)) {
    const spec = graph.byPath.get(source.node)?.outputs?.[source.output];
    if (spec) inputs[port] = spec;
    sources[port] = { node: source.node, output: source.output };
  }
  const resolve = (ref: Ref): Artifact => {
    const artifact = artifacts.get(ref.node)?.[ref.output];
    if (!artifact) throw new Error(`${node.path} needs ${ref.node}.${ref.output}, which no step before it has made`);
    return artifact;
  };
  const given = <T extends Artifact['type']>(port: string, type: T): Extract<Artifact, { type: T }> => {
    const source = node.inputs[port];
    if (!source) throw new Error(`${node.path} has no input ${port}`);
    const artifact = resolve(source);
    if (artifact.type !== type) throw new Error(`${node.path}.${port} is a ${artifact.type}, not a ${type}`);
    return artifact as Extract<Artifact, { type: T }>;
  };
  return {
    params: node.params,
    node: node.path,
    inputs,
    sources,
    artifact<T extends keyof Artifacts>(port: string, type: T): Artifacts[T] {
      const artifact: Artifact = given(port, type);
      if (artifact.type === 'table' && isView(artifact)) throw new Error(`${node.path}.${port} is not stored`);
      return artifact as Artifacts[T];
    },
    table: (port): Table => given(port, 'table'),
    resolve,
    outputs: node.outputs ?? {},
    files: stepFiles(input.draft, input.paths),
    parts: input.parts,
    tables: services.tables,
    tokenizers: services.tokenizers,
    weights: services.weights,
    tokens: services.tokens,
    records: services.records,
    commands: input.commands,
    memo: input.memo,
    tensors: services.tensors,
    kinds: input.kinds,
    checkpoints: input.checkpoints,
    progress: seldom(input.progress),
    step: input.step,
    experts: input.experts,
    back: input.back,
    sample: input.sample,
    log: input.log,
    warn: input.warn,
    signal: input.signal,
  };
}

function stepFiles(draft: string, paths: PathOptions): RunFiles {
  return {
    folder: draft,
    join: (...parts) => resolvePath(draft, ...parts),
    input: (path) => inputPath(path, paths),
    glob: (pattern) => findFiles(pattern, paths).map((file) => file.path),
    output: (path, own) => outputPath(path, paths, own),
    readText: (path) => readFile(path, 'utf8'),
    writeText: (path, text) => writeFile(path, text),
    copy: (from, to) => replaceFile(to, (temporary) => cp(from, temporary)),
    publish,
  };
}

/** Onto another disk, where renaming does not reach, by way of a copy beside the target. */
async function publish(from: string, to: string): Promise<void> {
  try {
    await publishFolder(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    const beside = temporaryName(to);
    try {
      await cp(from, beside, { recursive: true });
      await publishFolder(beside, to);
    } finally {
      await rm(beside, { recursive: true, force: true });
    }
  }
}

/** Lets a report through ten times a second, and always the last. */
function seldom(progress: (progress: Progress) => void): (progress: Progress) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (report) => {
    const now = performance.now();
    if (now - last < 100 && report.done < report.total) return;
    last = now;
    progress(report);
  };
}
