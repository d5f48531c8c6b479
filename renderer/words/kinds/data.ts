// Simplified Chinese of the kinds in engine/nodes/data.
import type { KindWords } from './words.ts';

export const data: Record<string, KindWords> = {
  dedup: {
    doc:
      '去重：在指定列（或所有列）上完全相同的行只保留第一行。\n\n' +
      '相同指逐字相同：区分大小写和空格，null 与 null 视为相同。行的顺序不变。重复文本会让模型死记硬背，' +
      '还会使验证文本泄漏到训练集中，因此应放在 `split` 之前。',
    inputs: { table: '要去重的行。' },
    params: { by: '按哪一列或哪些列判断相同。默认：所有列。' },
  },
  filter: {
    doc:
      '只保留满足条件的行。行的顺序不变。\n\n' +
      "条件是由该行各列构成的 DuckDB 表达式：`length(text) > 200`、`lang = 'en' AND score >= 0.5`、" +
      "`NOT contains(text, 'lorem')`、`regexp_matches(text, '[.!?]$')`。文本值用单引号，含空格的列名用双引号。" +
      '条件结果为 null 的行不保留。表达式只能访问当前行：不允许读取文件、执行查询、访问设置或时钟、使用随机数，' +
      '因此相同的数据总是得到相同的行。',
    inputs: { table: '要筛选的行。' },
    params: { where: '关于行中各列的条件。' },
  },
  load: {
    doc:
      '把文件读入一张表。除非另行指定，格式由文件名决定' +
      '（.txt 和 .md 为文本，另有 .csv、.tsv，.jsonl、.ndjson，.parquet）。\n\n' +
      '文本文件得到 `text` 和 `file` 两列，每个文件、每行或每个段落为表中的一行。段落以空行分隔：' +
      '段内各行用一个空格连接，因此硬换行的文章会还原成连续的文本（诗歌或代码请选 "line"）。空行和空文件不产生行。\n\n' +
      'CSV（RFC 4180，有表头，除非 `header: false`）、JSONL（每行一个对象）和 Parquet 保留各自的列。' +
      'CSV 的列类型由前 20,480 行推断；若某行不符合该类型，或值的个数过少、过多，则报错并指出该行，' +
      '绝不会悄悄丢弃任何一行。\n\n' +
      '路径必须在图所在的文件夹内，可以用通配符（`*`、`**`、`?`、`{a,b}`）；' +
      '`npm:PACKAGE/FILES` 从已安装的 npm 包中读取。文件按名称顺序读取。',
    inputs: {},
    params: {
      path: '文件或通配符，也可以是 `npm:PACKAGE/FILES`。',
      rows: '文本文件按什么划分成行：整个文件、段落或每一行。',
      format: '文件格式，在文件名看不出来时指定。',
      delimiter: 'CSV 的分隔符。默认：由第一行判断。',
      header: 'CSV 文件的第一行是否为列名。',
      text: '无论内容像什么类型，都按文本保留的 CSV 列。',
      encoding: '文本、CSV 和 JSONL 的字符编码，例如 "windows-1252"。',
    },
  },
  split: {
    doc:
      '把行划分为 `train`、`valid` 和 `test`。只写节点名时指 `train`。\n\n' +
      '按行的位置与种子的哈希划分，各部分内保持原有顺序：相同的表和种子总是得到相同的划分。`valid` 和 `test` ' +
      '的行数恰为各自的比例（向下取整，至少一行），其余归 `train`。`test` 仅在其比例大于 0 时存在。' +
      '请先去除重复行（见 `dedup`）：同时落在两个部分里的行会让验证损失显得比实际更好。',
    inputs: { table: '要划分的行。' },
    params: {
      valid: '用于验证的行所占的比例。',
      test: '用于最终测试的行所占的比例。',
      seed: '随机种子：种子不同，划分就不同。',
    },
  },
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
