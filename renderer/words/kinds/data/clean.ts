// Simplified Chinese of the data kinds of group `clean`.
import type { KindWords } from '../words.ts';

export const clean: Record<string, KindWords> = {
  dedup: {
    doc:
      '去重：删除与其他行重复的行，包括完全相同的行和内容几乎相同的文本。\n\n' +
      '`exact`：在指定列（或所有列）上完全相同；区分大小写和空格，null 与 null 视为相同。' +
      '`normalized`：忽略大小写、标点、空白、变音符号和数字的具体数值之后相同的文本，用哈希值区分。' +
      '`minhash`：大部分片段（规范化文本中连续的若干词或字符）相同的文本，通过分成若干段的 MinHash 签名查找（Broder，1997）：' +
      '相似度（共同片段占两者全部片段的比例）为 s 的文本被找到的概率是 1 - (1 - s^rows)^bands。' +
      '与 datatrove 相同的 14 段、每段 8 个哈希、5 词片段，能找到相似度 0.69 的文本对的 50%，以及 0.79 的 90%。' +
      '经由其他文本相连的文本属于同一组。词数不足一个片段的文本只与词完全相同的文本重复；没有任何词的文本不与任何文本重复。\n\n' +
      '每组保留一行，位置不变；其余各行进入 `removed`，`cluster` 列是所保留行的行号，并附带原因。`report` 统计各组。' +
      '重复文本会让模型死记硬背，还会使验证文本泄漏到训练集中，因此应放在 `split` 之前。',
    inputs: { table: '要去重的行。' },
    params: {
      by: '要比较的一列或多列。默认：`exact` 为所有列，其他方法为唯一的文本列或 `text`。',
      method: '怎样算重复。',
      keep: '每组保留哪一行：第一行、文本列中字符最多的一行，或按 `best` 最好的一行。并列时保留靠前的一行。',
      best: '用于 `keep: "best"`：为每行给出一个数，保留数值最大的行。null 最小。',
      hash: '用于 `normalized`：文本的哈希算法。默认：sha256。xxhash 为 64 位，速度最快。',
      shingle: '用于 `minhash`：片段由什么组成。默认：词。字符适合不用空格分词的文字。',
      size: '用于 `minhash`：片段的长度。默认：5 个词，或 24 个字符。',
      threshold:
        '用于 `minhash`：相似度达到多少算近似重复。由它得出 `bands` 和 `rows`；若已给出这两者，则只用于 `verify`。' +
        '默认：约为 (1/bands)^(1/rows)，即 0.72。',
      permutations: '用于带 `threshold` 的 `minhash`：签名中的哈希数，分成若干段。默认：112。',
      bands: '用于 `minhash`：签名的段数。越多，能找到的文本越不相似。默认：14。',
      rows: '用于 `minhash`：每段的哈希数。越多，只找到越相似的文本。默认：8。',
      verify:
        '用于 `minhash`：是否逐个片段比较各段找出的文本，只有相似度达到 `threshold` 才算。默认：否。' +
        '运行时占用的磁盘空间约为文本大小。',
      seed: '用于 `minhash`：决定随机排列。默认：1。',
    },
  },
  impute: {
    doc:
      '填充缺失值：null，以及数值中的 NaN。其他值和行的顺序不变。\n\n' +
      '用该列的统计量填充，给出 `by` 时在每组行内分别计算：`mean`（均值）、`median`（中位数）、' +
      '`mode`（最常见的值；并列时取最小的）。`constant`：给定的 `value`。用相邻的行填充（按 `order` 排序，在每组内进行）：' +
      '`forward`（前一个值）、`backward`（后一个值）、`linear`（两者连线上的值；`order` 为时间列时按时间计算；' +
      '第一个值之前和最后一个值之后不填充）。没有任何值的组保持缺失，并有警告说明涉及多少行。\n\n' +
      '由其他数值列（或 `from` 指定的列）预测：`knn` 取有值的 `k` 个最近行的均值，距离与 scikit-learn 的 KNNImputer 相同' +
      '（`nan_euclidean`：两行中有一行缺失的列不计，并按比例补足）；它也看被填充的列，除非 `scale: false`，先把各列调到相同的离散程度；' +
      '最多只用 `fit_rows` 行，由 `seed` 抽取。`ridge` 在该列和所有 `from` 列都有值的行上拟合线性模型' +
      '（Hoerl 和 Kennard，1970；与 scikit-learn 的 StandardScaler 加 Ridge 相同）；待填充的行缺少某个特征时，用其均值代替。\n\n' +
      '`fit` 让统计量和模型取自另一张表：`impute(parts.valid, fit: parts.train, ...)` 用训练行上学到的内容填充验证行。' +
      '在 `split` 之前填充，会让两部分互相知晓。\n\n' +
      '文本、时间和真假值用 `mode`、`constant`、`forward`、`backward` 填充。其他方法会把整数列变为小数列，因为均值很少是整数。',
    inputs: { table: '要填充的行。', fit: '用来学习统计量和模型的行。默认：要填充的行自身。' },
    params: {
      columns: '要填充的一列或多列。',
      method: '填充的值从哪里来。',
      value: '`constant` 填入的值。',
      by: '一列或多列：在这些列上相等的行各成一组。',
      order: '为 forward、backward 和 linear 排序的列；在该列没有值的行不参与。默认：保持原有顺序。',
      from: '用来预测的数值列。默认：所有其他数值列。',
      k: '取多少个最近的行。',
      weights: '最近的行是权重相同，还是按距离的倒数加权。',
      scale: '计算距离之前是否把各列调到相同的离散程度。',
      fit_rows: '最多在多少行中寻找最近的行：每个待填充的行都要与它们比较。',
      alpha: '岭回归中对大权重的惩罚力度。',
      seed: '种子不同，抽取的 `fit_rows` 就不同。',
    },
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
