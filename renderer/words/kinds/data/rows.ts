// Simplified Chinese of the data kinds of group `rows`.
import { tablePorts } from '../../../../engine/nodes/inputs.ts';
import type { KindWords } from '../words.ts';

const everyTable = (doc: string) => Object.fromEntries(tablePorts.map((port) => [port, doc]));

export const rows: Record<string, KindWords> = {
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
  join: {
    doc:
      '在 `left` 的每一行后面接上 `right` 中 `on` 列值相等的行的各列。\n\n' +
      '`inner` 保留有匹配的行。`left` 保留 `left` 的所有行，没有匹配时为 null；`full` 还在末尾保留 `right` 中没有匹配的行。' +
      '`semi` 保留 `left` 中有匹配的行，`anti` 保留没有匹配的行；两者都不增加列。有多个匹配的行会各出现一次。null 不等于任何值，包括 null。\n\n' +
      '两张表中同名而不在 `on` 里的列会报错，除非用 `suffix` 指定 `right` 的列如何命名。行保持 `left` 的顺序，匹配的行保持 `right` 的顺序。' +
      '`inner`、`semi` 和 `anti` 把 `left` 中去掉的行作为 `removed` 给出。',
    inputs: { left: '要接上匹配行的行。', right: '被查找的行。' },
    params: {
      on: '必须相等的一列或多列；左右列名不同时写作 "a: b"，左边叫 `a`，右边叫 `b`。',
      how: '保留哪些行。',
      suffix: '加在 `right` 中与 `left` 同名的列名之后，例如 "_right"。',
    },
  },
  concat: {
    doc:
      '把两张或更多的表上下相接：`concat(a, b, c)`，最多 16 张。\n\n' +
      '各列按名称对应，与顺序无关；列的顺序为首次出现的顺序。某张表缺少的列会报错，或在 `missing: "null"` 时其行中为 null。' +
      '整数与数字合为数字；其他类型必须相同。行的顺序不变，前一张表的行在后一张之前。多张表中都有的行有几份就留几份（见 `dedup`）。',
    inputs: everyTable('接在前面各输入之后的行。'),
    params: { missing: '某张表缺少其他表有的列时怎么办。' },
  },
  derive: {
    doc:
      '由其他列计算出一列：新列放在最后，同名的列则原地替换。\n\n' +
      '值是由该行各列构成的 DuckDB 表达式：`length(text)`、`price * 1.19`、`lower(label)`、' +
      "`CASE WHEN score > 0.5 THEN 'good' ELSE 'bad' END`、`question || ' ' || answer`。" +
      '表达式只能访问当前行：不允许读取文件、执行查询、访问设置或时钟、使用随机数，因此相同的数据总是得到相同的行。' +
      '无法转换的值会报错并指出该值；`try_cast(x AS DOUBLE)` 则得到 null。',
    inputs: { table: '用于计算的行。' },
    params: {
      name: '要新建或替换的列。',
      value: '由该行各列构成的表达式。',
      type: '把值转换成什么类型。仅在无法由表达式得知类型时需要。',
    },
  },
  mix: {
    doc:
      '按权重交错混合两张或更多的表：`mix(code, prose, weights: [1, 3])`，最多 16 张。\n\n' +
      '结果的每一行先按权重随机选一张表，再取该表的下一行；因此结果的任何一段都大致保持这些比例。' +
      '`until: "first_exhausted"` 在某张表的最后一行处结束，没有行会重复。' +
      '`"all_exhausted"` 在每张表的行都用过之后结束；用完的表从头再来，因此权重大的表的行会重复。' +
      '两者与 Hugging Face 的 `interleave_datasets` 含义相同。\n\n' +
      '抽取只取决于种子。各表的行保持自己的顺序（见 `shuffle`）。各列按名称对应，与 `concat` 相同。',
    inputs: everyTable('与其他输入混合的行。'),
    params: {
      weights: '每张表一个大于 0 的数，按表的顺序。默认：全部相同。',
      until: '结果何时结束。',
      missing: '某张表缺少其他表有的列时怎么办。',
      seed: '随机种子：种子不同，抽取就不同。',
    },
  },
  rename: {
    doc:
      '给列改名：`columns: ["body: text", "lbl: label"]`，冒号前是原名，冒号后是新名。\n\n' +
      '行、行的顺序和列的位置都不变。两列可以互换名称。多数读取文本的节点默认使用 `text` 列，' +
      '因此来自别处的表往往改名一次之后就处处可用。',
    inputs: { table: '要改列名的行。' },
    params: { columns: '原名与新名的对，写作 "old: new"。' },
  },
  sample: {
    doc:
      '随机保留一部分行，不重复：指定行数或比例。\n\n' +
      '按行的位置与种子的哈希抽取，并保持原有顺序：相同的表和种子总是得到相同的行。给出 `group` 时整组抽取，' +
      '直到行数与要求大致相当；给出 `stratify` 时从每个类别按比例抽取。适合先用百分之一的数据试运行一个图。',
    inputs: { table: '从中抽取的行。' },
    params: {
      rows: '要保留的行数。不能与 `share` 同时使用。行数不足的表全部保留。',
      share: '要保留的行所占的比例，向下取整，至少一行。不能与 `rows` 同时使用。',
      group: '该列值相同的行一起抽取。',
      stratify: '类别列：每个类别按比例抽取。',
      seed: '随机种子：种子不同，抽到的行就不同。',
    },
  },
  select: {
    doc:
      '只保留指定的列，按指定的顺序；或者保留除某些列之外的所有列。\n\n' +
      '行及其顺序不变。后续节点不再读取其他列，当其他列是长文本时可节省时间和磁盘。',
    inputs: { table: '要挑选列的行。' },
    params: {
      columns: '要保留的一列或多列，按此顺序。不能与 `except` 同时使用。',
      except: '要去掉的一列或多列；其余列保持顺序。不能与 `columns` 同时使用。',
    },
  },
  shuffle: {
    doc:
      '把行打乱成随机顺序：按行的位置与种子的哈希排序，因此相同的表和种子总是得到相同的顺序。\n\n' +
      '比内存大的表在磁盘上排序。训练本身就随机抽取窗口；当文档一个接一个地打包，或者表是排好序的（垃圾邮件都在最后）' +
      '而只读取前面的行时，打乱才有意义。',
    inputs: { table: '要打乱的行。' },
    params: { seed: '随机种子：种子不同，顺序就不同。' },
  },
  split: {
    doc:
      '把行划分为 `train`、`valid` 和 `test`。只写节点名时指 `train`。\n\n' +
      '按行的位置与种子的哈希划分，各部分内保持原有顺序：相同的表和种子总是得到相同的划分。`valid` 和 `test` ' +
      '的行数恰为各自的比例（向下取整，至少一行），其余归 `train`。`test` 仅在其比例大于 0 时存在。' +
      '请先去除重复行（见 `dedup`）：同时落在两个部分里的行会让验证损失显得比实际更好。\n\n' +
      '给出 `time` 时，`train` 得到最早的行，`valid` 得到较新的行，`test` 得到最新的行，就像模型面对没见过的未来。' +
      '给出 `group` 时，同一作者、病人或对话的所有行都在同一部分，其大小在保持整组的前提下尽量接近比例。' +
      '给出 `stratify` 时，每一部分都含有各类别应有比例的行，因此稀有类别不会碰巧缺失。',
    inputs: { table: '要划分的行。' },
    params: {
      valid: '用于验证的行所占的比例。',
      test: '用于最终测试的行所占的比例。',
      time: '时间或数字列：留出的是最新的行，而不是随机的行。',
      group: '该列值相同的行留在同一部分。',
      stratify: '类别列：每一部分都得到各类别应有的比例。',
      seed: '随机种子：种子不同，划分就不同。',
    },
  },
};
