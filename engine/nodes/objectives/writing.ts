// Writing with a model that reads an encoder: the likeliest token, one after another, for many rows at once.

import type { Tokenizer } from '../context.ts';
import { memoryInputs, memoryOf, tokenScores } from '../decoder.ts';
import { InputError } from '../kind.ts';
import { input, type Layout, windowForward } from '../learning.ts';
import { marksOf } from '../marks.ts';
import type { Feeds, InferenceSession, Program } from '../module.ts';
import type { Architecture } from '../values.ts';
import { largestOf, withValues } from './answers.ts';
import { rowInputs } from './rows.ts';

/** What is to be written. */
interface Asked {
  /** What the encoder reads; `feeds` has it under the names of its inputs with `memory/` before them. */
  source: Layout;
  feeds: Feeds;
  start: number;
  end: number;
  /** Tokens written, at most. */
  most: number;
}

/** The tokens that what is written begins and ends with. Throws InputError where the vocabulary has none. */
export function writingMarks(tokenizer: Tokenizer): { start: number; end: number } {
  const { start, end } = marksOf(tokenizer);
  if (end === null)
    throw new InputError({
      code: 'objective-wrong',
      at: 'model',
      message: "the model's tokenizer has no token that ends a text: it would write without end",
      note: 'give it a special token such as <|endoftext|> or [SEP]',
    });
  return { start: start ?? end, end };
}

/** Inputs of what the encoder reads. */
export function memoryInputsOf({ encoder }: Program, { memory }: Architecture, source: Layout) {
  if (encoder === null || memory === undefined) throw new Error('checked before: the model reads an encoder');
  return rowInputs({ ...encoder, draws: false }, memory, source).map((one) => ({
    ...one,
    name: memoryInputs + one.name,
  }));
}

/** What an encoder is fed with, by the names of the model's inputs. */
export function memoryFeeds(feeds: Feeds): Feeds {
  return Object.fromEntries(Object.entries(feeds).map(([name, values]) => [memoryInputs + name, values]));
}

/** Tokens written for each row, up to the end and without it. */
export function write(
  session: InferenceSession,
  program: Program,
  architecture: Architecture,
  { source, feeds, start, end, most }: Asked,
): number[][] {
  const { batch } = source;
  const texts = (architecture.memory?.vocab ?? 0) > 0;
  const read = withValues(memoryInputsOf(program, architecture, source), feeds);
  const written: number[][] = Array.from({ length: batch }, () => []);
  const done = new Set<number>();
  for (let time = 1; time <= most && done.size < batch; time++) {
    const ids = Int32Array.from(written.flatMap((row) => [start, ...row]));
    const [scores] = session.run([...read, { ...input('ids', [ids.length], 'int32'), values: ids }], (f) => {
      const held = texts ? f.ops.documents(f.input(`${memoryInputs}starts`), batch, source.context) : null;
      const memory = memoryOf(program, f, { batch, time: source.context, documents: held });
      const hidden = program.hidden({ ...windowForward(f, batch, time, null), memory });
      const last = f.ops.constant(
        Int32Array.from({ length: batch }, (_, row) => row * time + time - 1),
        [batch],
      );
      return [tokenScores(program, f, f.ops.embed(hidden, last))];
    });
    const values = scores?.values as Float32Array;
    const width = values.length / batch;
    for (const [row, tokens] of written.entries()) {
      const next = largestOf(values.subarray(row * width, (row + 1) * width));
      if (next === end) done.add(row);
      tokens.push(next);
    }
  }
  return written.map((row) => (row.includes(end) ? row.slice(0, row.indexOf(end)) : row));
}
