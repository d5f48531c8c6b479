// Simplified Chinese of the data kinds of group `read`.
import type { KindWords } from '../words.ts';

export const read: Record<string, KindWords> = {
  image: {
    doc:
      '用数值列表生成图片（PNG）：从左上角开始逐行排列，每个像素一个值，或红、绿、蓝三个值。\n\n' +
      '许多数据集以这种形式保存小图片。若一个列表中依次含有多张图片，可先用 `windows` 切成每张一个。' +
      '`black` 与 `white` 之间的值成为灰度，超出范围的成为黑或白；缺失值为黑。',
    inputs: { table: '含有像素值列表的行。' },
    params: {
      column: '列表所在的列。',
      to: '存放图片的列。',
      width: '图片的宽度。',
      height: '图片的高度。默认：由列表的长度决定。',
      channels: '每个像素的值的个数：灰度为 1，彩色为 3。',
      black: '表示黑色的值。',
      white: '表示白色的值（像素为字节时是 255）。',
    },
  },
  load: {
    doc:
      '把文件读入一张表。除非另行指定，格式由文件名决定' +
      '（.txt 和 .md 为文本，另有 .csv、.tsv，.json，.jsonl、.ndjson，.parquet，' +
      '.png、.jpg、.webp、.gif、.avif、.tiff 为图像，...-idx3-ubyte 为 IDX）；' +
      '文本、CSV、JSON 和 IDX 可以用 gzip 或 zstd 压缩（.csv.gz、.jsonl.zst）。\n\n' +
      '文本文件得到 `text` 和 `file` 两列，每个文件、每行或每个段落为表中的一行。段落以空行分隔：' +
      '段内各行用一个空格连接，因此硬换行的文章会还原成连续的文本（诗歌或代码请选 "line"）。空行和空文件不产生行。\n\n' +
      'CSV（RFC 4180，有表头，除非 `header: false`）、JSON（对象的数组）、JSONL（每行一个对象）和 Parquet 保留各自的列。' +
      '列类型由开头的行推断（CSV 为 20,480 行，JSON 为 4 MB），显示在计划中，可用 `types` 另行指定。\n\n' +
      '图像得到 `image`（文件的字节）、`width`、`height` 和 `file` 列；若图像分布在多个文件夹中，另有 `label`：所在文件夹的名称。' +
      'IDX 是 MNIST 的格式：其中的图像转成 PNG；若通配符还包括标签文件，`label` 为标签数字。\n\n' +
      '读不了的行（值过少，或过多——行尾的空值不算，值与列类型不符、不是 JSON、字节不成文字、图像不完整）绝不会丢失：' +
      '它们连同文件、行号和原因进入第二个输出 `rejected`，运行时会报告有多少行。若超过全部行的 `max_broken`，' +
      '文件多半不是所认为的那种，这时报错。\n\n' +
      '文本、CSV 和 JSON 的编码自动检测（字节顺序标记、UTF-8，否则如 ICU 按字母频率），不是 UTF-8 时写入日志；' +
      '很短的文件可能需要指定 `encoding`。指定之后，不符合该编码的字节即为错误。\n\n' +
      '路径必须在图所在的文件夹内，可以用通配符（`*`、`**`、`?`、`{a,b}`）；' +
      '`npm:PACKAGE/FILES` 从已安装的 npm 包中读取。文件按名称顺序读取。',
    inputs: {},
    params: {
      path: '文件或通配符，也可以是 `npm:PACKAGE/FILES`。',
      rows: '文本文件按什么划分成行：整个文件、段落或每一行。',
      format: '文件格式，在文件名看不出来时指定。',
      types: 'CSV 和 JSON 列的类型，不由开头的行推断时指定，例如 "zip: text"：text、integer、number、boolean 或 time。',
      delimiter: 'CSV 的分隔符。默认：由第一行判断。',
      header: 'CSV 文件的第一行是否为列名。',
      encoding: '文本、CSV 和 JSON 的字符编码，例如 "windows-1252"。默认：自动检测。',
      broken: '读不了的行：放入 `rejected`，或在第一行就停下报错。',
      max_broken: '读不了的行所占比例的上限；更多则报错。',
    },
  },
  save: {
    doc:
      '把表写成文件，供其他程序使用。格式由名称决定：.csv（RFC 4180，带表头）、.tsv、.jsonl（每行一个对象）、.parquet；' +
      'CSV 和 JSONL 可以再加 .gz 或 .zst，写成压缩文件。CSV 中的列表和结构写成 JSON。' +
      '文件完整写好之后才出现；已有的同名文件会被替换。',
    inputs: { table: '要写出的行。' },
    params: {
      path: '要写的文件，在图所在的文件夹内。',
      format: '文件格式，在文件名看不出来时指定。',
    },
  },
};
