// A run's results for people: numbers in one line, texts below their node's name.
import { relative } from 'node:path';
import { number, visible } from './words.ts';

const longest = 72; // of a text that still stands in the line

/** One paragraph a node; empty where there are no results. */
export function showResults(results: Record<string, Record<string, unknown>>): string {
  const width = Math.min(24, Math.max(0, ...Object.keys(results).map((node) => node.length)));
  return Object.entries(results)
    .map(([node, values]) => {
      const short: string[] = [];
      const long: string[] = [];
      for (const [field, value] of Object.entries(values)) {
        const alone = Object.keys(values).length === 1;
        if (field === 'path' && typeof value === 'string') {
          short.push(visible(relative(process.cwd(), value) || '.'));
          continue;
        }
        const text = shown(value);
        if (text.length > longest || text.includes('\n')) long.push(`${alone ? '' : `${field}:\n`}${text}`);
        else short.push(alone && typeof value === 'string' ? text : `${field} ${text}`);
      }
      const head = `${node.padEnd(width)}  ${short.join(' · ')}`.trimEnd();
      return [head, ...long.map((text) => text.replace(/^(?=.)/gm, '  '))].join('\n');
    })
    .join('\n');
}

function shown(value: unknown): string {
  if (typeof value === 'number') return number(value);
  return visible(typeof value === 'string' ? value : JSON.stringify(value));
}
