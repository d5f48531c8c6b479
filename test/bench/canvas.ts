// How smoothly the canvas pans and drags with a thousand nodes: the time in Chromium from a movement of the pointer until it is seen,
// against React Flow alone with as many default nodes and the same edges, on the same page by turns.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { chromium, type Page } from 'playwright-core';
import { build } from 'vite';
import { validators } from '../../renderer/validators.ts';
import { largeGraph } from './canvas/graph.ts';
import { serve } from './serve.ts';

export interface CanvasTimes {
  gesture: 'pan' | 'drag';
  /** Everything in sight, or at full size. */
  zoom: 'far' | 'near';
  /** Milliseconds: the median of the quietest round, as whatever else the machine does only adds. */
  ours: number;
  bare: number;
  ratio: number;
  /** The slowest twentieth begins here. */
  ours95: number;
  bare95: number;
}

/** @param options.chromium path of the browser */
export async function benchCanvas(
  options: { nodes?: number; frames?: number; rounds?: number; chromium?: string } = {},
): Promise<{ nodes: number; edges: number; times: CanvasTimes[] }> {
  const { nodes = 1000, frames = 40, rounds = 3, chromium: executablePath = '/usr/bin/chromium' } = options;
  const folder = mkdtempSync(join(tmpdir(), 'dsk-canvas-'));
  try {
    await build({
      configFile: false,
      root: fileURLToPath(new URL('canvas', import.meta.url)),
      base: './',
      logLevel: 'warn',
      plugins: [validators(), react()],
      build: { outDir: folder, emptyOutDir: true, chunkSizeWarningLimit: 3000 },
    });
    return await withPage(folder, executablePath, (page) => measure(page, largeGraph(nodes), frames, rounds));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function withPage<T>(folder: string, executablePath: string, work: (page: Page) => Promise<T>): Promise<T> {
  const server = await serve(folder);
  // Without the screen's rhythm, so that a frame takes as long as its work.
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-frame-rate-limit', '--disable-gpu-vsync'],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.goto(server.address);
    await page.waitForFunction(() => 'drag' in window);
    return await work(page);
  } finally {
    await browser.close();
    server.close();
  }
}

async function measure(page: Page, text: string, frames: number, rounds: number) {
  /** Times of each round by what was measured. */
  const found = new Map<string, number[][]>();
  let size = { nodes: 0, edges: 0 };
  for (let round = 0; round < rounds; round++) {
    for (const which of ['ours', 'bare'] as const) {
      size = await page.evaluate(([which, text]) => window.show(which, text), [which, text] as const);
      for (const zoom of ['far', 'near'] as const) {
        await page.evaluate((zoom) => window.zoom(zoom === 'far' ? null : 1), zoom);
        for (const gesture of ['pan', 'drag'] as const) {
          const from = gesture === 'pan' ? 'pane' : 'node';
          const times = await page.evaluate(([from, frames]) => window.drag(from, frames), [from, frames] as const);
          const name = `${which} ${zoom} ${gesture}`;
          // The first ones also warm up.
          found.set(name, [...(found.get(name) ?? []), times.slice(5)]);
        }
      }
    }
  }
  const best = (name: string, part: number) =>
    Math.min(...(found.get(name) ?? []).map((times) => quantile(times, part)));
  const times = (['far', 'near'] as const).flatMap((zoom) =>
    (['pan', 'drag'] as const).map((gesture): CanvasTimes => {
      const [ours, bare] = [best(`ours ${zoom} ${gesture}`, 0.5), best(`bare ${zoom} ${gesture}`, 0.5)];
      const [ours95, bare95] = [best(`ours ${zoom} ${gesture}`, 0.95), best(`bare ${zoom} ${gesture}`, 0.95)];
      return { gesture, zoom, ours, bare, ratio: ours / bare, ours95, bare95 };
    }),
  );
  return { ...size, times };
}

function quantile(numbers: readonly number[], part: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}

/** The result as lines for people. */
export function canvasReport({ nodes, edges, times }: Awaited<ReturnType<typeof benchCanvas>>): string {
  const lines = times.map(({ gesture, zoom, ours, bare, ratio, ours95, bare95 }) => {
    const name = `${gesture === 'pan' ? 'panning' : 'dragging'}, ${zoom === 'far' ? 'all in sight' : 'at full size'}`;
    const pair = (a: number, b: number) => `${a.toFixed(1)} ms, React Flow alone ${b.toFixed(1)} ms`;
    return `  ${name.padEnd(24)} ${pair(ours, bare)}: ${ratio.toFixed(2)} times (slowest twentieth: ${pair(ours95, bare95)})`;
  });
  return [`canvas: a frame with ${nodes} nodes and ${edges} wires`, ...lines].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const result = await benchCanvas();
  process.stdout.write(`${canvasReport(result)}\n`);
}
