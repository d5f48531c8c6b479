// Simplified Chinese of the kinds in engine/nodes/data: a file for each group of kinds.
import { augment } from './data/augment.ts';
import { clean } from './data/clean.ts';
import { read } from './data/read.ts';
import { rows } from './data/rows.ts';
import { text } from './data/text.ts';
import { tokens } from './data/tokens.ts';
import type { KindWords } from './words.ts';

export const data: Record<string, KindWords> = { ...read, ...rows, ...clean, ...text, ...augment, ...tokens };
