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
};
