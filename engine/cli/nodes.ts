// `dsk nodes`: the reference of the node kinds.
import type { Command } from 'commander';
import { Exit } from './exit.ts';

interface Options {
  json?: true;
  markdown?: true;
}

export function register(program: Command): void {
  program
    .command('nodes')
    .description('list the node kinds, or explain one: inputs, outputs, parameters, example')
    .argument('[kind]', 'a node kind')
    .option('--json', 'print JSON Schema (2020-12)')
    .option('--markdown', 'print the complete reference as Markdown')
    .action(async (name: string | undefined, options: Options) => {
      const { closest } = await import('../../grammar/diagnostic.ts');
      const { dialect, languageSchema, nodeSchema } = await import('../graph/schema.ts');
      const { kindList, kindText, markdown } = await import('../graph/reference.ts');
      const { openKinds } = await import('./terminal.ts');
      const { list, get } = await openKinds();
      const width = Math.min(Math.max(process.stdout.columns ?? 80, 60), 100);
      const write = (text: string) => process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
      if (name === undefined) {
        if (options.json) write(JSON.stringify(languageSchema(list), null, 2));
        else write(options.markdown ? markdown(list) : `${kindList(list, width)}\n\`dsk nodes KIND\` explains one.`);
        return;
      }
      const kind = get(name);
      if (!kind) {
        const near = closest(
          name,
          list.map((each) => each.kind),
        );
        throw new Exit(
          2,
          `there is no node kind \`${name}\`${near ? `, did you mean \`${near}\`?` : '; `dsk nodes` lists them'}`,
        );
      }
      if (options.json) write(JSON.stringify({ $schema: dialect, ...nodeSchema(kind) }, null, 2));
      else write(options.markdown ? markdown([kind]) : kindText(kind, width));
    });
}
