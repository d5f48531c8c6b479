// Writing token by token as one call into a TensorFlow graph a token: weights, and what earlier positions left behind, stay in it. The
// graph holds a pass for one token and some for several, for prompts; how many went before is open in each.

import { availableParallelism } from 'node:os';
import { tokenScores } from '../nodes/decoder.ts';
import { checkPlaces } from '../nodes/front.ts';
import type { Generator, Hooks, LayerCache, Program, Rope, Weight } from '../nodes/module.ts';
import { DT } from './graphdef.ts';
import type { T, Values } from './kernels.ts';
import { type NodeBackend, nativeKernels } from './native.ts';
import { rotaryValues } from './ops/attention.ts';
import { createOps } from './ops.ts';
import { Recorder } from './record.ts';
import { addDone, addVariable, assign, read, Session, zeros } from './session.ts';
import { Tape, Value } from './tape.ts';

/** Tokens of one pass, the most first. */
const sizes = [64, 16, 4, 1];

/** Bytes of weights that are handed over in one call. */
const most = 256e6;

export interface Writer {
  /** Begins a text. One at a time: the one before is over. */
  begin(): Generator;
  /** The weights, read back. */
  weights(): Iterable<Weight & { values: Float32Array }>;
  dispose(): void;
}

/** Whether `recordedWriter` can write with a model: what an encoder or a front gives is not held in its graph. */
export const recordable = ({ encoder, front, head }: Program): boolean =>
  encoder === null && front === null && head !== null;

/** What is fed for a rotary table. */
interface Table {
  name: string;
  rope: Rope;
  wave: (angle: number) => number;
}

/** @param values of the weights; each is asked for once */
export function recordedWriter(
  backend: NodeBackend,
  program: Program,
  values: (weight: Weight) => Float32Array,
): Writer {
  const recorder = new Recorder();
  const handles = program.weights.map(({ name, shape }) => variable(recorder, name, shape));
  const groups = grouped(program.weights);
  for (const [i, group] of groups.entries())
    addDone(
      recorder,
      `set/${i}`,
      group.map((at) => handles[at].set),
    );
  const held = new Map<string, { handle: string; width: number }>();
  const passes = new Map(sizes.map((time) => [time, record(recorder, program, handles, held, time)]));
  const fresh = [...held.values()].map(({ handle, width }) => assign(recorder, handle, zeros(recorder, [1, 0, width])));
  addDone(recorder, 'fresh', fresh);
  const session = new Session(backend, recorder, []);
  for (const [i, group] of groups.entries()) {
    const feeds = group.map((at) => {
      const weight = program.weights[at];
      return { name: `given/${weight.name}`, shape: weight.shape, values: values(weight) };
    });
    session.run(feeds, [`set/${i}:0`]);
  }

  /** One pass over tokens, `past` of them before: the logits after the last. */
  function pass(ids: number[], past: number): Float32Array {
    const time = ids.length;
    const places = Int32Array.from(ids, (_, i) => past + i);
    const feeds: { name: string; shape: number[]; values: Values }[] = [
      { name: `ids/${time}`, shape: [time], values: Int32Array.from(ids) },
      { name: `positions/${time}`, shape: [time], values: places },
      ...(passes.get(time) ?? []).map(({ name, rope, wave }) => ({
        name,
        shape: [1, time, 1, rope.frequencies.length],
        values: rotaryValues(rope, past, time, wave),
      })),
    ];
    if (time > 1) {
      const mask = Int32Array.from({ length: time * (past + time) }, (_, i) => {
        const [query, key] = [Math.floor(i / (past + time)), i % (past + time)];
        return key <= past + query ? 1 : 0;
      });
      feeds.push({ name: `seen/${time}`, shape: [time, past + time], values: mask });
    }
    const [logits] = session.run(feeds, [`logits/${time}:0`, `written/${time}:0`]);
    return logits as Float32Array;
  }

  let current = 0;
  return {
    begin() {
      current++;
      const own = current;
      let length = 0;
      session.run([], ['fresh:0']);
      return {
        places: program.places,
        get length() {
          return length;
        },
        feed(ids) {
          if (own !== current) throw new Error('another text was begun since');
          checkPlaces(program.places, length + ids.length);
          let logits = new Float32Array();
          let at = 0;
          while (at < ids.length) {
            const time = sizes.find((size) => size <= ids.length - at) ?? 1;
            logits = pass(ids.slice(at, at + time), length) as Float32Array<ArrayBuffer>;
            at += time;
            length += time;
          }
          return logits;
        },
        dispose: () => undefined,
      };
    },
    *weights() {
      for (const group of groups) {
        const back = session.run(
          [],
          group.map((at) => handles[at].read),
        );
        for (const [i, at] of group.entries()) yield { ...program.weights[at], values: back[i] as Float32Array };
      }
    },
    dispose: () => session.dispose(),
  };
}

