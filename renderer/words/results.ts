// Texts of renderer/results.
import type { Phrase } from './phrase.ts';

export const results = {
  'results.title': { en: 'results', zh: 'results' },
} satisfies Record<string, Phrase>;
