// What a teacher says of windows: its likeliest tokens with their shares, kept on disk, so that it need not stay in memory while its
// student learns. Parts of a few windows come by rename: a run that was killed goes on with the others.
import type { RunContext, WeightReader } from './context.ts';
import { decoder } from './decoder.ts';
import { InputError } from './kind.ts';
import { windowForward } from './learning.ts';
import type { Feeds, Input } from './module.ts';
import type { Examples } from './objectives/objective.ts';
import type { ModelArtifact, ModelSpec, Ref, TokenizerArtifact } from './values.ts';
import { openWeights } from './weights.ts';

/** How a teacher is asked. */
export interface Asking {
  /** Likeliest tokens of each position. */
  count: number;
  temperature: number;
  /** Tokens that teacher and student both have. */
  vocab: number;
}

/** What is kept of windows, read when it is needed. */
export interface Answers {
  /** Of these rows, one behind the other. */
  of(rows: readonly number[]): Feeds;
  close(): void;
}

/** What learning from it is fed with, for n positions. */
export function softInputs(n: number, count: number): Input[] {
  return [
    { name: 'soft/ids', shape: [n, count], dtype: 'int32' },
    { name: 'soft/shares', shape: [n, count], dtype: 'float32' },
    { name: 'soft/rest', shape: [n], dtype: 'float32' },
  ];
}

/** Nothing said: for measuring, which does not learn from it. */
export function noAnswers(n: number, count: number): Feeds {
  return {
    'soft/ids': new Int32Array(n * count),
    'soft/shares': new Float32Array(n * count),
    'soft/rest': new Float32Array(n),
  };
}

/** Windows of a part. */
const partSize = 64;
/** Windows that the teacher reads at once. */
const atOnce = 8;

/**
 * Asks the teacher at port `teacher` about rows of the table at port `data`, in parts, unless that was done before.
 * @param rows ascending; null: all there are
 * @param drawn what `rows` depend on besides the table
 */
export async function askTeacher(
  context: RunContext<{ context: number; column: string }>,
  data: Examples,
  asking: Asking,
  rows: readonly number[] | null,
  drawn: string,
): Promise<Answers> {
  const { context: time, column } = context.params;
  const all = rows ?? Array.from({ length: data.count }, (_, row) => row);
  const spec = context.inputs.teacher as ModelSpec;
  const of = [spec.weights, context.sources.data, spec.architecture.tokenizer].filter((ref) => ref != null) as Ref[];
  const parts = Array.from({ length: Math.ceil(all.length / partSize) }, (_, part) => `${part}.safetensors`);
  const name = `teacher 1 ${JSON.stringify({ ...asking, time, column, rows: rows === null ? null : drawn })}`;
  const folder = await context.memo(name, of, async (to, working) => {
    const unfinished = [];
    for (const [part, file] of parts.entries())
      if (!(await exists(context, `${working}/said/${file}`))) unfinished.push({ part, file });
    const done = parts.length - unfinished.length;
    if (done > 0) context.log(`the teacher goes on: ${done} of ${parts.length} parts were there`);
    const model = context.artifact('teacher', 'model') as ModelArtifact;
    const program = decoder(context.kinds, spec.architecture);
    const { head, bias } = program;
    if (head === null) throw new Error('checked before: the teacher has a head of tokens');
    const tensors = await context.tensors();
    const session = tensors.infer(program, await openWeights(context.weights, program.weights, model.weights));
    try {
      for (const [at, { part, file }] of unfinished.entries()) {
        const own = all.slice(part * partSize, (part + 1) * partSize);
        const said: { name: string; shape: number[]; values: Float32Array | Int32Array }[] = [];
        for (let first = 0; first < own.length; first += atOnce) {
          context.signal.throwIfAborted();
          const some = own.slice(first, first + atOnce);
          const layout = data.layoutOf(some);
          const n = some.length * time;
          const feeds = data.feeds(some, layout, 'teacher');
          const [ids, shares, rest] = session.run(inputsOf(feeds), (f) => {
            const { ops } = f;
            const held = layout.documents ? ops.documents(f.input('starts'), some.length, time) : null;
            const hidden = program.hidden(windowForward(f, some.length, time, held));
            const found = ops.likeliest(program.top(f, hidden), f.weight(head), {
              ...asking,
              bias: bias === null ? null : f.weight(bias),
            });
            return [found.ids, found.shares, found.rest];
          });
          const width = asking.count;
          const each = (name: string, values: Float32Array | Int32Array, size: number): void =>
            some.forEach((row, i) => {
              const own = values.subarray(i * time * size, (i + 1) * time * size);
              said.push({ name: `${name}.${row}`, shape: size === 1 ? [time] : [time, size], values: own });
            });
          if (n !== (rest as { values: Float32Array }).values.length) throw new Error('the teacher said too little');
          each('ids', ids.values as Int32Array, width);
          each('shares', shares.values as Float32Array, width);
          each('rest', rest.values as Float32Array, 1);
          await new Promise<void>((resolve) => setImmediate(resolve)); // let signals and timers in
        }
        await context.weights.write(`${working}/said/${file}`, said);
        context.progress({ done: done + at + 1, total: parts.length, unit: 'parts', note: 'asking the teacher' });
      }
    } finally {
      session.dispose();
    }
    await context.files.publish(`${working}/said`, `${to}/said`);
  });
  const reader = await context.weights.open(parts.map((file) => `${folder}/said/${file}`));
  return {
    of: (rows) => answersOf(reader, rows, time, asking.count),
    close: () => reader.close(),
  };
}

