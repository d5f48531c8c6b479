// Simplified Chinese of the data kinds of group `rows`.
import type { KindWords } from '../words.ts';

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
};
