// Records what runs: while a recorder listens, every op that the addon executes is appended to a graph as a node. Shapes and
// errors are those of the real, eager execution; the graph then repeats the same computation in one call.
import {
  type Attr,
  DT,
  type DType,
  type Graph,
  type GraphFunction,
  type GraphNode,
  type OpAttr,
  type TensorInfo,
} from './graphdef.ts';
import type { T, Values } from './kernels.ts';
import type { FusionScope, NodeBackend } from './native.ts';

interface Host {
  dtype: DType;
  shape: number[];
  values: Values;
}

/** Where nodes go: the graph itself, or the body of a function being recorded. */
interface Target {
  nodes: GraphNode[];
  /** Tensor id -> `node:output` or, in a function, an argument's name. */
  references: Map<number, string>;
  /** Constants already placed here, by content. */
  constants: Map<string, string>;
  /** In a function: outer tensors in the order of its arguments. */
  captured: { id: number; name: string; dtype: DType }[] | null;
}

type IdBackend = NodeBackend & { getInputTensorIds(tensors: T[]): number[] };

export class Recorder implements FusionScope {
  private readonly backend: IdBackend;
  private readonly original: IdBackend['binding'];
  /** Values that came from JavaScript since the recording began. */
  private readonly host = new Map<number, Host>();
  private readonly dtypes = new Map<number, DType>();
  private readonly functions = new Map<string, GraphFunction>();
  private readonly main: Target = { nodes: [], references: new Map(), constants: new Map(), captured: null };
  private target = this.main;
  private readonly compile: boolean;

  /** With `compile`, fused bodies become functions that XLA compiles; otherwise their ops stand in the graph. */
  constructor(backend: NodeBackend, compile: boolean) {
    this.backend = backend as IdBackend;
    this.original = backend.binding;
    this.compile = compile;
  }

  /** Runs `body` with every op noted down. */
  record<R>(body: () => R): R {
    const { original } = this;
    this.backend.binding = {
      // The addon's properties are read-only and not enumerable: copied by name.
      ...Object.fromEntries(Object.getOwnPropertyNames(original).map((name) => [name, original[name]])),
      executeOp: (name: string, attrs: OpAttr[], inputs: number[], outputs: number) => {
        const results = original.executeOp(name, attrs, inputs, outputs);
        this.append(name, attrs, inputs, results);
        return results;
      },
      createTensor: (shape: number[], dtype: number, values: unknown) => {
        const id = original.createTensor(shape, dtype, values);
        this.host.set(id, { dtype: dtype as DType, shape: [...shape], values: values as Values });
        return id;
      },
    } as IdBackend['binding'];
    try {
      return body();
    } finally {
      this.backend.binding = original;
    }
  }

  /** Says that a tensor stands for this output of a node of the graph (a placeholder, a variable's value). */
  bind(tensor: T, reference: string): void {
    const [id] = this.backend.getInputTensorIds([tensor]);
    this.main.references.set(id, reference);
  }

  /** The node output that computes a recorded tensor. */
  reference(tensor: T): string {
    const [id] = this.backend.getInputTensorIds([tensor]);
    return this.resolve(this.main, id);
  }

  /** Adds a node that has no eager counterpart (variables, updates, placeholders). Returns its name. */
  emit(op: string, inputs: string[], attrs: Record<string, Attr>, name?: string): string {
    const node: GraphNode = { name: name ?? `${op}_${this.main.nodes.length}`, op, inputs, attrs };
    this.main.nodes.push(node);
    return node.name;
  }

  graph(): Graph {
    return { nodes: this.main.nodes, functions: [...this.functions.values()] };
  }

  fuse(inputs: T[], body: (inputs: T[]) => T[]): T[] {
    if (!this.compile || this.target !== this.main) return body(inputs);
    const ids = this.backend.getInputTensorIds(inputs);
    const target: Target = { nodes: [], references: new Map(), constants: new Map(), captured: [] };
    for (const id of ids) this.capture(target, id);
    this.target = target;
    let results: T[];
    try {
      results = body(inputs);
    } finally {
      this.target = this.main;
    }
    const resultIds = this.backend.getInputTensorIds(results);
    const outputs = resultIds.map((id, i) => ({
      name: `result_${i}`,
      dtype: this.dtypes.get(id) ?? DT.float,
      from: this.resolve(target, id),
    }));
    const captured = target.captured ?? [];
    const definition = { inputs: captured.map(({ name, dtype }) => ({ name, dtype })), outputs, nodes: target.nodes };
    const key = JSON.stringify(definition, (_, v) => (ArrayBuffer.isView(v) ? [...(v as unknown as number[])] : v));
    const known = this.functions.get(key) ?? { name: `fused_${this.functions.size}`, ...definition };
    this.functions.set(key, known);
    const call = this.emit(
      'PartitionedCall',
      captured.map(({ id }) => this.resolve(this.main, id)),
      {
        Tin: { types: captured.map(({ dtype }) => dtype) },
        Tout: { types: outputs.map(({ dtype }) => dtype) },
        f: { function: known.name },
        config: { text: '' },
        config_proto: { text: '' },
        executor_type: { text: '' },
        _XlaMustCompile: { bool: true },
      },
    );
    resultIds.forEach((id, i) => this.main.references.set(id, `${call}:${i}`));
    return results;
  }

  private append(op: string, attrs: OpAttr[], inputs: number[], results: TensorInfo[]): void {
    const { target } = this;
    const references = inputs.map((id) => this.resolve(target, id)); // may place constants
    const node: GraphNode = {
      name: `${op}_${target.nodes.length}`,
      op,
      inputs: references,
      attrs: Object.fromEntries(attrs.map((attr) => [attr.name, convert(attr)])),
    };
    target.nodes.push(node);
    results.forEach(({ id, dtype }, output) => {
      this.dtypes.set(id, dtype as DType);
      target.references.set(id, `${node.name}:${output}`);
    });
  }

  private capture(target: Target, id: number): string {
    const name = `argument_${target.captured?.length ?? 0}`;
    const dtype = this.dtypes.get(id) ?? this.host.get(id)?.dtype ?? DT.float;
    target.captured?.push({ id, name, dtype });
    target.references.set(id, name);
    return name;
  }

  private resolve(target: Target, id: number): string {
    const known = target.references.get(id);
    if (known !== undefined) return known;
    if (target.captured !== null && this.main.references.has(id)) return this.capture(target, id);
    const host = this.host.get(id);
    if (host === undefined)
      throw new Error(`tensor ${id} was made before the recording began: bind it or make it inside`);
    const { dtype, shape, values } = host;
    const key = `${dtype} ${shape.join()} ${Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64')}`;
    let name = target.constants.get(key);
    if (name === undefined) {
      name = `Const_${target.nodes.length}`;
      target.nodes.push({
        name,
        op: 'Const',
        inputs: [],
        attrs: { dtype: { type: dtype }, value: { tensor: { dtype, shape, values: values.slice() } } },
      });
      target.constants.set(key, name);
    }
    const reference = `${name}:0`;
    target.references.set(id, reference);
    return reference;
  }
}

function convert({ name, type, value }: OpAttr): Attr {
  switch (type) {
    case 1:
      return Array.isArray(value) ? { ints: value as number[] } : { int: value as number };
    case 2:
      return { float: value as number };
    case 3:
      return { bool: value as boolean };
    case 4:
      return { type: value as DType };
    case 0:
      return { text: value as string };
    case 5:
      return { shape: value as number[] };
    default:
      throw new Error(`attribute ${name} has a type (${type}) that recording does not know`);
  }
}