function answersOf(reader: WeightReader, rows: readonly number[], time: number, count: number): Feeds {
  const ids = new Int32Array(rows.length * time * count);
  const shares = new Float32Array(ids.length);
  const rest = new Float32Array(rows.length * time);
  rows.forEach((row, i) => {
    const bytes = reader.raw(`ids.${row}`).slice(); // aligned
    ids.set(new Int32Array(bytes.buffer, 0, time * count), i * time * count);
    shares.set(reader.read(`shares.${row}`), i * time * count);
    rest.set(reader.read(`rest.${row}`), i * time);
  });
  return { 'soft/ids': ids, 'soft/shares': shares, 'soft/rest': rest };
}

const inputsOf = (feeds: Feeds) =>
  Object.entries(feeds).map(([name, values]) => ({
    name,
    shape: [values.length],
    dtype: values instanceof Int32Array ? ('int32' as const) : ('float32' as const),
    values,
  }));

async function exists(context: RunContext<unknown>, path: string): Promise<boolean> {
  try {
    (await context.weights.open([path])).close();
    return true;
  } catch (error) {
    if (error instanceof InputError) return false; // not there, or cut off
    throw error;
  }
}

/** Throws InputError where a teacher's tokens are not its student's. */
export async function checkTokenizers(context: RunContext<unknown>): Promise<void> {
  const [teacher, student] = ['teacher', 'model'].map(
    (port) => (context.inputs[port] as ModelSpec).architecture.tokenizer,
  );
  if (teacher === null || student === null) throw new Error('checked before: both models have a tokenizer');
  if (teacher.node === student.node && teacher.output === student.output) return;
  const read = async (ref: Ref): Promise<Map<string, number>> => {
    const { path } = context.resolve(ref) as TokenizerArtifact;
    return entries(JSON.parse(await context.files.readText(path)) as Vocabulary); // opened as a tokenizer before
  };
  const [a, b] = [await read(teacher), await read(student)];
  const different = [...a].find(([text, id]) => b.get(text) !== id) ?? [...b].find(([text, id]) => a.get(text) !== id);
  if (different === undefined) return;
  const [text] = different;
  const place = (ids: Map<string, number>): string => (ids.has(text) ? `is token ${ids.get(text)}` : 'is no token');
  throw new InputError({
    code: 'teacher-vocabulary',
    at: 'teacher',
    message: `the teacher has another vocabulary than its student: ${JSON.stringify(text)} ${place(a)} of the teacher's, and ${place(b)} of the student's`,
    note: "make the student with the teacher's tokenizer: embedding(teacher.tokenizer, ...)",
  });
}

interface Vocabulary {
  model: { vocab: Record<string, number> | [string, number][] };
  added_tokens?: { id: number; content: string }[];
}

/** Ids by text of a tokenizer.json. */
function entries(tokenizer: Vocabulary): Map<string, number> {
  const { vocab } = tokenizer.model;
  const own = Array.isArray(vocab) ? vocab.map(([text], id): [string, number] => [text, id]) : Object.entries(vocab);
  return new Map([...own, ...(tokenizer.added_tokens ?? []).map(({ id, content }): [string, number] => [content, id])]);
}
