// Writing with a model that reads an encoder: the likeliest token, one after another, for many rows at once.

import type { Tokenizer } from '../context.ts';
import { memoryInputs } from '../decoder.ts';
import { InputError } from '../kind.ts';
import type { Layout } from '../learning.ts';
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
  const { batch, context } = source;
  const inputs = withValues(memoryInputsOf(program, architecture, source), feeds);
  const generator = session.generator({ batch, inputs, source: context });
  const written: number[][] = Array.from({ length: batch }, () => []);
  const done = new Set<number>();
  try {
    let next = written.map(() => start);
    for (let time = 0; time < most && done.size < batch; time++) {
      const scores = generator.feed(next);
      const width = scores.length / batch;
      next = written.map((tokens, row) => {
        const token = largestOf(scores.subarray(row * width, (row + 1) * width));
        if (token === end) done.add(row);
        if (!done.has(row)) tokens.push(token);
        return token;
      });
    }
  } finally {
    generator.dispose();
  }
  return written;
}
