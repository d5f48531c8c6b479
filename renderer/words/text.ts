// Texts of renderer/text.
import type { Phrase } from './phrase.ts';

export const text = {
  'text.title': { en: 'Text of the graph', zh: '图的文本' },
  'text.find': { en: 'Find and replace', zh: '查找和替换' },
} satisfies Record<string, Phrase>;
