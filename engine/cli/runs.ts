// `dsk runs`: what was run here and how it ended; `dsk runs show`: one run in full.
import type { Command } from 'commander';
import type { RunRecord } from '../run/record.ts';
import { Exit } from './exit.ts';
import { columns, duration, number, visible } from './words.ts';

export function register(program: Command): void {
  const runs = program
    .command('runs')
    .summary('list runs, or show one')
    .description(
      `Lists the runs of a graph or of all graphs in a folder, newest last. A run whose process went away without a word has "died".

loss: of evaluation where the graph evaluates, else of the last training step.`,
    )
    .usage('[file] [options] | show <id> [file]')
    .argument('[file]', 'a graph, or a folder (default: this one)')
    .option('--json', 'print one JSON object a line, as run.json has it')
    .addHelpText('after', '\nExamples:\n  dsk runs\n  dsk runs whale.dsk --json\n  dsk runs show last whale.dsk\n')
    .action((file: string | undefined, options: { json?: true }) => list(file, options.json === true));
  runs
    .command('show')
    .description("Shows a run's steps, times, memory and results.")
    .argument('<id>', 'its id, the beginning or end of it, or "last"')
    .argument('[file]', 'a graph, or a folder (default: this one)')
    .option('--json', 'print its run.json')
    // The command above has an option of this name as well, and takes it first.
    .action((id: string, file: string | undefined, _options: unknown, command: Command) =>
      show(id, file, command.optsWithGlobals<{ json?: true }>().json === true),
    );
}

async function records(file: string | undefined) {
  const [{ locate }, { readRuns }] = await Promise.all([import('./place.ts'), import('../run/record.ts')]);
  const place = locate(file);
  return { place, found: readRuns(place.where).filter((run) => place.file === null || run.file === place.file) };
}

async function list(file: string | undefined, json: boolean): Promise<void> {
  const { found } = await records(file);
  if (json) {
    for (const run of found) console.log(JSON.stringify(run));
    return;
  }
  if (found.length === 0) {
    console.log('no runs yet');
    return;
  }
  const rows = found.map((run) => [run.run, visible(run.file), run.status, local(run.started), took(run), lossOf(run)]);
  console.log(columns([['id', 'graph', 'status', 'started', 'took', 'loss'], ...rows]));
}

async function show(id: string, file: string | undefined, json: boolean): Promise<void> {
  const { place, found } = await records(file);
  const matches = id === 'last' ? found.slice(-1) : found.filter(({ run }) => run.startsWith(id) || run.endsWith(id));
  const [run] = matches;
  if (!run) throw new Exit(1, `there is no run ${id} in ${place.where.runs}; \`dsk runs\` lists them`);
  if (matches.length > 1) throw new Exit(1, `${id} could be ${matches.map((match) => match.run).join(', ')}`);
  if (json) {
    console.log(JSON.stringify(run));
    return;
  }
  const [{ join }, { showResults }, { size }] = await Promise.all([
    import('node:path'),
    import('./results.ts'),
    import('../run/failure.ts'),
  ]);
  const facts = [
    ['run', run.run],
    ['graph', visible(run.file)],
    ['status', run.exit === null ? run.status : `${run.status} (exit ${run.exit})`],
    ...(run.message ? [['reason', visible(run.message)]] : []),
    ['started', local(run.started)],
    ['took', took(run)],
    [
      'versions',
      Object.entries(run.versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(', '),
    ],
    ...(run.threads === null ? [] : [['threads', `${run.threads}, oneDNN ${run.oneDnn ? 'on' : 'off'}`]]),
    ['folder', join(place.where.runs, run.run)],
  ];
  const steps = run.steps.map((step) => [
    step.node,
    step.kind,
    step.status,
    step.seconds === undefined ? '' : duration(step.seconds),
    step.memory === undefined ? '' : size(step.memory),
    step.expectedMemory === undefined ? '' : size(step.expectedMemory),
    step.step === undefined ? '' : String(step.step),
    step.loss === undefined ? '' : number(step.loss),
  ]);
  console.log(columns(facts));
  console.log(`\n${columns([['step', 'kind', 'status', 'took', 'memory', 'expected', 'at', 'loss'], ...steps])}`);
  const results = showResults(run.results);
  if (results) console.log(`\n${results}`);
}

function lossOf(run: RunRecord): string {
  const evaluated = Object.values(run.results).find((values) => typeof values.loss === 'number')?.loss;
  const trained = run.steps.findLast((step) => step.loss !== undefined)?.loss;
  const loss = (evaluated as number | undefined) ?? trained;
  return loss === undefined ? '' : number(loss);
}

function took(run: RunRecord): string {
  const end = run.ended === null ? Date.now() : Date.parse(run.ended);
  return duration(Math.max(0, end - Date.parse(run.started)) / 1000);
}

/** "2026-11-24 08:02", in the time zone of this machine. */
function local(time: string): string {
  const date = new Date(time);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}
