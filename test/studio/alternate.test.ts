// Text and canvas edited in turn: after each gesture the text is exactly what it should be, whoever made it, and undo goes over all
// of them. What does not parse, kinds nobody knows, and what others do to the file meanwhile.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { chromiumProgram, isMissing, openInBrowser, type Place, place, type Served } from './browser.ts';
import * as hands from './gestures.ts';

const { button, canvas, node, pick, shownText } = hands;

const whale = `dsk 1

# data
lines = load("data/*.txt", rows: "line")
clean = dedup(lines, by: "text")
long = filter(clean, where: "length(text) > 3") # short ones say little
parts = split(long, valid: 20%)
`;

describe.skipIf(isMissing(chromiumProgram))('text and canvas in turn', () => {
  let at: Place;
  let file: string;
  let studio: Served;

  beforeAll(async () => {
    at = place();
    at.settings({ language: 'en', theme: 'light', autosave: false, view: { frame: { mode: 'both', palette: false } } });
    file = at.put({ 'empty.dsk': 'dsk 1\n', 'data/a.txt': 'Call me Ishmael.\nSome years ago\nCall me Ishmael.\n' });
    studio = await openInBrowser(at, file, { width: 1600, height: 900 });
    studio.page.setDefaultTimeout(20_000);
    await is('dsk 1\n');
  }, 120_000);
  afterAll(async () => {
    await studio?.close();
    at?.remove();
  });
  afterEach(({ task }) => hands.picture(studio.page, task));
  beforeEach(async ({ task }) => {
    const name = `${task.name.split(' ')[0]}.dsk`;
    file = at.put({ [name]: whale });
    await studio.page.keyboard.press('ControlOrMeta+O');
    await button(studio.page.getByRole('dialog', { name: 'Open a graph' }), name).click();
    await studio.page.getByRole('button', { name: `${name} Saved` }).waitFor();
    await is(whale);
  });

  const is = (text: string) =>
    hands.until(
      `the text\n${text}`,
      () => shownText(studio.page),
      (shown) => shown === text,
    );
  /** Types at the end of the text, as it is: without completions and closing brackets that come by themselves. */
  async function write(text: string): Promise<void> {
    await hands.textPane(studio.page).getByRole('textbox').click();
    await studio.page.keyboard.press('ControlOrMeta+End');
    await studio.page.keyboard.insertText(text);
  }
  const save = async () => {
    await studio.page.keyboard.press('ControlOrMeta+S');
    await hands.saved(studio.page);
  };

  test('each gesture changes what it means, and nothing else', async () => {
    const { page } = studio;
    const texts = [whale];
    let text = whale;
    const then = async (change: (before: string) => string) => {
      text = change(text);
      await is(text);
      texts.push(text);
    };

    await write('vocab = tokenizer(long, size: 300)\n');
    await then((before) => `${before}vocab = tokenizer(long, size: 300)\n`);
    await node(page, 'vocab').waitFor();

    await hands.tidy(page);
    await hands.wire(page, ['parts', 'valid'], ['vocab', 'table']);
    await then((before) => before.replace('tokenizer(long', 'tokenizer(parts.valid'));

    await hands.rename(page, 'clean', 'unique');
    await then((before) => before.replaceAll('clean', 'unique'));

    await pick(page, 'long');
    await hands.set(page, 'where', 'length(text) > 5');
    await then((before) => before.replace('> 3', '> 5'));

    await hands.textPane(page).getByText('20%').dblclick();
    await page.keyboard.type('25');
    await then((before) => before.replace('20%', '25%'));

    await pick(page, 'unique');
    await page.keyboard.press('Delete');
    await then((before) => before.replace('unique = dedup(lines, by: "text")\n', '').replace('(unique', '(lines'));

    await pick(page, 'long');
    await page.keyboard.press('ControlOrMeta+E');
    await then((before) => before.replace('long = ', 'skip long = '));
    await node(page, 'long, filter, skipped').waitFor();

    await pick(page, 'parts');
    await pick(page, 'vocab', true);
    await page.keyboard.press('ControlOrMeta+C');
    await page.keyboard.press('ControlOrMeta+V');
    const pasted = '\nparts_2 = split(long, valid: 25%)\nvocab_2 = tokenizer(parts_2.valid, size: 300)\n';
    await then((before) => before + pasted);

    await write('');
    await page.keyboard.press('ControlOrMeta+V');
    const again = 'parts = split(long, valid: 25%)\nvocab = tokenizer(parts.valid, size: 300)\n';
    await then((before) => before + again);

    for (const before of texts.toReversed()) {
      for (let steps = 0; steps < 20 && (await shownText(page)) !== before; steps++) {
        await page.keyboard.press('ControlOrMeta+Z');
      }
      await is(before);
    }
    expect(readFileSync(file, 'utf8')).toBe(whale); // nothing was saved, as nobody asked for it
    expect(studio.faults).toEqual([]);
  }, 120_000);

  test('while the text does not parse, the canvas keeps its picture and says so', async () => {
    const { page } = studio;
    const words = page.getByText('The text has an error at the moment: the canvas shows it as it last was.');
    await write('vocab = = tokenizer(\n');
    await words.waitFor();
    await node(page, 'parts').waitFor();
    await hands.rename(page, 'clean', 'unique');
    await is(`${whale.replaceAll('clean', 'unique')}vocab = = tokenizer(\n`);
    await page.keyboard.press('ControlOrMeta+Z');
    await is(`${whale}vocab = = tokenizer(\n`);
    await page.keyboard.press('ControlOrMeta+Z');
    await is(whale);
    await words.waitFor({ state: 'detached' });
    expect(studio.faults).toEqual([]);
  }, 60_000);

  test('a kind that nobody knows is drawn as such and kept', async () => {
    const { page } = studio;
    await write('odd = frobnicate(long, by: [3, 4], with: parts)\n');
    await node(page, 'odd, frobnicate, unknown kind').waitFor();
    await hands.rename(page, 'long', 'lengthy');
    await is(`${whale.replaceAll('long', 'lengthy')}odd = frobnicate(lengthy, by: [3, 4], with: parts)\n`);
    await pick(page, 'odd');
    await hands.inspector(page).getByText('There is no node kind').waitFor();
    await page.keyboard.press('Delete');
    await is(whale.replaceAll('long', 'lengthy'));
    for (let i = 0; i < 3; i++) await page.keyboard.press('ControlOrMeta+Z');
    await is(whale);
    expect(studio.faults).toEqual([]);
  }, 60_000);

  test('others may write the file: it is taken in, merged, or offered', async () => {
    const { page } = studio;
    const theirs = whale.replace('rows: "line"', 'rows: "paragraph"');
    writeFileSync(file, theirs);
    await is(theirs);
    await node(page, 'lines').getByText('"paragraph"').waitFor();

    await write('vocab = tokenizer(parts, size: 300)\n');
    writeFileSync(file, whale);
    await is(`${whale}vocab = tokenizer(parts, size: 300)\n`);
    await page.getByText('Changes made outside were merged.').waitFor();
    await save();
    expect(readFileSync(file, 'utf8')).toBe(`${whale}vocab = tokenizer(parts, size: 300)\n`);

    const dialog = page.getByRole('alertdialog', { name: 'The file was changed elsewhere' });
    const size = (entries: number) => `${whale}vocab = tokenizer(parts, size: ${entries})\n`;
    await pick(page, 'vocab');
    await hands.set(page, 'size', '400');
    writeFileSync(file, size(500));
    await button(dialog, 'Keep mine').click();
    await is(size(400));
    await hands.saved(page);
    expect(readFileSync(file, 'utf8')).toBe(size(400));

    await hands.set(page, 'size', '600');
    writeFileSync(file, size(700));
    await dialog.getByText('600').first().waitFor();
    await button(dialog, 'Take the file’s').click();
    await is(size(700));
    expect(readFileSync(file, 'utf8')).toBe(size(700));
    await page.keyboard.press('ControlOrMeta+Z');
    await is(size(600));

    rmSync(file);
    await page.getByText('others.dsk was removed from disk. Saving writes it again.').waitFor();
    expect(existsSync(file)).toBe(false);
    await save();
    expect(readFileSync(file, 'utf8')).toBe(size(600));
    await canvas(page).waitFor();
    expect(studio.faults).toEqual([]);
  }, 90_000);
});
