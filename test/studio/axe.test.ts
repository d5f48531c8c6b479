// What axe finds wrong for who cannot see well or uses no mouse, in every view and both themes: names, roles, landmarks, contrast.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults, RunOptions } from 'axe-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumProgram, isMissing, openInBrowser, type Place, place, type Served } from './browser.ts';

declare const axe: { run(where: object, options: RunOptions): Promise<AxeResults> };

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const options: RunOptions = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'best-practice'],
  resultTypes: ['violations'],
};
const graph = `dsk 1

rows  = load("words.csv")
long  = filter(rows, where: "length(text) > 4")
once  = dedup(long, by: "text")
`;
const words = 'text,number\nwhale,1\nsea,2\nharpoon,3\nwhale,4\n';

describe.skipIf(isMissing(chromiumProgram)).each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  let at: Place;
  let studio: Served;

  beforeAll(async () => {
    at = place();
    at.settings({ language: 'en', theme, autosave: true });
    at.put({ 'words.dsk': graph, 'words.csv': words });
    studio = await openInBrowser(at);
    studio.page.setDefaultTimeout(20_000);
    await studio.page.evaluate(source);
  }, 120_000);
  afterAll(async () => {
    await studio?.close();
    at?.remove();
  });

  const key = (name: string) => studio.page.keyboard.press(name);
  const tab = (name: string) => studio.page.getByRole('tab', { name: new RegExp(`^${name}`) }).click();

  /** What is wrong, a line each; CodeMirror's scroller is left out, whose editable text axe does not take for focusable. */
  async function faults(): Promise<string[]> {
    // Rows are fetched, and colours are on their way while something fades in.
    await studio.page.waitForFunction(() => !document.querySelector('.results-table-wait'));
    await studio.page.waitForFunction(() =>
      document
        .getAnimations()
        .every(({ effect, playState }) => playState !== 'running' || effect?.getTiming().iterations === Infinity),
    );
    const { violations } = await studio.page.evaluate(
      (how) => axe.run({ exclude: [['.cm-scroller']] }, how) as Promise<Pick<AxeResults, 'violations'>>,
      options,
    );
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ target, html }) => `${id}: ${help}, ${target.join(' ')} ${html}`),
    );
  }

  test('the start page', async () => {
    await studio.page.getByRole('button', { name: 'Empty graph' }).waitFor();
    await studio.page.locator('.start-example').nth(2).waitFor();
    expect(await faults()).toEqual([]);
  });

  test('canvas and text, and the dialogs over them', async () => {
    const { page } = studio;
    await key('ControlOrMeta+O');
    expect(await faults()).toEqual([]);
    await page.getByRole('dialog').getByText('words.dsk').click();
    await page.locator('.react-flow__node').nth(2).waitFor();
    expect(await faults()).toEqual([]);
    await key('Alt+2');
    await page.locator('.cm-content').waitFor();
    expect(await faults()).toEqual([]);
    await key('ControlOrMeta+K');
    await page.getByRole('combobox').waitFor();
    expect(await faults()).toEqual([]);
    await key('Escape');
  });

  test('a run and what it made', async () => {
    const { page } = studio;
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    const yes = page.getByRole('button', { name: 'Run and remember' });
    await yes.waitFor();
    expect(await faults()).toEqual([]);
    await yes.click();
    await page.getByText('The run is done').waitFor({ timeout: 60_000 });
    expect(await faults()).toEqual([]);
    await page.locator('.react-flow__node', { hasText: 'once' }).click();
    await key('ControlOrMeta+J');
    await tab('Result');
    for (const part of ['Rows', 'Removed', 'Columns']) {
      await page.getByRole('tab', { name: part }).click();
      expect(await faults(), part).toEqual([]);
    }
    for (const name of ['Curves', 'Runs', 'Plan', 'Problems']) {
      await tab(name);
      expect(await faults(), name).toEqual([]);
    }
  }, 120_000);

  test('a text with errors', async () => {
    const { page } = studio;
    await page.locator('.cm-content').click();
    await key('ControlOrMeta+End');
    await page.keyboard.insertText('wrong = nothing(\n');
    await page.locator('.problem').first().waitFor();
    expect(await faults()).toEqual([]);
  });

  test('nothing was printed as an error', () => {
    expect(studio.faults).toEqual([]);
  });
});
