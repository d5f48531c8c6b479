// Simplified Chinese of the data kinds of group `clean`.
import type { KindWords } from '../words.ts';

export const clean: Record<string, KindWords> = {
  dedup: {
    doc:
      '去重：在指定列（或所有列）上完全相同的行只保留第一行。\n\n' +
      '相同指逐字相同：区分大小写和空格，null 与 null 视为相同。行的顺序不变。重复文本会让模型死记硬背，' +
      '还会使验证文本泄漏到训练集中，因此应放在 `split` 之前。',
    inputs: { table: '要去重的行。' },
    params: { by: '按哪一列或哪些列判断相同。默认：所有列。' },
  },
  outliers: {
    doc:
      '找出数值远离其他值的行，将其删除、把数值截断到界限，或加以标记。\n\n' +
      '`zscore`：与均值的距离（以标准差为单位）大于 3。标准差按样本计算（除以 n - 1，与 pandas 相同；scipy 的 `zscore` 除以 n，' +
      '除非 `ddof=1`），因此不足 11 个值时不会有超过 3 的值。`robust_zscore`：0.6745 乘以与中位数的距离，' +
      '再除以中位数绝对偏差，大于 3.5（Iglewicz 和 Hoaglin，1993）；少数极端值不会像在 `zscore` 中那样互相掩盖。' +
      '`iqr`：低于第一四分位数或高于第三四分位数超过四分位距的 1.5 倍（Tukey，1977；四分位数落在两个值之间时插值，与 pandas 相同）。' +
      '`rule`：对异常值为真的 DuckDB 表达式，例如 `price < 0 OR age > 130`。\n\n' +
      '指定多列时，只要其中一个数值异常，该行就算异常。`by` 在每组行内分别计算统计量。null 和 NaN 不算异常，也不计入任何统计量；' +
      '无穷大总是异常，同样不计入统计量。如果没有离散度（为 0；对 `robust_zscore` 和 `iqr` 而言是有一半的值相等），' +
      '则没有任何值算异常，并给出警告。\n\n' +
      '被删除的行进入 `removed`，每行附带原因。`clip` 把数值移到最近的界限（整数移到界限以内最近的整数），' +
      '`mark` 增加一列真假值；两者都保留所有行，此时没有 `removed`。行的顺序不变。',
    inputs: { table: '要检查的行。' },
    params: {
      columns: '要检查的一列或多列数值。不能与 `rule` 同时使用，规则自己指明列。',
      method: '如何衡量与其他值的距离。',
      threshold: '距离超过多少算异常。默认：zscore 为 3，robust_zscore 为 3.5，iqr 为 1.5。',
      rule: '代替方法：对异常值为真的条件。',
      action: '如何处理异常值。',
      by: '一列或多列：只在这些列相等的行之间互相比较。',
      name: '`action: "mark"` 增加的列。',
    },
  },
};
