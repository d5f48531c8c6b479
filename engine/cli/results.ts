// A run's results for people: numbers in one line, texts and lists below their node's name.
import { relative } from 'node:path';
import { number, visible } from './words.ts';

const longest = 72; // of a text that still stands in the line
const most = 12; // of a list

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
        if (isRecords(value)) {
          long.push(`${field}:\n${listed(value)}`);
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

type Records = [Record<string, unknown>, ...Record<string, unknown>[]];

/** Whether a value is a list of things that have the same fields. */
function isRecords(value: unknown): value is Records {
  if (!Array.isArray(value) || value.length === 0) return false;
  const all: unknown[] = value;
  const fields = (each: unknown): string | null =>
    typeof each === 'object' && each !== null && !Array.isArray(each) ? Object.keys(each).join() : null;
  return fields(all[0]) !== null && all.every((each) => fields(each) === fields(all[0]));
}

/** The first of a list as lines with columns, and how many are left out. */
function listed(records: Records): string {
  const fields = Object.keys(records[0]);
  const rows = records.slice(0, most).map((record) => fields.map((field) => shown(record[field])));
  const lines = [fields, ...rows];
  const widths = fields.map((_, i) => Math.max(...lines.map((line) => (line[i] as string).length)));
  const numeric = fields.map((field) => typeof records[0][field] === 'number');
  const padded = lines.map((line) =>
    line
      .map((text, i) => (numeric[i] ? text.padStart(widths[i] as number) : text.padEnd(widths[i] as number)))
      .join('  ')
      .trimEnd(),
  );
  const left = records.length - rows.length;
  return [...padded, ...(left > 0 ? [`... ${left} more: dsk runs --json has them all`] : [])].join('\n');
}

function shown(value: unknown): string {
  if (typeof value === 'number') return number(value);
  return visible(typeof value === 'string' ? value : JSON.stringify(value));
}
