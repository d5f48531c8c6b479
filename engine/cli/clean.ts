// `dsk clean`: frees the space that results, runs and checkpoints take under `.dsk`.
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { parseAge } from './words.ts';

interface Options {
  runs?: true;
  cache?: true;
  checkpoints?: true;
  entry?: string;
  olderThan?: number;
  dryRun?: true;
  json?: true;
}

export function register(program: Command): void {
  program
    .command('clean')
    .summary('free the space that old results take')
    .description(
      `Removes results that are no longer needed and says what that frees.

Without options it keeps the results that each graph's latest complete run used (and those of later runs), and removes all
other results and what crashed runs left behind. Runs and checkpoints go only when asked for. Nothing outside .dsk is touched.`,
    )
    .argument('[file]', 'a graph, for what belongs to it alone; or a folder (default: this one)')
    .option('--cache', 'all results')
    .option('--runs', "all runs' folders: history, events, TensorBoard files")
    .option('--checkpoints', 'all checkpoints: interrupted runs can then not be resumed')
    .option('--entry <key>', 'one result, by the beginning of its key')
    .option('--older-than <age>', 'only what was not used for so long: 90m, 12h, 7d, 2w', age)
    .option('--dry-run', 'say what would go, and remove nothing')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  dsk clean --dry-run
  dsk clean whale.dsk --runs --older-than 7d
  dsk clean --cache --checkpoints --runs        everything
`,
    )
    .action(clean);
}

function age(text: string): number {
  const milliseconds = parseAge(text);
  if (milliseconds === null) throw new InvalidArgumentError('Write an age as 90m, 12h, 7d or 2w.');
  return milliseconds;
}

async function clean(file: string | undefined, options: Options, command: Command): Promise<void> {
  const [{ existsSync }, { removable, remove }, { size }, { hold, locate }, { inputExit }] = await Promise.all([
    import('node:fs'),
    import('../run/clean.ts'),
    import('../run/failure.ts'),
    import('./place.ts'),
    import('./terminal.ts'),
  ]);
  if (options.entry !== undefined && !/^[0-9a-f]{6,64}$/.test(options.entry)) {
    command.error('error: --entry takes the first six or more characters of a key');
  }
  const place = locate(file);
  const choice = {
    runs: options.runs === true,
    cache: options.cache === true,
    checkpoints: options.checkpoints === true,
    ...(options.entry === undefined ? {} : { entry: options.entry }),
    ...(place.file === null ? {} : { file: place.file }),
    ...(options.olderThan === undefined ? {} : { before: Date.now() - options.olderThan }),
  };
  // Where there is nothing, nothing is made either: no folder, no lock.
  const release = options.dryRun || !existsSync(place.where.root) ? () => {} : hold(place.where, '`dsk clean`');
  try {
    const items = removable(place.where, choice);
    if (!options.dryRun) remove(items);
    const bytes = items.reduce((sum, item) => sum + item.bytes, 0);
    if (options.json) {
      console.log(JSON.stringify({ removed: !options.dryRun, bytes, items }));
      return;
    }
    for (const item of items) console.log(`${item.what}  ${item.name}  ${size(item.bytes)}`);
    const done = options.dryRun ? 'would be freed' : 'freed';
    console.log(items.length === 0 ? 'nothing to remove' : `${size(bytes)} ${done}`);
  } catch (error) {
    throw inputExit(file ?? '.dsk', error);
  } finally {
    release();
  }
}
