// Simplified Chinese of the data kinds of group `augment`.
import type { KindWords } from '../words.ts';

export const augment: Record<string, KindWords> = {};
