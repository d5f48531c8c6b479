// A graph of as many nodes as wanted, in groups, chained and branched as real ones are.

/** A text with about `count` nodes, inline ones counted. */
export function largeGraph(count: number): string {
  const lines = ['dsk 1', ''];
  let nodes = 0;
  for (let group = 0; nodes < count; group++) {
    lines.push(`# part ${group}`, `load_${group} = load("data/${group}/*.txt", rows: "paragraph")`);
    nodes++;
    let last = `load_${group}`;
    for (let i = 0; i < 8 && nodes < count; i++, nodes++) {
      const name = `${i % 2 === 0 ? 'clean' : 'long'}_${group}_${i}`;
      lines.push(
        i % 2 === 0
          ? `${name} = dedup(${last}, by: "text")`
          : `${name} = filter(${last}, where: "length(text) > ${i * 40}")`,
      );
      last = name;
    }
    lines.push(
      `parts_${group} = split(${last}, valid: 5%)`,
      `vocab_${group} = tokenizer(parts_${group}.train, algorithm: "bpe", size: 2048)`,
      `tokens_${group} = embedding(vocab_${group}, dim: 192)`,
      `dense_${group} = transformer_block(tokens_${group}, attention: mha(heads: 6), ffn: swiglu(dim: 512))`,
      `model_${group} = lm_head(dense_${group})`,
      `trained_${group} = train(model_${group}, parts_${group}.train, valid: parts_${group}.valid, optimizer: adamw(lr: 3e-3), steps: 300)`,
      `score_${group} = evaluate(trained_${group}, parts_${group}.valid)`,
      '',
    );
    nodes += 10;
  }
  return `${lines.join('\n')}\n`;
}
