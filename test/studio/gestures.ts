// What hands do in the studio, by mouse and keyboard alone, and what eyes see of it. Things are found by role and name, as people
// who use a screen reader find them; only ports and lines of text, which have none, by what React Flow and CodeMirror call them.
import type { Locator, Page } from 'playwright-core';
import { join } from 'node:path';
import type { RunnerTestCase } from 'vitest';
import { root } from './browser.ts';

const patience = { timeout: 20_000 };

/** Reads again and again until what is read will do. @throws with what was read last */
export async function until<T>(
  what: string,
  read: () => Promise<T> | T,
  fine: (value: T) => boolean,
  timeout: number = patience.timeout,
): Promise<T> {
  const end = Date.now() + timeout;
  for (;;) {
    const value = await read();
    if (fine(value)) return value;
    if (Date.now() > end) {
      throw new Error(`waited for ${what}; there is\n${typeof value === 'string' ? value : JSON.stringify(value)}`);
    }
    await new Promise((done) => setTimeout(done, 40));
  }
}

export const canvas = (page: Page): Locator => page.getByRole('main', { name: 'Canvas', exact: true });
export const inspector = (page: Page): Locator =>
  page.getByRole('complementary', { name: 'Inspector', exact: true }).first();
export const textPane = (page: Page): Locator => page.getByRole('region', { name: 'Text', exact: true }).first();
export const button = (page: Page | Locator, name: string): Locator => page.getByRole('button', { name, exact: true });

/** A node on the canvas; inline ones by owner and port: "trained optimizer". */
export const node = (page: Page, name: string): Locator =>
  canvas(page).getByRole('group', { name: new RegExp(`^${name}, `) });

const port = (page: Page, name: string, side: 'in' | 'out', port: string): Locator =>
  canvas(page).locator(`[data-id="canvas-${name}-${port}-${side === 'in' ? 'target' : 'source'}"]`);

/** The text as the text pane shows it. */
export async function shownText(page: Page): Promise<string> {
  return (await page.locator('.cm-line').allTextContents()).join('\n');
}

/** Waits until the text pane shows a text that has this piece in it, wherever lines are broken, and gives the whole. */
export function shows(page: Page, piece: string): Promise<string> {
  const plain = (text: string) => text.replace(/\s+/g, ' ');
  return until(
    piece,
    () => shownText(page),
    (text) => plain(text).includes(plain(piece)),
  );
}

/** Waits until the file is said to be saved. */
export async function saved(page: Page): Promise<void> {
  await page.getByRole('button', { name: /\.dsk Saved$/ }).waitFor(patience);
}

/** Where the open file lies. */
export async function path(page: Page): Promise<string> {
  return (await page.getByRole('button', { name: /\.dsk / }).getAttribute('title')) ?? '';
}

/** How many points of a drawing have a colour: neither the ground nor grey, as axes are. */
export async function ink(drawing: Locator): Promise<number> {
  if ((await drawing.count()) === 0) return 0;
  return drawing.first().evaluate((element) => {
    const { width, height } = element as HTMLCanvasElement;
    const { data } = (element as HTMLCanvasElement).getContext('2d')?.getImageData(0, 0, width, height) ?? { data: [] };
    let coloured = 0;
    for (let i = 0; i < data.length; i += 4) {
      const [r = 0, g = 0, b = 0, a = 0] = data.slice(i, i + 4);
      if (a > 100 && Math.max(r, g, b) - Math.min(r, g, b) > 60) coloured++;
    }
    return coloured;
  });
}

/** Types into what has the focus, in the place of what it holds. */
export async function type(page: Page, field: Locator, text: string): Promise<void> {
  await field.click();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type(text);
}

/** Sets a field of the inspector, and leaves it. */
export async function set(page: Page, name: string, value: string): Promise<void> {
  const field = inspector(page).getByRole(/^[\d.]/.test(value) ? 'spinbutton' : 'textbox', { name, exact: true });
  await type(page, field, value);
  await page.keyboard.press('Tab');
}

/** Chooses in one of the inspector's lists. */
export async function choose(page: Page, name: string, option: string): Promise<void> {
  const list = inspector(page).getByRole('combobox', { name, exact: true });
  await list.click();
  await page.getByRole('option', { name: option, exact: true }).click();
  await focused(list);
}

/** Waits until the keyboard is at an element or inside of it, as when a menu that closes gives it back. */
async function focused(element: Locator): Promise<void> {
  const inside = () => element.evaluate((each) => each.contains(document.activeElement));
  await until(`the focus on ${element}`, inside, Boolean);
}

/** Gives the selected node another name in the inspector. */
export async function name(page: Page, to: string): Promise<void> {
  await type(page, inspector(page).getByRole('textbox', { name: 'Name', exact: true }), to);
  await page.keyboard.press('Enter');
}

