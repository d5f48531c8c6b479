// Texts of renderer/start.
import type { Phrase } from './phrase.ts';

export const start = {
  'start.title': { en: 'start', zh: 'start' },
} satisfies Record<string, Phrase>;
