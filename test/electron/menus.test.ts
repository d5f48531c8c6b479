// The clipboard and the menus of the desktop app, which the page may use without being given the system's clipboard.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type App, electronProgram, isMissing, openInElectron, place } from '../studio/browser.ts';

const text = 'dsk 1\n\nbook = load("book.txt")\n';

describe.skipIf(isMissing(electronProgram))('in the desktop app', () => {
  const at = place();
  const path = at.put({ 'a.dsk': text, 'book.txt': 'one\n' });
  let studio: App;
  beforeAll(async () => {
    studio = await openInElectron(at, path);
    await studio.page.locator('.react-flow__node').first().waitFor();
  });
  afterAll(async () => {
    await studio?.close();
    at.remove();
  });

  /** The file, once autosave has written it. */
  const saved = async (fine: (now: string) => boolean): Promise<string> => {
    for (let tries = 0; tries < 100; tries++) {
      const now = readFileSync(path, 'utf8');
      if (fine(now)) return now;
      await sleep(50);
    }
    return readFileSync(path, 'utf8');
  };

  const choose = (id: string) =>
    studio.app.evaluate(({ Menu }, name) => {
      const item = Menu.getApplicationMenu()?.getMenuItemById(name);
      if (!item) throw new Error(`no ${name} in the menu`);
      (item.click as () => void)();
    }, id);

  test('a node is copied by its key and pasted by the canvas’ menu', async () => {
    const { page } = studio;
    await page.locator('.react-flow__node', { hasText: 'book' }).first().click();
    await page.keyboard.press('Control+c');
    await page.locator('.react-flow__pane').click({ button: 'right', position: { x: 40, y: 40 } });
    await page.getByRole('menuitem', { name: /^Paste/ }).click();
    const now = await saved((each) => each !== text);
    expect(now.match(/load\("book\.txt"\)/g)).toHaveLength(2);
  });

  test('the native menu undoes on the page, and changes its language with the page’s', async () => {
    await choose('undo');
    expect(await saved((now) => now === text)).toBe(text);
    const labels = () => studio.app.evaluate(({ Menu }) => Menu.getApplicationMenu()?.items.map(({ label }) => label));
    expect(await labels()).toEqual(['File', 'Edit', 'View', 'Run', 'Help']);
    await studio.page.evaluate(() =>
      window.dsk?.request['host.settings']({ settings: { language: 'zh', theme: 'dark' } }),
    );
    expect(await labels()).toEqual(['文件', '编辑', '视图', '运行', '帮助']);
    expect(await studio.app.evaluate(({ nativeTheme }) => nativeTheme.shouldUseDarkColors)).toBe(true);
    expect(studio.faults).toEqual([]);
  });
});
