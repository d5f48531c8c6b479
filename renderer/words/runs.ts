// Texts of renderer/runs.
import type { Phrase } from './phrase.ts';

export const runs = {
  'runs.title': { en: 'runs', zh: 'runs' },
} satisfies Record<string, Phrase>;
