// Simplified Chinese of the data kinds of group `text`.
import type { KindWords } from '../words.ts';

export const text: Record<string, KindWords> = {};
