// `npm run bench -- size`: a graph that loads, filters, removes near-duplicates, tokenises and packs, over generated texts of a quarter
// and of the whole of --gb. Reports time, time for each GB (it grows linearly where that stays the same), and the most main memory
// that the run's processes held together, threads included (resident set, looked at every 100 ms). Asserts nothing.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../../engine/native/paths.ts';
import { write } from './corpus.ts';
import { memoryOf } from './memory.ts';

const { values: options } = parseArgs({
  options: {
    gb: { type: 'string', default: '5' },
    once: { type: 'boolean', default: false },
    folder: { type: 'string', default: tmpdir() },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

/** Also for the test of the same, smaller. */
export const graph = `dsk 1

texts  = load("texts.jsonl")
good   = quality(texts, rules: ["repetition", "gopher"])
fresh  = dedup(good, by: "text", method: "minhash")
few    = sample(fresh, rows: 500)
vocab  = tokenizer(few, size: 1024)
packed = pack(fresh, vocab, context: 512)
`;

interface Step {
  node: string;
  seconds: number;
  memory: number;
}

async function measure(gb: number): Promise<void> {
  const folder = mkdtempSync(join(options.folder, 'dsk-bench-size-'));
  try {
    const source = join(folder, 'texts.jsonl');
    const documents = write(source, gb * 1e9, 1);
    writeFileSync(join(folder, 'graph.dsk'), graph);
    const args = [join(root, 'engine', 'cli', 'dsk.mjs'), 'run', 'graph.dsk', '--json'];
    const started = performance.now();
    const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
    const steps: Step[] = [];
    let [most, now, begun, rest] = [0, 0, started, ''];
    const timer = setInterval(() => {
      const memory = memoryOf(child.pid as number);
      most = Math.max(most, memory);
      now = Math.max(now, memory);
    }, 100);
    child.stdout.on('data', (piece: Buffer) => {
      const lines = (rest + piece.toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const { event, node } = JSON.parse(line) as { event: string; node?: string };
        if (event !== 'end' || node === undefined) continue;
        steps.push({ node, seconds: (performance.now() - begun) / 1000, memory: now });
        [begun, now] = [performance.now(), 0];
      }
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    clearInterval(timer);
    const seconds = (performance.now() - started) / 1000;
    const bytes = statSync(source).size;
    if (code !== 0) console.log(`  the run ended with ${String(code)}`);
    console.log(
      `${(bytes / 1e9).toFixed(2)} GB, ${documents} texts: ${seconds.toFixed(0)} s, ${((seconds * 1e9) / bytes).toFixed(0)} s a GB, ${(most / 1e6).toFixed(0)} MB at most`,
    );
    for (const { node, seconds, memory } of steps) {
      console.log(
        `  ${node.padEnd(8)} ${seconds.toFixed(1).padStart(7)} s  ${(memory / 1e6).toFixed(0).padStart(6)} MB`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (options.help) {
  console.log(
    'npm run bench -- size [--gb 5] [--once] [--folder FOLDER]   --once: the whole only; FOLDER: where there is room',
  );
  process.exit();
}
const gb = Number(options.gb);
if (!options.once) await measure(gb / 4);
await measure(gb);
