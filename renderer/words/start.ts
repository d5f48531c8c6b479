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
  'start.example.quickstart': {
    en: 'A small DeepSeek: latent attention and a mixture of experts, trained on Moby Dick',
    zh: '小型 DeepSeek：潜在注意力加混合专家，用《白鲸记》训练',
  },
  'start.example.llama': {
    en: 'A small LLaMA: dense layers whose query heads share key heads, and one table for input and output',
    zh: '小型 LLaMA：稠密层，多个查询头共用键头，输入输出共用一张词嵌入表',
  },
  'start.example.questions': {
    en: 'Questions and answers in JSONL, of which only those are learned that were rated well',
    zh: 'JSONL 问答数据，只学习评分高的问答',
  },
  'start.example.chat': {
    en: 'Questions and answers as conversations, of which only the answers are learned',
    zh: '把问答写成对话，只学习其中的回答',
  },
  'start.recent': { en: 'Recent graphs', zh: '最近的图' },
  'start.recent.none': { en: 'Graphs that you open will be listed here.', zh: '您打开过的图会列在这里。' },
  'start.recent.gone': { en: 'no longer in {folder}', zh: '已不在 {folder} 中' },
} satisfies Record<string, Phrase>;
