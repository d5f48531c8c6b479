// Watching a run: figures of the machine beside the loss, metrics that a real Prometheus scrapes, and the dashboard that asks for them.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { root } from '../../engine/native/paths.ts';
import { openGauges } from '../../engine/run/gauges.ts';
import { figures, openMachine, parseGpu, type Reading } from '../../engine/run/machine.ts';
import { serveMetrics } from '../../engine/run/metrics.ts';
import { askPython, complaintOf } from '../data/setting.ts';
import { dsk, folder, type Running, records, start, walking, words } from './dsk.ts';

interface Panel {
  title: string;
  targets?: { expr: string }[];
}
const dashboard = JSON.parse(readFileSync(join(root, 'examples/watching/grafana.json'), 'utf8')) as {
  panels: Panel[];
  templating: { list: { query: { query: string } }[] };
};
const queries = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
const metricsIn = (text: string) => new Set(text.match(/dsk_\w+/g));

const gpu = '0, 37, 1024, 81559, 251.30, 41\n';
const reading: Reading = {
  processor: { run: 0.5, machine: 0.75, cores: 4 },
  memory: { run: 6e8, used: 3e9, total: 16e9 },
  disk: { free: 5e10, read: 1e6, written: 4e6 },
  gpus: [parseGpu(gpu)].flatMap((each) => each ?? []),
};

describe('figures of the machine', () => {
  test('are in units that people read; what is not told is left out', () => {
    const before: Reading = { ...reading, disk: { free: 5e10, read: 0, written: 0 } };
    expect(figures(reading, before, 2)).toEqual({
      'processor_percent/run': 50,
      'processor_percent/machine': 75,
      'memory_gb/run': 0.6,
      'memory_gb/machine': 3,
      'disk_mb_per_second/read': 0.5,
      'disk_mb_per_second/written': 2,
      disk_free_gb: 50,
      'gpu_percent/0': 37,
      'gpu_memory_gb/0': 1.074,
      'gpu_watts/0': 251.3,
      'gpu_celsius/0': 41,
    });
    const silent: Reading = { ...reading, disk: { free: 1e9, read: null, written: null }, gpus: [] };
    expect(Object.keys(figures(silent, silent, 2))).not.toContain('disk_mb_per_second/read');
  });

  test.each([
    [
      '0, 37, 1024, 81559, 251.30, 41',
      { index: 0, busy: 0.37, memory: 2 ** 30, total: 81559 * 2 ** 20, watts: 251.3, celsius: 41 },
    ],
    [
      '1, [N/A], 10, 20, [Not Supported], 33',
      { index: 1, busy: null, memory: 10 * 2 ** 20, total: 20 * 2 ** 20, watts: null, celsius: 33 },
    ],
    ['NVIDIA-SMI has failed because it could not communicate with the NVIDIA driver.', null],
    ['', null],
    ['0, 1', null],
  ])('nvidia-smi: %s', (line, expected) => {
    const found = parseGpu(line);
    if (expected?.busy) expect(found?.busy).toBeCloseTo(expected.busy, 12);
    expect(found && { ...found, busy: found.busy && expected?.busy }).toEqual(expected);
  });

  test('are those that the system counts', async () => {
    const machine = openMachine(root);
    machine.read();
    const held = Buffer.alloc(64 << 20, 1);
    const began = process.cpuUsage();
    while (process.cpuUsage(began).user < 50_000) held[0]++;
    const { processor, memory, disk } = machine.read();
    machine.close();
    expect(processor.run).toBeGreaterThan(0);
    expect(processor.machine).toBeGreaterThan(0);
    expect(memory.run).toBeGreaterThan(held.length);
    expect(memory.used).toBeLessThanOrEqual(memory.total);
    expect(disk.free).toBeGreaterThan(0);
  });
});