/** Gives a node on the canvas another name. */
export async function rename(page: Page, from: string, to: string): Promise<void> {
  await pick(page, from);
  await page.keyboard.press('F2');
  await page.getByRole('textbox', { name: /^Name of the node|^Name, which/ }).waitFor();
  await page.keyboard.type(to);
  await page.keyboard.press('Enter');
}

/** Whether a node's head is on the canvas that is seen: one beside it may be in the document all the same. */
async function inSight(page: Page, name: string): Promise<boolean> {
  if ((await node(page, name).count()) === 0) return false;
  const [of, at] = [await canvas(page).boundingBox(), await node(page, name).boundingBox()];
  if (!of || !at) return false;
  const within = (from: number, size: number, low: number, most: number) => from >= low && from + size <= low + most;
  return within(at.x, Math.min(60, at.width), of.x, of.width) && within(at.y, Math.min(20, at.height), of.y, of.height);
}

/** Selects a node by a click on its head and shows it in its whole size; one out of sight is looked for first. */
export async function pick(page: Page, name: string, add = false): Promise<void> {
  if (!(await inSight(page, name))) await find(page, name.replaceAll(' ', '.'));
  const at = node(page, name);
  const { width, height } = (await at.boundingBox()) ?? { width: 0, height: 0 };
  const position = { x: Math.min(60, width / 2), y: Math.min(10, height / 4) };
  await at.click({ position, ...(add && { modifiers: ['ControlOrMeta'] }) });
  await focused(canvas(page));
}

/** Selects a node and brings it to the middle of the canvas. */
export async function centre(page: Page, name: string): Promise<void> {
  await pick(page, name);
  await page.keyboard.press('Shift+F');
  const off = async () => {
    const [at, of] = [await middle(node(page, name)), await middle(canvas(page))];
    return Math.hypot(at.x - of.x, at.y - of.y);
  };
  await until(`${name} in the middle`, off, (distance) => distance < 4);
}

/** Goes to a node and waits until the canvas says this of it: "running", "done". */
export async function standing(page: Page, name: string, state: string, timeout = 120_000): Promise<void> {
  await centre(page, name);
  const told = canvas(page).getByRole('group', { name: new RegExp(`^${name}, .*\\b${state}\\b`) });
  await told.waitFor({ timeout });
}

/** Selects a node by the search over commands and nodes. */
export async function find(page: Page, path: string): Promise<void> {
  await command(page, path);
  await node(page, path.replaceAll('.', ' ')).waitFor(patience);
  await still(page);
}

/** Carries out a command, or goes to a node, by the search over both. */
export async function command(page: Page, words: string): Promise<void> {
  await page.keyboard.press('ControlOrMeta+K');
  const dialog = page.getByRole('dialog', { name: 'Search commands and nodes' });
  await dialog.getByRole('combobox').waitFor();
  await page.keyboard.type(words);
  await dialog.getByRole('option', { name: new RegExp(`^${words}`), selected: true }).waitFor(patience);
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached' });
}

/** Waits until the canvas stands still. */
export async function still(page: Page): Promise<void> {
  const view = canvas(page).locator('.react-flow__viewport');
  let before = '';
  for (let same = 0; same < 5; ) {
    const now = (await view.getAttribute('style')) ?? '';
    same = now === before ? same + 1 : 0;
    before = now;
    await view.evaluate(() => new Promise((done) => setTimeout(done, 60)));
  }
}

/** Picks a kind in the search that is open. */
export async function take(page: Page, kind: string): Promise<void> {
  const search = page.getByRole('dialog');
  await search.getByRole('combobox').waitFor();
  await page.keyboard.type(kind);
  await search.getByRole('option', { name: new RegExp(`^${kind}`), selected: true }).waitFor();
  await page.keyboard.press('Enter');
  await search.waitFor({ state: 'detached' });
}

/** Adds a kind by a double click on the bare canvas. */
export async function addByClick(page: Page, kind: string): Promise<void> {
  const { x, y } = await bare(page);
  await page.mouse.dblclick(x, y);
  await take(page, kind);
}

/** Adds a kind by Tab on the canvas, fed by what is selected. */
export async function addByTab(page: Page, from: string, kind: string): Promise<void> {
  await centre(page, from);
  const { x, y } = await bare(page);
  await page.mouse.move(x, y);
  await page.keyboard.press('Tab');
  await take(page, kind);
}

/** Drags a wire from a port, drops it on bare canvas, and picks a kind for it. */
export async function addByWire(page: Page, from: string, output: string, kind: string): Promise<void> {
  await centre(page, from);
  const start = await grab(page, from, 'out', output);
  await page.mouse.move(start.x + 40, start.y + 10, { steps: 4 });
  await page.mouse.move(start.x + 70, start.y - 10, { steps: 4 });
  await page.mouse.up();
  await take(page, kind);
}

/** Writes a kind into a port, by a click on it. */
export async function addInline(page: Page, owner: string, input: string, kind: string): Promise<void> {
  await centre(page, owner);
  const { x, y } = await reach(page, owner, 'in', input);
  await page.mouse.click(x, y);
  await take(page, kind);
}

