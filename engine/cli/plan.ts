// `dsk plan`: what a run would do and what it would take, without doing it.
import type { Command } from 'commander';
import { Exit } from './exit.ts';
import { collect, collectSet } from './options.ts';

interface Options {
  set: Record<string, string>;
  allow: string[];
  allowCommands?: true;
  to?: string;
  json?: true;
}

export function register(program: Command): void {
  program
    .command('plan')
    .description('show what a run would do and cost; runs nothing and writes nothing')
    .argument('<file>', 'graph file')
    .option('--set <name=value>', 'give a param another value (repeatable)', collectSet, {})
    .option('--to <node>', 'only this node and what it needs')
    .option('--allow <folder>', 'let the graph read this folder as well (repeatable)', collect, [])
    .option('--allow-commands', 'plan a run that may start the programs it names')
    .option('--json', 'print one JSON object')
    .action(async (file: string, options: Options) => {
      const { inputExit, openKinds, openSound } = await import('./terminal.ts');
      const { plan, ToError } = await import('../plan/plan.ts');
      const { plainPlan, renderPlan } = await import('../plan/render.ts');
      const kinds = await openKinds();
      const { checked, files } = await openSound(file, {
        kinds,
        set: options.set,
        allow: options.allow,
        commands: options.allowCommands === true,
      });
      try {
        const made = await plan(checked.graph, {
          kinds,
          files,
          ...(options.to === undefined ? {} : { to: options.to }),
        });
        const width = Math.min(Math.max(process.stdout.columns ?? 80, 60), 120);
        process.stdout.write(
          options.json
            ? `${JSON.stringify({ file, ...plainPlan(made) }, null, 2)}\n`
            : `${renderPlan(made, { width })}\n`,
        );
      } catch (error) {
        throw error instanceof ToError ? new Exit(2, `${file}: ${error.message}`) : inputExit(file, error);
      } finally {
        await files.close();
      }
    });
}
