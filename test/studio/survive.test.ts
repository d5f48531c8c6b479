// Bad moments: page, host and run are killed, reloaded and aborted under each other, with text not yet saved. No run is lost, no
// text is lost, and nothing is half written.
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { alive } from '../../engine/run/process.ts';
import type { RunRecord } from '../../engine/run/record.ts';
import { chromiumProgram, ended, isMissing, openInBrowser, type Place, place, root, type Served } from './browser.ts';
import * as hands from './gestures.ts';

const { button, shownText, until } = hands;

const graph = (steps: number) => `dsk 1

book    = load("book.txt", rows: "line")
vocab   = tokenizer(book, size: 300)
tokens  = embedding(vocab, dim: 16)
block   = transformer_block(tokens, attention: mla(heads: 2, kv_rank: 8, rope_dim: 4), ffn: swiglu(dim: 16))
model   = lm_head(block)
trained = train(model, book, optimizer: adamw(lr: 3e-3), context: 16, batch: 2, steps: ${steps}, checkpoint_every: 20)
`;
const nouns = ['whale', 'sea', 'ship', 'captain', 'harpoon', 'wind', 'rope'];
const book = Array.from(
  { length: 300 },
  (_, i) => `The ${nouns[i % 7]} and the ${nouns[(i * 3) % 7]}, ${i} times.\n`,
).join('');

