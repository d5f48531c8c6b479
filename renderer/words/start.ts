// Texts of the start page.
import type { Phrase } from './phrase.ts';

export const start = {
  'start.line': {
    en: 'Train DeepSeek-style models on this machine, from one graph.',
    zh: '用一张图，在本机训练 DeepSeek 风格的模型。',
  },
  'start.empty': { en: 'Empty graph', zh: '空白图' },
  'start.examples': { en: 'Begin with an example', zh: '从示例开始' },
  'start.examples.note': {
    en: 'Each makes a copy of your own that is ready to run.',
    zh: '每个示例都会为您生成一份副本，可以直接运行。',
  },
  'start.recent': { en: 'Recent graphs', zh: '最近的图' },
  'start.recent.none': { en: 'Graphs that you open will be listed here.', zh: '您打开过的图会列在这里。' },
  'start.recent.gone': { en: 'no longer in {folder}', zh: '已不在 {folder} 中' },
} satisfies Record<string, Phrase>;
