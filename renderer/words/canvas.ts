// Texts of renderer/canvas.
import type { Phrase } from './phrase.ts';

export const canvas = {
  'canvas.title': { en: 'canvas', zh: 'canvas' },
} satisfies Record<string, Phrase>;
