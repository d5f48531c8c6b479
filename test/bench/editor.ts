// How long the studio takes from opening its address to a canvas one can use, and from a keystroke in the text to the canvas that
// shows it; in Chromium, for the quickstart and for a thousand nodes. Beside it, React Flow alone with as many nodes, by turns.
import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { build } from 'vite';
import { largeGraph } from './canvas/graph.ts';
import { serve } from './serve.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface EditorTimes {
  graph: string;
  nodes: number;
  /** Medians in milliseconds. */
  start: number;
  bareStart: number;
  keystroke: number;
  /** From the keystroke to the frame that shows it in the text itself. */
  echo: number;
}

/** @param options.chromium path of the browser */
export async function benchEditor(options: { rounds?: number; chromium?: string } = {}): Promise<EditorTimes[]> {
  const { rounds = 5, chromium: executablePath = '/usr/bin/chromium' } = options;
  const folder = mkdtempSync(join(tmpdir(), 'dsk-editor-'));
  const large = join(folder, 'large.dsk');
  const small = join(folder, 'quickstart.dsk');
  writeFileSync(large, largeGraph(1000));
  copyFileSync(join(root, 'examples/quickstart.dsk'), small);
  copyFileSync(join(root, 'examples/quickstart.layout.json'), join(folder, 'quickstart.layout.json'));
  await build({
    configFile: false,
    root: fileURLToPath(new URL('editor', import.meta.url)),
    base: './',
    logLevel: 'warn',
    build: { outDir: join(folder, 'bare'), emptyOutDir: true, chunkSizeWarningLimit: 3000 },
  });
  const bare = await serve(join(folder, 'bare'));
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const results: EditorTimes[] = [];
    for (const [graph, file] of [
      ['quickstart', small],
      ['a thousand nodes', large],
    ] as const) {
      results.push({ graph, ...(await measure(browser, file, bare.address, rounds, folder)) });
    }
    return results;
  } finally {
    await browser.close();
    bare.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(browser: Browser, file: string, bare: string, rounds: number, folder: string) {
  const studio = spawn(process.execPath, [join(root, 'engine/cli/dsk.mjs'), 'studio', file, '--json', '--no-open'], {
    env: { ...process.env, DSK_STATE: join(folder, 'state') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const first = await new Promise<string>((done) => studio.stdout.once('data', (data: Buffer) => done(String(data))));
    const { url } = JSON.parse(first) as { url: string };
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    await page.addInitScript('globalThis.__name = (value) => value'); // tsx names functions by a helper of its own
    await page.addInitScript(watch);
    await page.goto(url); // lets the browser in; later rounds need no token
    await page.waitForFunction(() => window.shown !== null);
    const home = page.url();
    const count = await page.getByText(/^[\d,]+ nodes$/).textContent();
    const nodes = Number(count?.replace(/\D/g, ''));
    const [start, bareStart]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      start.push(await startTime(page, home));
      bareStart.push(await startTime(page, `${bare}#${nodes}`));
    }
    await startTime(page, home);
    await page.getByText('Both', { exact: true }).click();
    const { keystroke, echo } = await keystrokes(page);
    await context.close();
    return { nodes, start: median(start), bareStart: median(bareStart), keystroke, echo };
  } finally {
    studio.kill();
  }
}

/** From the beginning of the navigation to the first frame with visible nodes, after which input is handled. */
async function startTime(page: Page, address: string): Promise<number> {
  await page.goto('about:blank');
  await page.goto(address);
  await page.waitForFunction(() => window.shown !== null);
  return await page.evaluate(() => window.shown ?? Number.NaN);
}

/** Types and takes back a letter of a node's name: shown at every zoom, and used in other statements. */
async function keystrokes(page: Page): Promise<{ keystroke: number; echo: number }> {
  const line = page.locator('.cm-line', { hasText: 'embedding(' }).first();
  await page.locator('.cm-scroller').evaluate((scroller) => scroller.scrollTo(0, 0));
  for (let i = 0; i < 60 && (await line.count()) === 0; i++) {
    await page.locator('.cm-scroller').evaluate((scroller) => scroller.scrollBy(0, 200));
    await page.waitForTimeout(50);
  }
  await line.click({ position: { x: 3, y: 6 } });
  await page.keyboard.press('Home');
  const [canvas, text]: [number[], number[]] = [[], []];
  for (let i = 0; i < 12; i++) {
    await page.evaluate(() => window.listen());
    await page.keyboard.press(i % 2 === 0 ? 'a' : 'Backspace');
    await page.waitForFunction(() => window.changed.canvas !== null && window.changed.text !== null, null, {
      timeout: 5000,
    });
    const times = await page.evaluate(() => window.changed);
    if (i < 2) continue; // warming up
    canvas.push(times.canvas ?? Number.NaN);
    text.push(times.text ?? Number.NaN);
    await page.waitForTimeout(400);
  }
  return { keystroke: median(canvas), echo: median(text) };
}

declare global {
  interface Window {
    /** When the first frame with nodes was drawn, since the navigation began. */
    shown: number | null;
    /** Milliseconds from the last key to the frame in which each view had changed. */
    changed: { canvas: number | null; text: number | null };
    listen(): void;
  }
}

/** Runs in the page, before anything else. */
function watch(): void {
  window.shown = null;
  window.changed = { canvas: null, text: null };
  const frame = (then: () => void) => requestAnimationFrame(() => setTimeout(then));
  const poll = () => {
    const node = document.querySelector<HTMLElement>('.react-flow__node');
    if (node && node.getBoundingClientRect().width > 0 && getComputedStyle(node).visibility === 'visible') {
      frame(() => {
        window.shown = performance.now();
      });
    } else requestAnimationFrame(poll);
  };
  requestAnimationFrame(poll);
  window.listen = () => {
    window.changed = { canvas: null, text: null };
    let began = 0;
    addEventListener(
      'keydown',
      (event) => {
        began = event.timeStamp;
      },
      { capture: true, once: true },
    );
    // To the paint that follows the key's own handlers, by the browser's own measure (Event Timing, in steps of 8 ms).
    new PerformanceObserver((list, observer) => {
      for (const { name, duration } of list.getEntries()) {
        if (name !== 'keydown') continue;
        observer.disconnect();
        window.changed.text = duration;
      }
    }).observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit);
    const nodes = document.querySelector('.react-flow__nodes');
    if (!nodes) return;
    const observer = new MutationObserver((changes) => {
      // A class that comes and goes (hover, selection) is no update.
      if (began === 0 || !changes.some(({ type }) => type !== 'attributes')) return;
      observer.disconnect();
      frame(() => {
        window.changed.canvas = performance.now() - began;
      });
    });
    observer.observe(nodes, { childList: true, characterData: true, subtree: true });
  };
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

/** The result as lines for people. */
export function editorReport(times: readonly EditorTimes[]): string {
  return times
    .map(({ graph, nodes, start, bareStart, keystroke, echo }) =>
      [
        `editor: ${graph} (${nodes} nodes)`,
        `  opening    ${start.toFixed(0)} ms to a usable canvas, React Flow alone ${bareStart.toFixed(0)} ms: ${(start / bareStart).toFixed(2)} times`,
        `  keystroke  ${keystroke.toFixed(0)} ms to the canvas, ${echo.toFixed(0)} ms to the text itself: ${(keystroke / echo).toFixed(2)} times`,
      ].join('\n'),
    )
    .join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.stdout.write(`${editorReport(await benchEditor())}\n`);
}
