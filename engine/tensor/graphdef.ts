// TensorFlow graphs as plain data, and their encoding as a SavedModel (the one way into a graph session that tfjs-node offers).
// Message classes come from tfjs-node's own protobuf file; formats: tensorflow/core/framework/{graph,node_def,function}.proto.
import { createRequire } from 'node:module';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** TensorFlow's DataType numbers for the types used here. */
export const DT = { float: 1, int32: 3, string: 7, int64: 9, bool: 10, resource: 20 } as const;
export type DType = (typeof DT)[keyof typeof DT];

export type Attr =
  | { type: DType }
  | { int: number }
  | { ints: number[] }
  | { float: number }
  | { bool: boolean }
  | { text: string }
  | { types: DType[] }
  | { shape: number[] | null }
  | { function: string }
  | { tensor: { dtype: DType; shape: number[]; values: Float32Array | Int32Array | Uint8Array } };

export interface GraphNode {
  name: string;
  op: string;
  /** `name:output`, or `^name` for a control dependency. */
  inputs: string[];
  attrs: Record<string, Attr>;
}

/** A function of the graph's library; its nodes refer to arguments by bare name and to nodes as `name:output`. */
export interface GraphFunction {
  name: string;
  inputs: { name: string; dtype: DType }[];
  /** Result name -> `node:output`. */
  outputs: { name: string; dtype: DType; from: string }[];
  nodes: GraphNode[];
}

export interface Graph {
  nodes: GraphNode[];
  functions: GraphFunction[];
}

// The message classes come without types: methods take and return messages, arrays and scalars.
// biome-ignore lint/suspicious/noExplicitAny: the untyped border to generated code, used in this file only
type Message = any;
type MessageClass = Message;

const require = createRequire(import.meta.url);
let messages: Record<string, MessageClass> | null = null;
function proto(): Record<string, MessageClass> {
  messages ??= require('@tensorflow/tfjs-node-gpu/dist/proto/api_pb.js') as Record<string, MessageClass>;
  return messages;
}

function shapeMessage(shape: number[] | null): Message {
  const { TensorShape } = proto();
  const message = new TensorShape();
  if (shape === null) message.setUnknownRank(true);
  else
    for (const size of shape) {
      const dim = new TensorShape.Dim();
      dim.setSize(size);
      message.addDim(dim);
    }
  return message;
}