test('a run has them, and its GPU, in its events and for TensorBoard', { timeout: 60_000 }, async () => {
  // Stands in for the program: a machine with a card is not at hand. What it prints is what the real one documents.
  const here = folder({
    'g.dsk': walking('pause: 100'),
    'words.txt': words,
    'bin/nvidia-smi': `#!/bin/sh\nwhile :; do printf '${gpu.replace('\n', '\\n')}'; sleep 0.1; done\n`,
  });
  chmodSync(join(here, 'bin/nvidia-smi'), 0o755);
  const done = await start(here, ['run', 'g.dsk', '--json'], `PATH=${here}/bin:$PATH exec "$@"`).done;
  expect(done.code).toBe(0);
  const steps = done.events.flatMap((event) => (event.event === 'step' ? [event] : []));
  const measured = steps.filter((step) => 'memory_gb/run' in step);
  expect(measured.length).toBeGreaterThan(0);
  expect(measured.length).toBeLessThan(steps.length / 2);
  expect(measured.at(-1)).toMatchObject({ 'gpu_percent/0': 37, 'gpu_celsius/0': 41 });
  expect(() => execFileSync('pgrep', ['-f', `${here}/bin/nvidia-smi`])).toThrow(); // it has gone with the run
  if (!process.env.DSK_TEST_PYTHON) return;
  const folderOf = join(here, '.dsk/runs', records(here)[0]?.run ?? '', 'tensorboard/trained');
  const read = askPython(
    `
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
a = EventAccumulator(ask, size_guidance={"scalars": 0}); a.Reload()
print(json.dumps({t: [[e.step, e.value] for e in a.Scalars(t)] for t in a.Tags()["scalars"]}))`,
    folderOf,
  ) as Record<string, number[][]>;
  expect(read['memory_gb/run']).toEqual(
    measured.map((step) => [step.step, Math.fround(step['memory_gb/run'] as number)]),
  );
  expect(read['gpu_watts/0']?.[0]?.[1]).toBeCloseTo(251.3, 4);
});

describe('metrics', () => {
  test('the dashboard asks for every metric there is, and for no other', async () => {
    const gauges = openGauges();
    const served = gauges.registry.getMetricsAsArray().map(({ name }) => name);
    expect([...metricsIn(queries.join(' '))].sort()).toEqual([...served].sort());
    for (const { query } of dashboard.templating.list.map((each) => each.query)) {
      for (const name of metricsIn(query)) expect(served).toContain(name);
    }
    gauges.machine(reading);
    gauges.take({ event: 'step', node: 'a"b\n', step: 3, loss: 0.5, other: 7, 'memory_gb/run': 1, at: 1 });
    const text = await gauges.registry.metrics();
    expect(text).toContain('dsk_training_loss{node="a\\"b\\n"} 0.5');
    expect(text).toContain('dsk_step_value{node="a\\"b\\n",name="other"} 7');
    expect(text).not.toContain('name="memory_gb/run"'); // in bytes, and once
    expect(text).toContain('dsk_process_disk_written_bytes_total 4000000');
  });

  test('are served to this machine alone, at one path', { timeout: 30_000 }, async () => {
    const metrics = await serveMetrics(0, root);
    const at = `http://127.0.0.1:${metrics.port}`;
    const status = async (path: string, init?: RequestInit) => (await fetch(`${at}${path}`, init)).status;
    expect(await status('/metrics')).toBe(200);
    expect(await status('/')).toBe(404);
    expect(await status('/metrics', { method: 'POST' })).toBe(404);
    // fetch sets the host itself.
    const answer = execFileSync(
      'node',
      [
        '-e',
        `require('http').get({port:${metrics.port},path:'/metrics',headers:{host:'evil.example'}},r=>console.log(r.statusCode))`,
      ],
      { encoding: 'utf8' },
    );
    expect(answer.trim()).toBe('403');
    expect(await complaintOf(serveMetrics(metrics.port, root))).toMatchObject({
      code: 'port-taken',
      message: expect.stringContaining('something else listens') as string,
    });
    await metrics.close();
    await expect(fetch(at)).rejects.toThrow();
  });

  test('a port that is none, or taken: said before anything runs', { timeout: 30_000 }, async () => {
    const here = folder({ 'g.dsk': walking(), 'words.txt': words });
    expect(await dsk(here, 'run', 'g.dsk', '--metrics', '99999')).toMatchObject({ code: 2 });
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const taken = await dsk(here, 'run', 'g.dsk', '--metrics', String(port));
    server.close();
    expect(taken.code).toBe(1);
    expect(taken.stderr).toContain(`metrics cannot be served on port ${port}`);
  });
});

