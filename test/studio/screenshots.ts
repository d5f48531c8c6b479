// Pictures of every view of the studio, light and dark, for people to look at: `npm run screenshots [OUT]`. A small real graph is
// run, so that there are results. Written to dist/screenshots, or to OUT.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { openInBrowser, place, root } from './browser.ts';
import * as hands from './gestures.ts';

const out = resolve(process.argv[2] ?? join(root, 'dist', 'screenshots'));
const { button } = hands;

const nouns = ['whale', 'sea', 'ship', 'captain', 'harpoon', 'wind', 'rope'];
const book = Array.from({ length: 400 }, (_, i) => {
  const [a, b, c] = [nouns[i % 7], nouns[(i * 3) % 7], nouns[(i * 5 + 2) % 7]];
  return i % 9 === 0
    ? 'The whale.'
    : `The ${a} and the ${b} saw the ${c}, and the ${nouns[(i * 2) % 7]} was gone by day ${i}.`;
}).join('\n');

const whale = `dsk 1

## How long the training goes.
param steps = 300

# data
book    = load("book.txt", rows: "line")
clean   = dedup(book, by: "text")
long    = filter(clean, where: "length(text) > 20")
parts   = split(long, valid: 10%)
vocab   = tokenizer(parts.train, size: 320)

# model
tokens  = embedding(vocab, dim: 48)
dense   = transformer_block(tokens, attention: mla(heads: 4, kv_rank: 16, rope_dim: 8), ffn: swiglu(dim: 96))
sparse  = transformer_block(dense, repeat: 2, attention: mla(heads: 4, kv_rank: 16, rope_dim: 8),
            ffn: moe(experts: 8, active: 2, shared: 1, dim: 32))
model   = lm_head(sparse)

# training
trained = train(model, parts.train, valid: parts.valid, optimizer: adamw(lr: 3e-3),
            schedule: warmup_cosine(warmup: 10%), context: 32, batch: 8, steps: steps)
score   = evaluate(trained, parts.valid)
sample  = generate(trained, prompt: "The whale")
saved   = export(trained, path: "out/whale")
`;

const mail = readFileSync(join(root, 'examples/mail.dsk'), 'utf8');
const table = readFileSync(join(root, 'examples/table.dsk'), 'utf8');
const series = readFileSync(join(root, 'examples/series.dsk'), 'utf8');
const images = readFileSync(join(root, 'examples/images.dsk'), 'utf8');

const broken = `${whale.replace('clean   = dedup(book, by: "text")', 'clean   = dedupe(book, by: "text")')}
odd     = filter(long, wher: "length(text)")
`;

async function main(): Promise<void> {
  mkdirSync(out, { recursive: true });
  const at = place();
  const view = { frame: { mode: 'canvas', panel: false } };
  at.settings({ language: 'en', theme: 'system', autosave: true, view });
  const file = at.put({
    'whale.dsk': whale,
    'broken.dsk': broken,
    'table.dsk': table,
    'mail.dsk': mail,
    'series.dsk': series,
    'images.dsk': images,
    'book.txt': book,
    'notes/more.txt': 'More.\n',
  });
  const studio = await openInBrowser(at, file, { width: 1440, height: 900 });
  const { page } = studio;
  page.setDefaultTimeout(30_000);

  try {
    await pictures(page, file);
    if (studio.faults.length > 0) throw new Error(`the page complained:\n${studio.faults.join('\n')}`);
  } catch (error) {
    await page.screenshot({ path: join(out, 'failed.png') });
    throw error;
  } finally {
    await studio.close();
    at.remove();
  }
}

