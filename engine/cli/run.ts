// `dsk run`: checks a graph, plans it, carries it out and shows how it goes.
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { formatDiagnostic } from '../../grammar/diagnostic.ts';
import { diagnosticEvent, type RunEvent } from '../run/events.ts';
import { folders } from '../run/folders.ts';
import type { Metrics } from '../run/metrics.ts';
import { Exit, type ExitCode } from './exit.ts';
import { collect, collectSet, portOf } from './options.ts';
import { showProgress } from './progress.ts';
import { showResults } from './results.ts';
import { version } from './version.ts';

interface Options {
  set: Record<string, string>;
  to?: string;
  fresh?: true;
  resume?: true;
  allow: string[];
  allowCommands?: true;
  metrics?: number;
  json?: true;
  quiet?: true;
}

export function register(program: Command): void {
  program
    .command('run')
    .summary('run a graph')
    .description(
      `Carries out what a graph describes: prepares data, trains, evaluates, exports. Results are kept in .dsk/ beside the graph, and
only what changed is done again.

Ctrl-C saves a checkpoint and stops (exit 130); \`--resume\` goes on from it and gives the very weights that an uninterrupted
run gives. A second Ctrl-C stops at once. Everything that happens is in .dsk/runs/ID/: the graph as run, events.jsonl,
TensorBoard files; \`dsk runs\` lists them.`,
    )
    .argument('<file>', 'the graph, NAME.dsk')
    .option('--set <name=value>', 'value for a param of the graph; may be repeated', collectSet, {})
    .option('--to <node>', 'only this node and what it depends on')
    .option('--fresh', 'make every result again, whether it is there or not')
    .option('--resume', 'go on from the checkpoint of an interrupted run')
    .option('--allow <folder>', 'let the graph read and write there as well; may be repeated', collect, [])
    .option('--allow-commands', 'let the graph start the programs it names')
    .option('--metrics <port>', 'serve metrics for Prometheus on 127.0.0.1 while it runs; 0 takes a free port', portOf)
    .option('--json', 'print one JSON object a line; the last has the results')
    .option('--quiet', 'print results and errors only')
    .addHelpText(
      'after',
      `
Examples:
  dsk run whale.dsk
  dsk run whale.dsk --set steps=1000 --to trained
  dsk run whale.dsk --resume --json
  dsk run whale.dsk --metrics 9464

examples/watching/ has settings for Prometheus, a dashboard for Grafana, and a script that makes a run of Weights & Biases.

Exit codes:
  0 done   1 the graph or its data has errors   2 wrong usage   3 the run failed   130 interrupted`,
    )
    .action(runGraph);
}

async function runGraph(file: string, options: Options, command: Command): Promise<void> {
  if (options.fresh && options.resume) {
    command.error('error: --fresh and --resume contradict each other: one starts over, the other goes on');
  }
  const watch = watcher(file, options);
  try {
    process.exitCode = await start(file, options, watch);
  } catch (error) {
    // Whoever reads JSON lines learns of everything from them.
    if (options.json && error instanceof Exit && error.code !== 2) {
      watch({
        event: 'failed',
        message: error.message || 'the graph has errors',
        exit: error.code === 1 ? 1 : 3,
        seconds: 0,
      });
      throw new Exit(error.code);
    }
    throw error;
  }
}

async function start(
  file: string,
  options: Options,
  watch: (event: RunEvent, text?: string) => void,
): Promise<ExitCode> {
  const [{ inputExit, openGraph, openKinds }, { hasErrors }, { plan, ToError }, { digestsPath, openDigests }, rest] =
    await Promise.all([
      import('./terminal.ts'),
      import('../graph/graph.ts'),
      import('../plan/plan.ts'),
      import('../plan/digests.ts'),
      Promise.all([import('../run/run.ts'), import('../run/signals.ts'), import('../run/lock.ts')]),
    ]);
  const [{ run }, { catchSignals }, { LockedError }] = rest;
  const say = (text: string) => process.stderr.write(`\n${text}\n`);
  let metrics: Metrics | null = null;
  const { signal, stop } = catchSignals(
    () => say('stopping: saving a checkpoint (once more to stop at once, without one)'),
    () => say('stopped'),
  );
  const kinds = await openKinds();
  const { checked, files } = await openGraph(file, {
    kinds,
    set: options.set,
    allow: options.allow,
    commands: options.allowCommands === true,
  });
  const { text, graph, diagnostics } = checked;
  try {
    for (const diagnostic of diagnostics) watch(diagnosticEvent(diagnostic, { file, text }), text);
    if (hasErrors(checked)) throw new Exit(1);
    const digests = openDigests(digestsPath(folders(files.folder).cache));
    const { to, fresh = false, resume = false } = options;
    const made = await plan(graph, { kinds, files, digests, fresh, ...(to === undefined ? {} : { to }) });
    metrics = options.metrics === undefined ? null : await startMetrics(options.metrics, files.folder);
    const outcome = await run(
      {
        file: resolve(file),
        shown: file,
        text,
        graph,
        plan: made,
        kinds,
        digests,
        allow: options.allow.map((folder) => resolve(folder)),
        commands: options.allowCommands === true,
        resume,
        resumeCommand: again(file, options),
        version: version(),
      },
      (event) => {
        watch(event, text);
        metrics?.watch(event);
      },
      signal,
    );
    return outcome.exit;
  } catch (error) {
    if (error instanceof LockedError) throw new Exit(3, error.message);
    if (error instanceof ToError) throw new Exit(2, error.message);
    throw inputExit(file, error);
  } finally {
    stop();
    await metrics?.close();
    await files.close();
  }
}

async function startMetrics(port: number, folder: string): Promise<Metrics> {
  const { serveMetrics } = await import('../run/metrics.ts');
  const metrics = await serveMetrics(port, folder);
  process.stderr.write(`metrics at http://127.0.0.1:${metrics.port}/metrics\n`);
  return metrics;
}

/** Where events go: JSON lines on stdout, or progress on stderr and at last the results on stdout. */
function watcher(file: string, options: Options): (event: RunEvent, text?: string) => void {
  const always = new Set(['diagnostic', 'failed', 'interrupted']);
  if (options.json) {
    return (event) => {
      if (options.quiet && !always.has(event.event) && event.event !== 'finished') return;
      process.stdout.write(`${JSON.stringify(event)}\n`);
    };
  }
  const { stderr, stdout } = process;
  const color = stderr.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
  let source = '';
  const progress = showProgress(
    {
      write: (line) => void stderr.write(line),
      columns: () => (stderr.isTTY ? stderr.columns || 80 : null),
      color,
      now: () => performance.now(),
    },
    (diagnostic) => formatDiagnostic(file, source, diagnostic, { color }),
  );
  return (event, text = '') => {
    source = text;
    if (!options.quiet || always.has(event.event)) progress(event);
    if (event.event !== 'finished') return;
    const results = showResults(event.results);
    if (results) stdout.write(`${results}\n`);
  };
}

/** The command that goes on after an interruption. */
function again(file: string, options: Options): string {
  const words = ['dsk', 'run', file];
  for (const [name, value] of Object.entries(options.set)) words.push('--set', `${name}=${value}`);
  if (options.to !== undefined) words.push('--to', options.to);
  for (const folder of options.allow) words.push('--allow', folder);
  if (options.allowCommands) words.push('--allow-commands');
  if (options.metrics !== undefined) words.push('--metrics', String(options.metrics));
  return [...words, '--resume'].map(quoted).join(' ');
}

/** As a shell reads it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