const prometheus = (() => {
  try {
    execFileSync('prometheus', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

describe.skipIf(!prometheus)(`a real Prometheus${prometheus ? '' : ' (skipped: it is not installed)'}`, () => {
  let child: ChildProcess | null = null;
  let running: Running | null = null;
  afterAll(() => {
    child?.kill('SIGKILL');
    running?.child.kill('SIGKILL');
  });

  test('scrapes a training and answers each query of the dashboard', { timeout: 120_000 }, async () => {
    const graph = `dsk 1
book    = load("book.txt", rows: "line")
parts   = split(book, valid: 20%)
vocab   = tokenizer(parts.train, size: 300)
block   = transformer_block(embedding(vocab, dim: 16), attention: mla(heads: 2, kv_rank: 8, rope_dim: 4),
            ffn: moe(experts: 4, active: 2, shared: 1, dim: 16))
trained = train(lm_head(block), parts.train, valid: parts.valid, optimizer: adamw(lr: 3e-3), context: 16, batch: 4,
            steps: 1000000, validate_every: 20, checkpoint_every: 200)
`;
    const book = Array.from(
      { length: 300 },
      (_, i) => `The whale ${i % 7} and the ship ${i % 5} saw the sea ${i} times.`,
    ).join('\n');
    const here = folder({ 'g.dsk': graph, 'book.txt': book });
    running = start(here, ['run', 'g.dsk', '--metrics', '0']);
    await running.says('/metrics');
    await running.says('trained  train');
    const port = await new Promise<number>((resolve) => {
      const server = createServer().listen(0, '127.0.0.1', () => {
        const { port } = server.address() as { port: number };
        server.close(() => resolve(port));
      });
    });
    const target = /127\.0\.0\.1:(\d+)\/metrics/.exec(running.said())?.[1];
    writeFileSync(
      join(here, 'prometheus.yml'),
      readFileSync(join(root, 'examples/watching/prometheus.yml'), 'utf8')
        .replace('127.0.0.1:9464', `127.0.0.1:${target}`)
        .replace(/scrape_interval: \S+/, 'scrape_interval: 200ms'),
    );
    child = spawn(
      'prometheus',
      [
        '--config.file=prometheus.yml',
        `--storage.tsdb.path=${here}/tsdb`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=error',
      ],
      { cwd: here, stdio: 'ignore' },
    );
    const ask = async (query: string): Promise<{ metric: Record<string, string>; value: [number, string] }[]> => {
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(query)}`);
      const body = (await answer.json()) as { status: string; error?: string; data: { result: [] } };
      expect(body.status, `${query}: ${body.error ?? ''}`).toBe('success');
      return body.data.result;
    };
    const eventually = async <T>(look: () => Promise<T | null>, what: string): Promise<T> => {
      for (let tries = 0; tries < 200; tries++) {
        const found = await look().catch((error: Error) => {
          if (error.name === 'AssertionError') throw error;
          return null; // it does not listen yet
        });
        if (found !== null) return found;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      throw new Error(`never: ${what}`);
    };
    const first = (query: string) => eventually(async () => (await ask(query))[0] ?? null, query);

    const { run } = records(here)[0] ?? { run: '' };
    const filled = (query: string) =>
      query.replaceAll('$run', run).replaceAll('$node', '.*').replaceAll('[1m]', '[5s]');
    // Cards and further numbers are not there on every machine and in every model.
    const there = queries.filter((query) => !/dsk_gpu_|dsk_step_value/.test(query));
    expect(there.length).toBeGreaterThan(15);
    for (const query of there) {
      const { metric, value } = await first(filled(query));
      expect(Number.isFinite(Number(value[1])), query).toBe(true);
      if (metric.node !== undefined) expect(metric.node).toBe('trained');
    }
    for (const query of queries.filter((each) => !there.includes(each))) await ask(filled(query)); // they parse

    const step = Number((await first('dsk_training_step')).value[1]);
    await eventually(
      async () => (Number((await ask('dsk_training_step'))[0]?.value[1]) > step ? true : null),
      'the step moves',
    );
    const shares = await ask(filled(queries.find((query) => query.includes('dsk_expert_tokens')) ?? ''));
    expect(shares).toHaveLength(4);
    expect(shares.reduce((sum, { value }) => sum + Number(value[1]), 0)).toBeCloseTo(1, 6);

    running.child.kill('SIGINT');
    const stopped = await running.done;
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toContain('--metrics 0 --resume');
    const told = readFileSync(join(here, '.dsk/runs', run, 'events.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string; loss?: number });
    const scraped = Number((await ask('last_over_time(dsk_training_loss[1h])'))[0]?.value[1]);
    expect(told.some(({ event, loss }) => event === 'step' && loss === scraped)).toBe(true); // no number was changed on the way
  });
});