interface Handle {
  read: string;
  set: string;
}

function variable(recorder: Recorder, name: string, shape: number[]): Handle {
  const handle = addVariable(recorder, name, shape);
  const fed = recorder.reference(recorder.placeholder(`given/${name}`, shape, 'float32'));
  return { read: read(recorder, handle), set: assign(recorder, handle, fed) };
}

/** Numbers of weights, in groups that do not weigh too much. */
function grouped(weights: Weight[]): number[][] {
  const groups: number[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const [at, { shape }] of weights.entries()) {
    const own = 4 * shape.reduce((a, b) => a * b, 1);
    if (bytes + own > most) {
      groups.push([]);
      bytes = 0;
    }
    bytes += own;
    groups[groups.length - 1].push(at);
  }
  return groups;
}

/** Writes a pass over so many tokens down; the rotary tables that it is fed with. */
function record(
  recorder: Recorder,
  program: Program,
  handles: Handle[],
  held: Map<string, { handle: string; width: number }>,
  time: number,
): Table[] {
  const k = nativeKernels(recorder);
  const tables = new Map<string, Table & { edge: T }>();
  const written: string[] = [];
  const byName = new Map(program.weights.map(({ name, shape }, i) => [name, recorder.edge(handles[i].read, shape)]));
  const inputs = new Map([
    ['ids', recorder.placeholder(`ids/${time}`, [time], 'int32')],
    ['positions', recorder.placeholder(`positions/${time}`, [time], 'int32')],
  ]);
  const named = (map: ReadonlyMap<string, T>, name: string): Value => {
    const found = map.get(name);
    if (found === undefined) throw new Error(`a model that writes has no ${name}`);
    return new Value(found, false);
  };
  const mask =
    time === 1
      ? null
      : k.greater(recorder.placeholder(`seen/${time}`, [time, -1], 'int32'), k.constant(Int32Array.of(0), [], 'int32'));
  const ops = createOps(k, new Tape(k, false), {
    seen: mask,
    threads: Math.min(8, availableParallelism()),
    rotary(rope, wave) {
      const key = `${wave === Math.cos ? 'cos' : 'sin'} ${JSON.stringify(rope)}`;
      const found = tables.get(key);
      if (found) return found.edge;
      const name = `rotary/${tables.size}/${time}`;
      const edge = recorder.placeholder(name, [1, time, 1, rope.frequencies.length], 'float32');
      tables.set(key, { name, rope, wave, edge });
      return edge;
    },
  });
  const cache = (layer: number): LayerCache => ({
    extend(name, rows) {
      const key = `held/${layer}/${name}`;
      const [, , width] = rows.shape;
      let found = held.get(key);
      if (found === undefined) {
        found = { handle: addVariable(recorder, key, [1, -1, width]), width };
        held.set(key, found);
      }
      const before = recorder.edge(read(recorder, found.handle), [1, -1, width]);
      const all = k.concat([before, (rows as Value).data], 1);
      written.push(assign(recorder, found.handle, recorder.reference(all)));
      return new Value(all, false);
    },
    once() {
      throw new Error('a model that reads an encoder is not written with in a graph');
    },
  });
  const f: Hooks = {
    ops,
    training: false,
    input: (name) => named(inputs, name),
    has: (name) => inputs.has(name),
    weight: (name) => named(byName, name),
    cache,
    update: () => undefined,
    report: () => undefined,
    penalty: () => undefined,
  };
  const hidden = program.hidden({ ...f, batch: 1, time, start: 0, documents: null });
  const last = ops.embed(hidden, ops.constant(Int32Array.of(time - 1), [1]));
  const logits = (tokenScores(program, f, last) as Value).data;
  recorder.emit('Identity', [recorder.reference(logits)], { T: { type: DT.float } }, `logits/${time}`);
  addDone(recorder, `written/${time}`, written);
  return [...tables.values()];
}