function attrMessage(attr: Attr): Message {
  const { AttrValue, NameAttrList, Tensor } = proto();
  const value = new AttrValue();
  if ('type' in attr) value.setType(attr.type);
  else if ('int' in attr) value.setI(attr.int);
  else if ('float' in attr) value.setF(attr.float);
  else if ('bool' in attr) value.setB(attr.bool);
  else if ('text' in attr) value.setS(new TextEncoder().encode(attr.text));
  else if ('shape' in attr) value.setShape(shapeMessage(attr.shape));
  else if ('ints' in attr || 'types' in attr) {
    const list = new AttrValue.ListValue();
    if ('ints' in attr) list.setIList(attr.ints);
    else list.setTypeList(attr.types);
    value.setList(list);
  } else if ('function' in attr) {
    const name = new NameAttrList();
    name.setName(attr.function);
    value.setFunc(name);
  } else {
    const { dtype, shape, values } = attr.tensor;
    const tensor = new Tensor();
    tensor.setDtype(dtype);
    tensor.setTensorShape(shapeMessage(shape));
    tensor.setTensorContent(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    value.setTensor(tensor);
  }
  return value;
}

function nodeMessage(node: GraphNode, input: (reference: string) => string): Message {
  const { NodeDef } = proto();
  const message = new NodeDef();
  message.setName(node.name);
  message.setOp(node.op);
  for (const reference of node.inputs) message.addInput(input(reference));
  const attrs = message.getAttrMap();
  for (const [name, attr] of Object.entries(node.attrs)) attrs.set(name, attrMessage(attr));
  return message;
}

/** Output argument names of the ops that functions contain: inside a function an edge reads `node:argument:index`. */
function outputArgument(op: string, index: number): string {
  const names: Record<string, string[]> = {
    MatMul: ['product'],
    Cast: ['y'],
    Rsqrt: ['y'],
    Sqrt: ['y'],
    Square: ['y'],
    Neg: ['y'],
    Exp: ['y'],
    Sigmoid: ['y'],
    Reciprocal: ['y'],
    Add: ['z'],
    AddV2: ['z'],
    Sub: ['z'],
    Mul: ['z'],
    RealDiv: ['z'],
    Maximum: ['z'],
    Minimum: ['z'],
    GreaterEqual: ['z'],
    RsqrtGrad: ['z'],
    SigmoidGrad: ['z'],
    Transpose: ['y'],
  };
  const output = names[op]?.[index];
  return output === undefined ? `output:${index}` : `${output}:0`;
}

function functionMessage(definition: GraphFunction): Message {
  const { FunctionDef, OpDef } = proto();
  const signature = new OpDef();
  signature.setName(definition.name);
  for (const { name, dtype } of definition.inputs) {
    const argument = new OpDef.ArgDef();
    argument.setName(name);
    argument.setType(dtype);
    signature.addInputArg(argument);
  }
  const ops = new Map(definition.nodes.map((node) => [node.name, node.op]));
  const edge = (reference: string): string => {
    const colon = reference.indexOf(':');
    if (colon < 0) return reference; // an argument
    const name = reference.slice(0, colon);
    const op = ops.get(name);
    if (op === undefined) throw new Error(`function ${definition.name} has no node ${name}`);
    return `${name}:${outputArgument(op, Number(reference.slice(colon + 1)))}`;
  };
  const message = new FunctionDef();
  for (const { name, dtype } of definition.outputs) {
    const argument = new OpDef.ArgDef();
    argument.setName(name);
    argument.setType(dtype);
    signature.addOutputArg(argument);
  }
  message.setSignature(signature);
  for (const node of definition.nodes) message.addNodeDef(nodeMessage(node, edge));
  const results = message.getRetMap();
  for (const { name, from } of definition.outputs) results.set(name, edge(from));
  return message;
}

/** The bytes of saved_model.pb with one meta graph tagged `serve`. */
export function encodeSavedModel(graph: Graph): Uint8Array {
  const { SavedModel, MetaGraphDef, GraphDef, VersionDef, FunctionDefLibrary } = proto();
  const definition = new GraphDef();
  for (const node of graph.nodes) definition.addNode(nodeMessage(node, (reference) => reference));
  const versions = new VersionDef();
  versions.setProducer(1882); // a GraphDef version of TensorFlow 2.17 on: enables today's semantics
  definition.setVersions(versions);
  const library = new FunctionDefLibrary();
  for (const item of graph.functions) library.addFunction(functionMessage(item));
  definition.setLibrary(library);
  const meta = new MetaGraphDef();
  const info = new MetaGraphDef.MetaInfoDef();
  info.addTags('serve');
  meta.setMetaInfoDef(info);
  meta.setGraphDef(definition);
  const model = new SavedModel();
  model.setSavedModelSchemaVersion(1);
  model.addMetaGraphs(meta);
  return model.serializeBinary();
}

/** The addon's interface, as far as it is used. */
export interface Binding {
  executeOp(name: string, attrs: OpAttr[], inputs: number[], outputs: number): TensorInfo[];
  createTensor(shape: number[], dtype: number, values: unknown): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array;
  loadSavedModel(folder: string, tags: string): number;
  deleteSavedModel(id: number): void;
  runSavedModel(id: number, inputs: number[], inputNames: string, outputNames: string): TensorInfo[];
}
export interface OpAttr {
  name: string;
  type: number;
  value: unknown;
}
export interface TensorInfo {
  id: number;
  shape: number[];
  dtype: number;
}

/** Opens a session on the graph: writes it to a temporary folder, loads it, removes the folder. Returns the session's id. */
export function openSession(binding: Binding, graph: Graph): number {
  const folder = mkdtempSync(join(tmpdir(), 'dsk-graph-'));
  try {
    mkdirSync(join(folder, 'variables'));
    writeFileSync(join(folder, 'saved_model.pb'), encodeSavedModel(graph));
    return binding.loadSavedModel(folder, 'serve');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
