// The kinds that come with Dsk: their examples are right, their parameters compile, and the reference in git says what they say.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { check } from '../../engine/graph/check.ts';
import { openFiles } from '../../engine/graph/files.ts';
import { readKinds } from '../../engine/graph/kinds.ts';
import { kindText, markdown } from '../../engine/graph/reference.ts';
import { languageSchema } from '../../engine/graph/schema.ts';
import { newAjv } from '../../engine/graph/validators.ts';
import { parse } from '../../grammar/parse.ts';
import { expectGolden } from './fixture.ts';

const root = join(import.meta.dirname, '../..');
const kinds = await readKinds({ folders: [] });
const quickstart = readFileSync(join(root, 'examples/quickstart.dsk'), 'utf8');

/** The quickstart's statements that do not bear these names. */
function without(names: Set<string>): string {
  return parse(quickstart)
    .document.statements.filter(({ name }) => !names.has(name.text))
    .map(({ span }) => quickstart.slice(span.start, span.end))
    .join('\n');
}

describe('the kinds that come with Dsk', () => {
  it('are described by engine/nodes/REFERENCE.md', () => {
    // compared with the goldens: UPDATE_GOLDENS=1 makes it again, as `dsk nodes --markdown > engine/nodes/REFERENCE.md` does
    expectGolden(join(root, 'engine/nodes/REFERENCE.md'), markdown(kinds.list));
  });

  it('have one JSON Schema that compiles', () => {
    const validate = newAjv().compile(languageSchema(kinds.list));
    expect(validate({ kind: 'swiglu', inputs: {}, params: { dim: 8 } })).toBe(true);
    expect(validate({ kind: 'swiglu', inputs: {}, params: { dim: 0 } })).toBe(false);
  });

  it.each(kinds.list.map((kind) => [kind.kind, kind] as const))('%s has a sound example', async (_, { example }) => {
    const { document, diagnostics } = parse(`dsk 1\n${example}\n`);
    expect(diagnostics).toEqual([]);
    const names = new Set(document.statements.map(({ name }) => name.text));
    const files = openFiles({ folder: join(root, 'examples') });
    try {
      const text = `dsk 1\n${without(names)}\n${example}\n`;
      const start = text.length - example.length - 1;
      const checked = await check(text, { kinds, files });
      // files that an example names need not be there
      const absent = ['path-missing', 'unused-node'];
      const wrong = checked.diagnostics.filter(({ code, span }) => span.start >= start && !absent.includes(code));
      expect(wrong.map(({ message }) => message)).toEqual([]);
    } finally {
      await files.close();
    }
  });

  it.each(kinds.list.map((kind) => [kind.kind, kind] as const))('%s is explained in 80 columns', (_, kind) => {
    const text = kindText(kind, 80).replace(/\nExample\n[^]*$/, '');
    const long = text.split('\n').filter((line) => line.length > 80 && line.trim().includes(' '));
    expect(long).toEqual([]);
  });
});
