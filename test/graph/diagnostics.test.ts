// What is said about wrong texts: each goldens/NAME.dsk with what `dsk check` prints for it, and the fixes it offers.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { graphCodes } from '../../engine/graph/codes.ts';
import { applyEdits, formatDiagnostic } from '../../grammar/diagnostic.ts';
import { checked, expectGolden, goldens } from './fixture.ts';

const names = readdirSync(goldens).filter((name) => name.endsWith('.dsk'));
const said = new Set<string>();

describe('diagnostics', () => {
  it.each(names)('%s', async (name) => {
    const text = readFileSync(join(goldens, name), 'utf8');
    const { diagnostics } = await checked(text);
    for (const { code } of diagnostics) said.add(code);
    const printed = diagnostics.map((diagnostic) => formatDiagnostic(name, text, diagnostic));
    expectGolden(join(goldens, name.replace('.dsk', '.txt')), `${printed.join('\n\n')}\n`);
  });

  it('say nothing of a sound graph', async () => {
    const { diagnostics } = await checked(readFileSync(join(goldens, 'sound.dsk'), 'utf8'));
    expect(diagnostics).toEqual([]);
  });

  it('cover every code of the graph', () => {
    const other = ['output-absent']; // needs outputs that depend on parameters: see graph.test.ts
    expect(Object.keys(graphCodes).filter((code) => !said.has(code) && !other.includes(code))).toEqual([]);
  });

  it.each(names)('fixes of %s mend what they are offered for', async (name) => {
    const text = readFileSync(join(goldens, name), 'utf8');
    const { diagnostics } = await checked(text);
    for (const { code, message, span, fixes = [] } of diagnostics) {
      for (const fix of fixes) {
        const after = await checked(applyEdits(text, fix.edits));
        const same = after.diagnostics.filter((each) => {
          return each.code === code && each.message === message && each.span.start === span.start;
        });
        expect(same, `${fix.title} for ${message}`).toEqual([]);
      }
    }
  });
});
