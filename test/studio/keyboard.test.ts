// Without a mouse: everything that can be done can be reached, says what it is, and shows that the keyboard is there.
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { chromiumProgram, isMissing, openInBrowser, type Place, place, type Served } from './browser.ts';
import * as hands from './gestures.ts';

const { shows } = hands;

/** Roles that a person does something with, and those that only a name tells apart. */
const named =
  /^\s*- (button|link|textbox|searchbox|combobox|checkbox|radio|tab|menuitem|menuitemcheckbox|menuitemradio|option|spinbutton|slider|switch|progressbar|dialog|alertdialog|region|tabpanel|application)(?![a-z])(?! ")/;

/** Lines of the accessibility tree without the name they need. */
async function nameless(page: Page): Promise<string[]> {
  return (await page.locator('body').ariaSnapshot()).split('\n').filter((line) => named.test(line));
}

/** What has the focus, as the accessibility tree says it, and whether it can be seen there. */
async function focus(page: Page): Promise<{ what: string; seen: boolean }> {
  const at = page.locator(':focus');
  if ((await at.count()) === 0) return { what: '', seen: true };
  const [what = ''] = (await at.ariaSnapshot()).split('\n');
  const seen = await at.evaluate((element) => {
    if (element.classList.contains('cm-content')) return true; // a cursor blinks there
    for (let each: Element | null = element; each && each !== document.body; each = each.parentElement) {
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(each);
      if ((outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none') return true;
    }
    return false;
  });
  return { what, seen };
}

/** Where Tab means something of its own, until Escape: canvas and text. */
const takesTab = /application|textbox "Text of the graph"/;

/** Presses Tab until the focus comes back to where it was, and gives all it was at. */
async function walk(page: Page): Promise<{ what: string; seen: boolean }[]> {
  const found: { what: string; seen: boolean }[] = [];
  for (let presses = 0; presses < 150; presses++) {
    await page.keyboard.press('Tab');
    const now = await focus(page);
    if (now.what === '') break; // past the end of the page
    found.push(now);
    if (takesTab.test(now.what)) await page.keyboard.press('Escape');
  }
  return found;
}

/** Presses Tab until the focus is at something of this name. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let presses = 0; presses < 150; presses++) {
    const { what } = await focus(page);
    if (name.test(what)) return;
    if (takesTab.test(what)) await page.keyboard.press('Escape');
    await page.keyboard.press('Tab');
  }
  throw new Error(`${name} cannot be reached by Tab`);
}

describe.skipIf(isMissing(chromiumProgram))('the keyboard alone', () => {
  let at: Place;
  let studio: Served;
  let page: Page;
  beforeAll(async () => {
    at = place();
    at.settings({ language: 'en', theme: 'light', autosave: true, view: { frame: { mode: 'both' } } });
    studio = await openInBrowser(at, undefined, { width: 1600, height: 950 });
    ({ page } = studio);
    page.setDefaultTimeout(20_000);
    await page.getByRole('button', { name: 'Empty graph' }).waitFor();
  }, 120_000);
  afterAll(async () => {
    await studio?.close();
    at?.remove();
  });
  afterEach(({ task }) => hands.picture(page, task));

  test('every place that Tab comes to has a name and shows the focus', async () => {
    expect(await nameless(page)).toEqual([]);
    const start = await walk(page);
    expect(start.map(({ what }) => what)).toEqual(
      expect.arrayContaining(['- button "Empty graph"', '- button "Settings"']),
    );
    expect(start.filter(({ what, seen }) => !seen || named.test(what))).toEqual([]);
  }, 60_000);

  test('a graph is begun, added to, connected, named, set and run, and its result opened', async () => {
    await tabTo(page, /button "Empty graph"/);
    await page.keyboard.press('Enter');
    await hands.canvas(page).waitFor();
    await tabTo(page, /application/);
    await page.keyboard.press('Tab');
    await hands.take(page, 'load');
    await shows(page, 'load = load(');
    await page.keyboard.press('F2');
    await page.getByRole('textbox', { name: 'Name of the node' }).waitFor();
    await page.keyboard.type('book\n');
    await shows(page, 'book = load(');
    await page.keyboard.press('Tab');
    await hands.take(page, 'dedup');
    await shows(page, 'dedup = dedup(book)');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Shift+A');
    await hands.take(page, 'filter');
    await shows(page, 'filter = filter(where:');
    await page.keyboard.press('f');
    await hands.still(page);
    const corners = await Promise.all(
      ['book', 'dedup', 'filter'].map(async (name) => JSON.stringify(await hands.middle(hands.node(page, name)))),
    );
    expect(new Set(corners).size).toBe(3); // none lies on another
    await hands.find(page, 'dedup');
    await page.keyboard.press('c');
    await page.getByRole('dialog', { name: 'Connect “dedup” to' }).getByRole('combobox').waitFor();
    await page.keyboard.type('filter table\n');
    await shows(page, 'filter(dedup, where:');
    await hands.find(page, 'filter');
    await page.keyboard.press('Enter');
    await tabTo(page, /textbox "where"/);
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type('length(text) > 2000');
    await shows(page, 'where: "length(text) > 2000"');

    const places = await walk(page);
    expect(places.filter(({ what, seen }) => !seen || named.test(what))).toEqual([]);
    expect(await nameless(page)).toEqual([]);

    await page.keyboard.press('ControlOrMeta+Enter');
    await page.getByRole('progressbar', { name: 'Progress of the run' }).waitFor();
    await hands.button(page, 'Run').waitFor({ timeout: 60_000 });
    await hands.command(page, 'Show the result');
    await page.getByRole('region', { name: 'Result of filter' }).getByRole('tab', { name: /^Rows/ }).waitFor();
    expect(studio.faults).toEqual([]);
  }, 120_000);

  test('panels, menus and dialogs have names throughout', async () => {
    for (const tab of ['Curves', 'Runs', 'Plan', 'Problems', 'Result']) {
      await tabTo(page, new RegExp(`button "${tab}"`));
      await page.keyboard.press('Enter');
      await page.getByRole('tabpanel', { name: new RegExp(`^${tab}`) }).waitFor();
      expect([tab, ...(await nameless(page))]).toEqual([tab]);
    }
    for (const [opener, role] of [
      [/button "More ways to run"/, 'menu'],
      [/button "Settings"/, 'menu'],
      [/button ".*\.dsk Saved"/, 'menu'],
      [/button "Search commands/, 'dialog'],
    ] as const) {
      await tabTo(page, opener);
      await page.keyboard.press('Enter');
      await page.getByRole(role).waitFor();
      expect([String(opener), ...(await nameless(page))]).toEqual([String(opener)]);
      await page.keyboard.press('Escape');
      await page.getByRole(role).waitFor({ state: 'detached' });
    }
    expect(studio.faults).toEqual([]);
  }, 60_000);
});
