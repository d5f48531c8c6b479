// Texts of renderer/text.
import type { Phrase } from './phrase.ts';

export const text = {
  'text.title': { en: 'text', zh: 'text' },
} satisfies Record<string, Phrase>;
