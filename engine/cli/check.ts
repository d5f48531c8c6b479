// `dsk check`: finds mistakes in graphs without running anything.
import type { Command } from 'commander';
import { Exit } from './exit.ts';
import { collect, collectSet } from './options.ts';

interface Options {
  set: Record<string, string>;
  allow: string[];
  allowCommands?: true;
  json?: true;
}

export function register(program: Command): void {
  program
    .command('check')
    .description('find mistakes in graphs; runs nothing and writes nothing')
    .argument('<file...>', 'graph files')
    .option('--set <name=value>', 'give a param another value (repeatable)', collectSet, {})
    .option('--allow <folder>', 'let the graph read this folder as well (repeatable)', collect, [])
    .option('--allow-commands', 'check as for a run that may start the programs it names')
    .option('--json', 'print one JSON object')
    .action(async (files: string[], options: Options) => {
      const { hasErrors } = await import('../graph/graph.ts');
      const { openGraph, openKinds, plainDiagnostic, printDiagnostics, summary } = await import('./terminal.ts');
      const kinds = await openKinds();
      const reports: { file: string; unreadable?: string; diagnostics: unknown[] }[] = [];
      let wrong = false;
      for (const file of files) {
        const open = await openGraph(file, {
          kinds,
          set: options.set,
          allow: options.allow,
          commands: options.allowCommands === true,
        }).catch(unreadable);
        wrong ||= open instanceof Exit || hasErrors(open.checked);
        if (open instanceof Exit) {
          if (options.json) reports.push({ file, unreadable: open.message, diagnostics: [] });
          else process.stderr.write(`dsk: ${open.message}\n`);
          continue;
        }
        await open.files.close();
        const { text, diagnostics, graph } = open.checked;
        if (options.json) reports.push({ file, diagnostics: diagnostics.map((each) => plainDiagnostic(text, each)) });
        else {
          printDiagnostics(file, text, diagnostics, process.stdout);
          const nodes = `${graph.nodes.length} ${graph.nodes.length === 1 ? 'node' : 'nodes'}`;
          const sound = diagnostics.length === 0 ? `no mistakes in ${nodes}` : summary(diagnostics);
          process.stdout.write(`${file}: ${sound}\n`);
        }
      }
      if (options.json) process.stdout.write(`${JSON.stringify({ files: reports }, null, 2)}\n`);
      if (wrong) process.exitCode = 1;
    });
}

/** A file that cannot be read does not keep the others from being checked. */
function unreadable(error: unknown): Exit {
  if (error instanceof Exit && error.code === 1) return error;
  throw error;
}
