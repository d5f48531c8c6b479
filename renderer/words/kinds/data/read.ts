// Simplified Chinese of the data kinds of group `read`.
import type { KindWords } from '../words.ts';

export const read: Record<string, KindWords> = {
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
};
