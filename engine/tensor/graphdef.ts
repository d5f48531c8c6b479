// TensorFlow graphs as plain data, and their encoding as a SavedModel (the one way into a graph session that tfjs-node offers).
// Message classes come from tfjs-node's own protobuf file; formats: tensorflow/core/framework/{graph,node_def,function}.proto.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** TensorFlow's DataType numbers for the types used here. */
export const DT = {
  float: 1,
  int32: 3,
  string: 7,
  int64: 9,
  bool: 10,
  bfloat16: 14,
  float16: 19,
  resource: 20,
} as const;
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
  | { tensor: { dtype: DType; shape: number[]; values: Float32Array | Int32Array | Uint8Array } };

export interface GraphNode {
  name: string;
  op: string;
  /** `name:output`, or `^name` for a control dependency. */
  inputs: string[];
  attrs: Record<string, Attr>;
}

export interface Graph {
  nodes: GraphNode[];
}

// The message classes come without types; these are the setters that are used, in the file's own order.
type Setter<V> = (value: V) => void;
interface DimMessage {
  setSize: Setter<number>;
}
interface ShapeMessage {
  setUnknownRank: Setter<boolean>;
  addDim: Setter<DimMessage>;
}
interface TensorMessage {
  setDtype: Setter<number>;
  setTensorShape: Setter<ShapeMessage>;
  setTensorContent: Setter<Uint8Array>;
}
interface ListMessage {
  setIList: Setter<number[]>;
  setTypeList: Setter<number[]>;
}
interface AttrMessage {
  setType: Setter<number>;
  setI: Setter<number>;
  setF: Setter<number>;
  setB: Setter<boolean>;
  setS: Setter<Uint8Array>;
  setShape: Setter<ShapeMessage>;
  setList: Setter<ListMessage>;
  setTensor: Setter<TensorMessage>;
}
interface NodeMessage {
  setName: Setter<string>;
  setOp: Setter<string>;
  addInput: Setter<string>;
  getAttrMap(): { set(name: string, attr: AttrMessage): void };
}
interface VersionMessage {
  setProducer: Setter<number>;
}
interface GraphMessage {
  addNode: Setter<NodeMessage>;
  setVersions: Setter<VersionMessage>;
}
interface InfoMessage {
  addTags: Setter<string>;
}
interface MetaGraphMessage {
  setMetaInfoDef: Setter<InfoMessage>;
  setGraphDef: Setter<GraphMessage>;
}
interface SavedModelMessage {
  setSavedModelSchemaVersion: Setter<number>;
  addMetaGraphs: Setter<MetaGraphMessage>;
  serializeBinary(): Uint8Array;
}
interface Messages {
  TensorShape: (new () => ShapeMessage) & { Dim: new () => DimMessage };
  Tensor: new () => TensorMessage;
  AttrValue: (new () => AttrMessage) & { ListValue: new () => ListMessage };
  NodeDef: new () => NodeMessage;
  VersionDef: new () => VersionMessage;
  GraphDef: new () => GraphMessage;
  MetaGraphDef: (new () => MetaGraphMessage) & { MetaInfoDef: new () => InfoMessage };
  SavedModel: new () => SavedModelMessage;
}

const require = createRequire(import.meta.url);
let messages: Messages | null = null;
function proto(): Messages {
  messages ??= require('@tensorflow/tfjs-node-gpu/dist/proto/api_pb.js') as Messages;
  return messages;
}

function shapeMessage(shape: number[] | null): ShapeMessage {
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

function attrMessage(attr: Attr): AttrMessage {
  const { AttrValue, Tensor } = proto();
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

function nodeMessage(node: GraphNode): NodeMessage {
  const { NodeDef } = proto();
  const message = new NodeDef();
  message.setName(node.name);
  message.setOp(node.op);
  for (const reference of node.inputs) message.addInput(reference);
  const attrs = message.getAttrMap();
  for (const [name, attr] of Object.entries(node.attrs)) attrs.set(name, attrMessage(attr));
  return message;
}

/** The bytes of saved_model.pb with one meta graph tagged `serve`. */
export function encodeSavedModel(graph: Graph): Uint8Array {
  const { SavedModel, MetaGraphDef, GraphDef, VersionDef } = proto();
  const definition = new GraphDef();
  for (const node of graph.nodes) definition.addNode(nodeMessage(node));
  const versions = new VersionDef();
  versions.setProducer(1882); // a GraphDef version of TensorFlow 2.17 on: enables today's semantics
  definition.setVersions(versions);
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
