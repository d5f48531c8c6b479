// Notes down what kernels would do, as a TensorFlow graph: an executor whose tensors are edges of the graph with a shape. Nothing
// is computed, so recording a step takes milliseconds and no memory.
import { type Attr, DT, type DType, type Graph, type GraphNode, type OpAttr } from './graphdef.ts';
import type { T, Values } from './kernels.ts';
import { type Executor, types } from './native.ts';
import { sketch } from './shapes.ts';

const names = new Map(Object.entries(types).map(([name, type]) => [type, name]));

/** Stands for a tensor: an output of a node. */
class Edge {
  readonly reference: string;
  readonly shape: number[];
  readonly type: DType;
  /** Where it is a constant. */
  readonly values: Values | null;
  readonly isDisposed = false;
  constructor(reference: string, shape: number[], type: DType, values: Values | null = null) {
    this.reference = reference;
    this.shape = shape;
    this.type = type;
    this.values = values;
  }
  get dtype(): string {
    return names.get(this.type) ?? 'unknown';
  }
  get size(): number {
    return this.shape.reduce((a, b) => a * b, 1);
  }
  clone(): this {
    return this;
  }
  dispose(): void {
    // Edges hold nothing.
  }
}

// Kernels take tfjs tensors; of those they use only what an Edge has too.
const asTensor = (edge: Edge): T => edge as unknown as T;
const asEdge = (tensor: T): Edge => {
  const edge = tensor as unknown;
  if (edge instanceof Edge) return edge;
  throw new Error('a tensor with values of its own was used while recording: make it with kernels.constant');
};

export class Recorder implements Executor {
  private readonly nodes: GraphNode[] = [];
  private readonly constants = new Map<string, string>();
  /** Control dependencies of the nodes that are being added. */
  private after: string[] = [];

  execute = (op: string, inputs: T[], attrs: OpAttr[], outputs: number): T[] => {
    const edges = inputs.map(asEdge);
    const plain = Object.fromEntries(attrs.map(({ name, value }) => [name, value]));
    const known = edges.map(({ shape, type, values }) => ({ shape, dtype: type, values }));
    const sketched = sketch(op, known, plain, outputs);
    const references = [...edges.map(({ reference }) => reference), ...this.after];
    const name = this.emit(op, references, Object.fromEntries(attrs.map((attr) => [attr.name, convert(attr)])));
    return sketched.map(({ shape, dtype }, i) => asTensor(new Edge(`${name}:${i}`, shape, dtype)));
  };

  constant = (values: Values, shape: number[], dtype: 'float32' | 'int32' | 'bool'): T => {
    const type = types[dtype];
    const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');
    const key = `${dtype} ${shape.join()} ${bytes}`;
    const name =
      this.constants.get(key) ??
      this.emit('Const', [], { dtype: { type }, value: { tensor: { dtype: type, shape, values } } });
    this.constants.set(key, name);
    return asTensor(new Edge(`${name}:0`, shape, type, values));
  };

  /** The control dependency keeps TensorFlow from merging the new nodes with the equal ones of the forward pass. */
  again = (after: T, _: T, remake: () => T): T => this.following(after, remake);

  following = <R>(after: T, body: () => R): R => this.behind([asEdge(after).reference.split(':')[0]], body);

  /** As `following`, after nodes. */
  behind<R>(nodes: string[], body: () => R): R {
    const outer = this.after;
    this.after = nodes.map((node) => `^${node}`);
    try {
      return body();
    } finally {
      this.after = outer;
    }
  }

  // Nothing to free.
  tidy: Executor['tidy'] = (body) => body();
  keep = (x: T): T => x;

  /** A tensor that is fed in each call. */
  placeholder(name: string, shape: number[], dtype: 'float32' | 'int32'): T {
    const type = types[dtype];
    this.emit('Placeholder', [], { dtype: { type }, shape: { shape } }, name);
    return asTensor(new Edge(`${name}:0`, shape, type));
  }

  /** The tensor that an emitted node gives. */
  edge(reference: string, shape: number[]): T {
    return asTensor(new Edge(reference, shape, DT.float));
  }

  /** The node output that a tensor stands for. */
  reference(tensor: T): string {
    return asEdge(tensor).reference;
  }

  /** Adds a node of any kind. Returns its name. */
  emit(op: string, inputs: string[], attrs: Record<string, Attr>, name = `${op}_${this.nodes.length}`): string {
    this.nodes.push({ name, op, inputs, attrs });
    return name;
  }

  graph(): Graph {
    return { nodes: this.nodes };
  }
}

function convert({ name, type, value }: OpAttr): Attr {
  if (type === 0) return { text: value as string };
  if (type === 1) return Array.isArray(value) ? { ints: value as number[] } : { int: value as number };
  if (type === 3) return { bool: value as boolean };
  if (type === 4) return { type: value as DType };
  throw new Error(`attribute ${name} has a type (${type}) that recording does not know`);
}