async function pictures(page: Page, file: string): Promise<void> {
  /** One picture in each theme. */
  const shot = async (name: string) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: join(out, `${name}-${colorScheme}.png`), animations: 'disabled' });
    }
    await page.emulateMedia({ colorScheme: 'light' });
    console.log(name);
  };
  const done = async () => {
    const notice = page.getByRole('status').filter({ hasText: 'The run is done' });
    await notice.waitFor({ timeout: 120_000 });
    await button(notice, 'Close').click();
  };
  const see = (mode: 1 | 2 | 3) => page.keyboard.press(`Alt+${mode}`);
  const tab = async (name: string) => {
    if (!(await page.getByRole('tab', { name, selected: true }).isVisible()))
      await button(page.getByRole('contentinfo'), name).click();
    await page.getByRole('tabpanel', { name: new RegExp(`^${name}`) }).waitFor();
  };
  const open = async (name: string) => {
    await page.keyboard.press('ControlOrMeta+O');
    await button(page.getByRole('dialog', { name: 'Open a graph' }), name).click();
    await page.getByRole('button', { name: `${name} Saved` }).waitFor();
  };
  const ready = async () => {
    await hands.canvas(page).waitFor();
    await hands.node(page, 'trained').waitFor();
    await hands.still(page);
  };

  await ready();
  await shot('canvas');
  await hands.pick(page, 'sparse ffn');
  await shot('inspector-inline');
  await hands.pick(page, 'long');
  await button(page, 'Explain each parameter').click();
  await shot('inspector-help');
  await button(page, 'Explain each parameter').click();
  await hands.pick(page, 'dense');
  await hands.pick(page, 'sparse', true);
  await shot('inspector-several');
  await hands.centre(page, 'trained');
  await shot('canvas-near');
  const ground = await hands.bare(page);
  await page.mouse.click(ground.x, ground.y, { button: 'right' });
  await page.getByRole('menu').waitFor();
  await shot('menu-pane');
  await page.keyboard.press('Escape');
  await hands.node(page, 'trained').click({ button: 'right', position: { x: 60, y: 10 } });
  await page.getByRole('menu').waitFor();
  await shot('menu-node');
  await page.keyboard.press('Escape');
  const bare = await hands.bare(page);
  await page.mouse.dblclick(bare.x, bare.y);
  await page.getByRole('dialog').waitFor();
  await shot('search');
  await page.keyboard.press('Escape');
  await page.keyboard.press('ControlOrMeta+K');
  await page.getByRole('dialog').waitFor();
  await shot('commands');
  await page.keyboard.press('Escape');
  await page.keyboard.press('ControlOrMeta+O');
  await page.getByRole('dialog', { name: 'Open a graph' }).getByText('whale.dsk').waitFor();
  await shot('files');
  await page.keyboard.press('Escape');
  await button(page, 'Settings').click();
  await page.getByRole('menu').waitFor();
  await shot('settings');
  await page.keyboard.press('Escape');
  await hands.letGo(page);
  for (const name of ['Result', 'Curves', 'Runs', 'Plan', 'Problems']) {
    await tab(name);
    if (name === 'Plan') await page.getByText('never run').first().waitFor();
    await shot(`empty-${name.toLowerCase()}`);
  }

  await button(page, 'Run').click();
  await page.getByRole('dialog', { name: 'Run the graphs of this folder?' }).waitFor();
  await shot('trust');
  await button(page, 'Run and remember').click();
  await page.getByRole('progressbar', { name: 'Progress of the run' }).waitFor();
  await tab('Curves');
  await hands.standing(page, 'trained', 'running');
  await page.getByRole('img', { name: /^Chart of Loss/ }).waitFor();
  await shot('running');
  await done();
  await page.keyboard.press('f');
  await hands.still(page);
  await shot('done');
  await hands.pick(page, 'trained');
  await shot('curves');
  await tab('Runs');
  await shot('runs');
  await tab('Plan');
  await shot('plan');
  await tab('Result');
  await see(1);
  await hands.pick(page, 'long');
  await page.getByRole('gridcell', { name: 'book.txt' }).first().waitFor();
  await shot('result-rows');
  await page.getByRole('tab', { name: /^Removed/ }).click();
  await page.getByText('length(text) > 20: false').first().waitFor();
  await shot('result-removed');
  await page.getByRole('tab', { name: /^Columns/ }).click();
  await page.getByText('Most frequent').first().waitFor();
  await shot('result-columns');
  await hands.pick(page, 'vocab');
  await page.getByText('Characters per token').waitFor();
  await shot('result-tokenizer');
  for (const [node, name] of [
    ['score', 'report'],
    ['sample', 'text'],
    ['saved', 'file'],
    ['sparse', 'definition'],
  ] as const) {
    await hands.pick(page, node);
    await hands.still(page);
    await shot(`result-${name}`);
  }
  await hands.pick(page, 'trained');
  await button(page.getByRole('tabpanel', { name: 'Result' }), 'model').click();
  await page.getByRole('tab', { name: 'Shapes and parameters' }).click();
  await shot('result-model');
  await page.getByRole('tab', { name: 'Try it' }).click();
  await hands.type(page, page.getByRole('textbox', { name: 'Prompt' }), 'The captain');
  await button(page, 'Write on').click();
  await page.getByText(/^finished/).waitFor({ timeout: 60_000 });
  await shot('result-prompt');

  await button(page, 'More ways to run').click();
  await page.getByRole('menu').waitFor();
  await shot('menu-run');
  await page.getByRole('menuitem', { name: 'Run with other params…' }).click();
  await page.getByRole('dialog').waitFor();
  await shot('params');
  await hands.type(page, page.getByRole('dialog').getByRole('textbox', { name: 'steps' }), '40\n');
  await page.getByRole('progressbar', { name: 'Progress of the run' }).waitFor();
  await done();
  await tab('Runs');
  await page.getByRole('checkbox').nth(1).click();
  await tab('Curves');
  await page.getByRole('img', { name: /^Chart of Loss/ }).waitFor();
  await shot('curves-compared');
  await button(page.getByRole('contentinfo'), 'Curves').click();

  await see(2);
  await hands.still(page);
  await shot('both');
  await see(3);
  await shot('text');
  await open('broken.dsk');
  await tab('Problems');
  await shot('problems');
  await button(page.getByRole('contentinfo'), 'Problems').click();
  await hands.textPane(page).getByRole('textbox').click();
  await page.keyboard.press('ControlOrMeta+End');
  await page.keyboard.type('next = tr');
  await page.getByRole('listbox').waitFor();
  await shot('completion');
  await page.keyboard.press('Escape');
  await hands.textPane(page).getByText('mla').first().hover();
  await page.locator('.cm-tooltip').first().waitFor();
  await shot('hover');
  await page.mouse.move(0, 0);
  await see(2);
  await hands.textPane(page).getByRole('textbox').click();
  await page.keyboard.press('ControlOrMeta+End');
  await page.keyboard.type(' = =');
  await page.getByText('The text has an error at the moment').waitFor();
  await hands.still(page);
  await shot('unparsed');
  for (let i = 0; i < 12 && (await hands.shownText(page)) !== broken; i++) await page.keyboard.press('ControlOrMeta+Z');
  await hands.saved(page);
  await see(1);
  await hands.pick(page, 'clean');
  await shot('unknown-kind');

  await button(page, 'Settings').click();
  await page.getByRole('menuitemcheckbox', { name: 'Save automatically' }).click();
  await page.getByRole('menu').waitFor({ state: 'detached' });
  await see(2);
  await hands.still(page);
  await hands.rename(page, 'vocab', 'words');
  writeFileSync(join(file, '..', 'broken.dsk'), broken.replaceAll('vocab', 'lexicon'));
  await page.getByRole('alertdialog').waitFor();
  await shot('conflict');
  await button(page, 'Take the file’s').click();

  for (const [name, node, reason] of [
    ['table', 'past', /^the rule holds/],
    ['mail', 'unseen', /^decontaminate: /],
  ] as const) {
    await open(`${name}.dsk`);
    await see(1);
    await hands.node(page, node).waitFor();
    await button(page, 'Run').click();
    await done();
    await page.keyboard.press('f');
    await hands.still(page);
    await hands.pick(page, node);
    await tab('Result');
    await page.getByRole('tab', { name: /^Removed/ }).click();
    await page.getByRole('gridcell', { name: reason }).first().waitFor();
    await shot(`example-${name}`);
  }
  for (const [name, node] of [
    ['series', 'noisy'],
    ['images', 'more'],
  ] as const) {
    await open(`${name}.dsk`);
    await hands.node(page, node).waitFor();
    await button(page, 'Run').click();
    await done();
    await page.keyboard.press('f');
    await hands.still(page);
    await hands.pick(page, node);
    await tab('Result');
    await page.getByRole('tab', { name: /^Rows/ }).click();
    await page
      .getByRole('gridcell', { name: /^augment_/ })
      .first()
      .waitFor();
    await shot(`example-${name}`);
  }
  await button(page.getByRole('contentinfo'), 'Result').click();

  await hands.command(page, 'Start page');
  await button(page, 'Empty graph').waitFor();
  await shot('start');
  await button(page, 'Empty graph').click();
  await hands.canvas(page).waitFor();
  await see(1);
  await shot('empty');

  await hands.command(page, 'Start page');
  await page.getByRole('button', { name: /^whale\.dsk/ }).click(); // among the recent ones
  await ready();
  await hands.command(page, '中文 / English');
  await page.getByRole('main', { name: '画布' }).waitFor();
  await button(page.getByRole('contentinfo'), '计划').click();
  await page.getByRole('tabpanel', { name: '计划' }).waitFor();
  await shot('chinese');
  await button(page, '起始页').click();
  await button(page, '空白图').waitFor();
  await shot('chinese-start');
}

await main();