/** Drags a wire from an output to an input that can both be seen. */
export async function wire(page: Page, [from, output]: [string, string], [to, input]: [string, string]): Promise<void> {
  await grab(page, from, 'out', output);
  const { x, y } = await middle(port(page, to, 'in', input));
  await page.mouse.move(x - 12, y - 4, { steps: 8 });
  await page.mouse.move(x, y, { steps: 3 });
  await page.mouse.up();
}

/** Moves the pointer onto a port, by way of its node: ports take part in dragging only while the pointer is about. */
async function reach(page: Page, name: string, side: 'in' | 'out', which: string): Promise<{ x: number; y: number }> {
  const at = await middle(port(page, name, side, which));
  await page.mouse.move(at.x + (side === 'in' ? 24 : -24), at.y);
  await page.mouse.move(at.x, at.y, { steps: 2 });
  return at;
}

async function grab(page: Page, name: string, side: 'in' | 'out', which: string): Promise<{ x: number; y: number }> {
  const at = await reach(page, name, side, which);
  await page.mouse.down();
  return at;
}

export async function middle(of: Locator): Promise<{ x: number; y: number }> {
  const box = await of.boundingBox();
  if (!box) throw new Error(`${of} cannot be seen`);
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** A place of the canvas with nothing around it. */
export async function bare(page: Page): Promise<{ x: number; y: number }> {
  const found = await canvas(page).evaluate((element) => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    const around = [-30, 0, 30, 60].flatMap((dx) => [-30, 0, 30].map((dy) => ({ dx, dy })));
    for (let y = bottom - 260; y > top + 40; y -= 30) {
      for (let x = left + 40; x < right - 80; x += 30) {
        const free = around.every(
          ({ dx, dy }) => document.elementFromPoint(x + dx, y + dy)?.classList.contains('react-flow__pane') === true,
        );
        if (free) return { x, y };
      }
    }
    return null;
  });
  if (!found) throw new Error('the canvas has no bare place in sight');
  return found;
}

/** Drags a kind from the palette to the right of a node. */
export async function addFromPalette(page: Page, kind: string, beside: string): Promise<void> {
  const item = page
    .getByRole('complementary', { name: 'Nodes' })
    .getByRole('button', { name: new RegExp(`^${kind} `) });
  const place = await node(page, beside).boundingBox();
  const ground = await canvas(page).boundingBox();
  if (!place || !ground) throw new Error(`${beside} cannot be seen`);
  const targetPosition = { x: place.x + place.width + 130 - ground.x, y: place.y + 40 - ground.y };
  await item.dragTo(canvas(page), { targetPosition });
}

/** Adds a kind that is searched for in the palette, fed by what is selected. */
export async function searchPalette(page: Page, kind: string): Promise<void> {
  await type(page, page.getByRole('searchbox', { name: 'Search nodes' }), kind);
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
}

/** Feeds an input of the selected node by the inspector. */
export async function feed(page: Page, input: string, source: string): Promise<void> {
  const menu = button(inspector(page), input);
  await menu.click();
  await page.getByRole('menuitemcheckbox', { name: source, exact: true }).click();
  await focused(menu);
}

/** Lets a field of the selected node take the value of a param. */
export async function bind(page: Page, name: string, param: string): Promise<void> {
  const menu = button(inspector(page), `More about ${name}`);
  await menu.click();
  await page.getByRole('menuitemcheckbox', { name: new RegExp(`^${param} `) }).click();
  await focused(menu);
}

/** Lets go of what is selected, by a click on bare canvas. */
export async function letGo(page: Page): Promise<void> {
  const { x, y } = await bare(page);
  await page.mouse.click(x, y);
  await inspector(page).getByText('Select a node to see and change it.').waitFor(patience);
}

/** Lays everything out, and shows all of it. */
export async function tidy(page: Page): Promise<void> {
  await letGo(page);
  await page.keyboard.press('Shift+T');
  await still(page);
  await page.keyboard.press('f');
  await still(page);
}

/** After a test that failed: what the page looked like, under dist/failed. */
export async function picture(page: Page, { name, result }: Readonly<RunnerTestCase>): Promise<void> {
  if (result?.state !== 'fail' || page.isClosed()) return;
  await page.screenshot({ path: join(root, 'dist', 'failed', `${name.replace(/\W+/g, '-')}.png`) });
}

/** Connects a node by the keyboard, to a port that is searched for: "score data valid". */
export async function connect(page: Page, from: string, to: string): Promise<void> {
  await find(page, from);
  await pick(page, from);
  await page.keyboard.press('c');
  const search = page.getByRole('dialog', { name: `Connect “${from}” to` });
  await search.getByRole('combobox').waitFor();
  await page.keyboard.type(to);
  const words = new RegExp(to.split(' ').join('.*'));
  await search.getByRole('option', { name: words, selected: true }).waitFor(patience);
  await page.keyboard.press('Enter');
  await search.waitFor({ state: 'detached' });
}
