// Texts of renderer/inspector.
import type { Phrase } from './phrase.ts';

export const inspector = {
  'inspector.title': { en: 'inspector', zh: 'inspector' },
} satisfies Record<string, Phrase>;
