// Real texts that the tests of text filters read: mails with headers, lists, tables, markup and attachments, and paragraphs of a novel.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../engine/native/paths.ts';

const data = join(root, 'node_modules/@stdlib');

/** Every so manieth mail, of all five folders; bytes that are not UTF-8 are taken as Latin-1. */
export function mails(every: number): string[] {
  const folder = join(data, 'datasets-spam-assassin/data');
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.txt'));
  return paths
    .sort()
    .filter((_, i) => i % every === 0)
    .map((path) => {
      const bytes = readFileSync(join(folder, path));
      const text = bytes.toString('utf8');
      return text.includes('\ufffd') ? bytes.toString('latin1') : text;
    });
}

/** Mails without their headers. */
export const letters = (every: number): string[] => mails(every).map((mail) => mail.slice(mail.indexOf('\n\n') + 2));

export function paragraphs(every: number): string[] {
  const folder = join(data, 'datasets-moby-dick/data');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.txt'))
    .sort()
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split(/\n\s*\n/))
    .filter((text, i) => text.trim() !== '' && i % every === 0);
}