describe.skipIf(isMissing(chromiumProgram))('bad moments', () => {
  let at: Place;
  let studio: Served;
  let page: Page;

  beforeAll(() => {
    at = place();
    at.settings({ language: 'en', theme: 'light', autosave: true, view: { frame: { mode: 'both', palette: false } } });
  });
  afterAll(async () => {
    await studio?.close();
    for (const folder of ['long', 'short']) {
      for (const { process: name } of runs(folder)) if (alive(name)) process.kill(name.pid, 'SIGKILL');
    }
    at?.remove();
  });
  afterEach(({ task }) => hands.picture(page, task));

  async function open(file: string, from: Place = at): Promise<void> {
    await studio?.close();
    studio = await openInBrowser(from, file, { width: 1500, height: 900 });
    ({ page } = studio);
    page.setDefaultTimeout(30_000);
    await hands.canvas(page).waitFor();
  }
  const graphs = () => join(at.folder, 'graphs');
  const is = (text: string) =>
    until(
      `the text\n${text}`,
      () => shownText(page),
      (shown) => shown === text,
    );

  /** All runs of a folder, oldest first, as they are written down. */
  function runs(folder: string): RunRecord[] {
    const home = join(graphs(), folder, '.dsk', 'runs');
    const names = existsSync(home) ? readdirSync(home).sort() : [];
    return names.map((id) => JSON.parse(readFileSync(join(home, id, 'run.json'), 'utf8')) as RunRecord);
  }
  const running = () => page.getByRole('progressbar', { name: 'Progress of the run' }).waitFor();
  /** Waits until the training has saved a checkpoint, and gives the run's process. */
  async function trained(folder: string): Promise<number> {
    const run = runs(folder).at(-1);
    const events = join(graphs(), folder, '.dsk', 'runs', run?.run ?? '', 'events.jsonl');
    const has = (text: string) => text.includes('"event":"checkpoint"');
    await until('a checkpoint', () => readFileSync(events, 'utf8'), has, 60_000);
    return run?.process.pid ?? 0;
  }

  test('a run goes on without page and host, and is found again', async () => {
    const file = at.put({ 'long/long.dsk': graph(100_000), 'long/book.txt': book });
    await open(file);
    await button(page, 'Run').click();
    const trust = page.getByRole('dialog', { name: 'Run the graphs of this folder?' });
    await button(trust, 'Cancel').click();
    await trust.waitFor({ state: 'detached' });
    expect(readdirSync(join(graphs(), 'long'))).not.toContain('.dsk');
    await button(page, 'Run').click();
    await button(trust, 'Run and remember').click();
    await running();
    await page.reload();
    await running();
    const pid = await trained('long');
    await hands.standing(page, 'trained', 'running');

    await ended(studio.process, 'SIGKILL');
    await page.getByText('The connection to Dsk is gone.').waitFor();
    await open(file);
    await running();
    expect(process.kill(pid, 0)).toBe(true);
    expect(runs('long')).toMatchObject([{ status: 'running', process: { pid } }]);
    await hands.standing(page, 'trained', 'running');

    await button(page, 'Stop').click();
    await button(page, 'Run').waitFor();
    expect(runs('long')).toMatchObject([{ status: 'interrupted' }]);
    expect(studio.faults).toEqual([]);
  }, 120_000);

  test('a run that is killed or aborts takes nothing with it, and is gone on with', async () => {
    const file = at.put({ 'short/short.dsk': graph(600), 'short/book.txt': book });
    await open(file);
    await button(page, 'Run').click();
    await button(page.getByRole('dialog'), 'Run and remember').click();
    for (const signal of ['SIGKILL', 'SIGABRT'] as const) {
      await running();
      process.kill(await trained('short'), signal);
      const died = page.getByRole('alert', { name: 'The run died' });
      await died.getByRole('heading', { name: 'The run died at trained' }).waitFor();
      expect(runs('short').at(-1)?.status).not.toBe('done');
      await hands.pick(page, 'book'); // the editor lives
      await hands.inspector(page).getByRole('textbox', { name: 'Name', exact: true }).waitFor();
      await died.getByRole('button', { name: /^Resume after step \d+$/ }).click();
    }
    await running();
    await button(page, 'Run').waitFor({ timeout: 90_000 });
    const last = runs('short').at(-1);
    expect(last?.status).toBe('done');
    expect(last?.steps.find(({ node }) => node === 'trained')?.resumed?.step).toBeGreaterThan(0);
    await hands.standing(page, 'trained', 'done');
    expect(studio.faults).toEqual([]);
  }, 180_000);

  test.each([true, false])(
    'a page that crashes loses no text (saving by itself: %s)',
    async (autosave) => {
      const text = 'dsk 1\n\nlines = load("book.txt", rows: "line")\n';
      const file = at.put({ [`crash-${autosave}.dsk`]: text });
      at.settings({ language: 'en', theme: 'light', autosave, view: { frame: { mode: 'both', palette: false } } });
      await open(file);
      await is(text);
      // Where nodes stand is saved for itself, and may be just now.
      const files = () =>
        readdirSync(graphs())
          .filter((name) => !name.endsWith('.layout.json'))
          .sort();
      const before = files();
      const typed = `${text}# not saved by anybody\n`;
      await hands.textPane(page).getByRole('textbox').click();
      await page.keyboard.press('ControlOrMeta+End');
      await page.keyboard.insertText('# not saved by anybody\n');
      const drafts = join(at.folder, 'state', 'drafts');
      const held = () =>
        readFileSync(file, 'utf8') === typed ||
        (existsSync(drafts) ? readdirSync(drafts) : []).some((name) => {
          const draft = readFileSync(join(drafts, name), 'utf8');
          return draft.includes('not saved by anybody') && draft.includes(`crash-${autosave}.dsk`);
        });
      await until('a draft or the file', held, Boolean);
      const lines = await page.context().newCDPSession(page);
      const crashed = page.waitForEvent('crash');
      void lines.send('Page.crash').catch(() => {}); // there is nobody left to answer
      await crashed;

      const after = readFileSync(file, 'utf8');
      expect(autosave ? [text, typed] : [text]).toContain(after);
      await until('no other files', files, (names) => names.join() === before.join());
      const home = page.url();
      page = await page.context().newPage();
      page.setDefaultTimeout(30_000);
      await page.goto(home);
      await is(typed);
      if (after === text) {
        await page.getByText(/^Recovered what was not saved/).waitFor();
        await button(page, 'Undo').click();
        await is(text);
        await button(page, 'Redo').click();
      }
      await page.keyboard.press('ControlOrMeta+S');
      await hands.saved(page);
      expect(readFileSync(file, 'utf8')).toBe(typed);
    },
    60_000,
  );

  test('two pages on one file see each other’s edits', async () => {
    const text = 'dsk 1\n\nlines = load("book.txt", rows: "line")\n\nclean = dedup(lines)\n';
    const file = at.put({ 'two.dsk': text });
    at.settings({ language: 'en', theme: 'light', autosave: true, view: { frame: { mode: 'both', palette: false } } });
    await open(file);
    await is(text);
    const other = await page.context().newPage();
    await other.goto(page.url());
    await hands.shows(other, text);
    await hands.rename(page, 'clean', 'unique');
    await hands.shows(other, 'unique = dedup(lines)');
    await hands.rename(other, 'lines', 'rows');
    await hands.rename(page, 'unique', 'once');
    const both = text.replaceAll('lines', 'rows').replace('clean', 'once');
    await is(both);
    await hands.shows(other, both);
    await hands.saved(page);
    expect(readFileSync(file, 'utf8')).toBe(both);
    await other.close();
    expect(studio.faults).toEqual([]);
  }, 60_000);

  test('a disk that refuses is told, and the text kept until it does not', async () => {
    const text = 'dsk 1\n\nlines = load("book.txt", rows: "line")\n';
    const file = at.put({ 'away/refused.dsk': text });
    await open(file);
    await is(text);
    // Not by permissions, which the superuser does not heed: where the folder was, there is a file.
    const folder = join(graphs(), 'away');
    rmSync(folder, { recursive: true });
    writeFileSync(folder, '');
    await hands.rename(page, 'lines', 'rows');
    const renamed = text.replace('lines', 'rows');
    await is(renamed);
    await page.getByText(/^Could not be saved: /).waitFor();
    expect(readFileSync(folder, 'utf8')).toBe('');
    rmSync(folder);
    at.put({ 'away/book.txt': book });
    await page.keyboard.press('ControlOrMeta+S');
    await hands.saved(page);
    expect(readFileSync(file, 'utf8')).toBe(renamed);
  }, 60_000);

  // The superuser may write everything; the studio is then somebody else's.
  const uid = process.getuid?.() === 0 ? 65534 : undefined;
  const readable = uid === undefined || spawnSync(process.execPath, ['-e', ''], { uid, cwd: root }).status === 0;
  test.skipIf(!readable)(
    'a file that may only be read is shown as such, and stays as it is',
    async () => {
      const text = 'dsk 1\n\nlines = load("book.txt", rows: "line")\n';
      const mine = place();
      const file = mine.put({ 'fixed.dsk': text, 'book.txt': book });
      mine.settings({
        language: 'en',
        theme: 'light',
        autosave: true,
        view: { frame: { mode: 'both', palette: false } },
      });
      chmodSync(file, 0o444);
      if (uid !== undefined) {
        for (const path of [
          mine.folder,
          ...readdirSync(mine.folder, { recursive: true }).map((each) => join(mine.folder, String(each))),
        ])
          chownSync(path, uid, uid);
      }
      await open(file, { ...mine, ...(uid !== undefined && { uid }) });
      await page.getByRole('button', { name: 'fixed.dsk Read only' }).waitFor();
      await hands.rename(page, 'lines', 'rows');
      await is(text.replace('lines', 'rows'));
      await page.keyboard.press('ControlOrMeta+S');
      await page.getByText(/^Could not be saved: .*is read-only; save it elsewhere/).waitFor();
      expect(readFileSync(file, 'utf8')).toBe(text);
      expect(readdirSync(join(mine.folder, 'graphs')).sort()).toEqual(['book.txt', 'fixed.dsk']);
      mine.remove();
    },
    60_000,
  );
});
