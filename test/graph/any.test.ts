// Whatever the text is, checking ends with diagnostics and never with an exception; and it needs nothing of Node.
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { check } from '../../engine/graph/check.ts';
import { hasErrors } from '../../engine/graph/graph.ts';
import { readKinds } from '../../engine/graph/kinds.ts';
import { formatDiagnostic } from '../../grammar/diagnostic.ts';
import { goldens, kinds as fixtures } from './fixture.ts';

const root = join(import.meta.dirname, '../..');
const own = await readKinds({ folders: [] });

/** A text with a few of its words and signs removed, replaced or doubled. */
function mutated(text: string) {
  const tokens = text.match(/\w+|\s+|[^\w\s]/gu) ?? [];
  const odd = ['null', '[1, 2]', '"x"', '0', '-1', '1e308', '0.5', '5%', 'true', '[]', '""', '.', '|>', '##'];
  const edit = fc.record({
    at: fc.nat(tokens.length - 1),
    remove: fc.nat(2),
    insert: fc.option(fc.constantFrom(...tokens, ...odd)),
  });
  return fc.array(edit, { minLength: 1, maxLength: 4 }).map((edits) => {
    const result: string[] = [...tokens];
    for (const { at, remove, insert } of edits) result.splice(at, remove, ...(insert === null ? [] : [insert]));
    return result.join('');
  });
}

describe('any text', () => {
  it.each([
    ['of the fixture kinds', readFileSync(join(goldens, 'sound.dsk'), 'utf8'), fixtures],
    ['of the kinds that come with Dsk', readFileSync(join(root, 'examples/quickstart.dsk'), 'utf8'), own],
  ])(
    'is checked without an exception: mutants %s',
    async (_, text, kinds) => {
      await fc.assert(
        fc.asyncProperty(mutated(text), async (mutant) => {
          const checked = await check(mutant, { kinds, files: null });
          for (const diagnostic of checked.diagnostics) {
            expect(diagnostic.span.start).toBeLessThanOrEqual(diagnostic.span.end);
            expect(diagnostic.span.end).toBeLessThanOrEqual(mutant.length);
            expect(formatDiagnostic('x.dsk', mutant, diagnostic)).toContain(diagnostic.code);
          }
          // what is planned and run has no holes
          const whole = checked.graph.nodes.every(({ outputs, skipped }) => outputs !== null || skipped);
          if (!hasErrors(checked)) expect(whole).toBe(true);
        }),
        { numRuns: 400 },
      );
    },
    60_000,
  );
});

describe('checking', () => {
  it('imports nothing of Node, so that the editor can do it in its page', () => {
    const seen = new Set<string>();
    const outside = new Set<string>();
    const open = [join(root, 'engine/graph/check.ts')];
    for (let file = open.pop(); file; file = open.pop()) {
      if (seen.has(file)) continue;
      seen.add(file);
      for (const [, type, name = ''] of readFileSync(file, 'utf8').matchAll(
        /^(?:import|export) (type )?[^;]*?from '([^']+)'/gm,
      )) {
        if (type) continue;
        if (name.startsWith('.')) open.push(resolve(dirname(file), name));
        else outside.add(name);
      }
    }
    expect(seen.size).toBeGreaterThan(15);
    expect([...outside].sort()).toEqual(['ajv/dist/2020.js']); // chevrotain comes as one file of its own
  });
});
