// The tables of codes are complete and hold nothing else: every code in the sources is in one of them, and in one only.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { syntaxCodes } from '../../grammar/codes.ts';
import { graphCodes } from '../../engine/graph/codes.ts';
import { kindCodes } from '../../engine/nodes/codes.ts';
import { root } from '../../engine/native/paths.ts';

const tables = [syntaxCodes, graphCodes, kindCodes].map((table) => Object.keys(table));
const sources = ['grammar', 'engine']
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  )
  .filter((name) => name.endsWith('.ts') && !name.endsWith('codes.ts'))
  .map((name) => ({ name, text: readFileSync(join(root, name), 'utf8') }));

test('no code is in two tables', () => {
  const all = tables.flat();
  expect(all.filter((code, i) => all.indexOf(code) !== i)).toEqual([]);
});

test('every code of a complaint is in a table', () => {
  const known = new Set(tables.flat());
  const used = sources.flatMap(({ name, text }) =>
    [...text.matchAll(/\bcode: (?:[^',\n]*\? )?'([a-z-]+)'|\b(?:fault|PathError)\(\s*'([a-z-]+)'/g)].map((match) => ({
      name,
      code: match[1] ?? match[2],
    })),
  );
  expect(used.length).toBeGreaterThan(60);
  // Codes of refused edits are a type of their own, which the compiler holds together (EditCode).
  expect(used.filter(({ code = '' }) => !known.has(code) && !code.startsWith('edit-'))).toEqual([]);
});

test('every code in a table is used', () => {
  const text = sources.map((source) => source.text).join('\n');
  expect(tables.flat().filter((code) => !text.includes(`'${code}'`))).toEqual([]);
});
