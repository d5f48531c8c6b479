// Simplified Chinese of the data kinds of group `tokens`.
import type { KindWords } from '../words.ts';

export const tokens: Record<string, KindWords> = {
  tokenizer: {
    doc:
      '用一列文本训练分词器，或用 `path` 读入已有的分词器。\n\n' +
      '训练得到字节级 BPE（Sennrich 等，2016；采用 GPT-2 的字节字母表）：词表依次为 <|endoftext|>、256 个字节，' +
      '然后把出现最频繁的相邻词条对逐个合并，直到有 `size` 个词条。单词保留前面的空格，数字最多三位一组。' +
      '任何文本都能编码，因此不存在未知词。频次相同时取 id 较小的一对，所以结果总是确定的，' +
      '并且与 Hugging Face 训练器的结果一致。\n\n' +
      '结果是 Hugging Face 的 tokenizer.json。给出 `path` 时，原样读取该文件（或含有它的文件夹）；' +
      '其模型可为 BPE、WordPiece 或 Unigram。',
    inputs: { table: '用于训练的文本。不能与 `path` 同时使用。' },
    params: {
      algorithm: '构建词表的算法。',
      size: '词表的词条数：常见词会成为单个词元，模型则为每个词条设一行参数。',
      column: '表中存放文本的列。',
      path: '要读取的 tokenizer.json 或含有它的文件夹，代替训练。',
      min_frequency: '一对词条至少出现多少次才会合并成新词条。',
    },
  },
};
