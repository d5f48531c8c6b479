// The commands of `dsk`, one file each. A command's file loads what it needs only when it is called, so that help and checking
// start quickly.
import { Command } from 'commander';
import { register as check } from './check.ts';
import { register as clean } from './clean.ts';
import { register as doctor } from './doctor.ts';
import { register as fmt } from './fmt.ts';
import { register as generate } from './generate.ts';
import { register as nodes } from './nodes.ts';
import { register as plan } from './plan.ts';
import { register as run } from './run.ts';
import { register as runs } from './runs.ts';
import { register as studio } from './studio.ts';
import { version } from './version.ts';

const about = `Trains DeepSeek-style language models from one graph: raw data in, exported weights out.

A graph is a text file, NAME.dsk. Results are kept beside it in .dsk/ and made again only where something changed.`;

const footer = `
Examples:
  dsk check whale.dsk                       find mistakes without running anything
  dsk plan whale.dsk                        what would run, and what it costs
  dsk run whale.dsk --set steps=1000        train; results that exist are used again
  dsk run whale.dsk --resume                go on after an interruption
  dsk studio whale.dsk                      edit it visually, in the browser
  dsk generate out/whale --prompt "The"     let an exported model write
  dsk nodes moe                             reference of a node kind

Exit codes:
  0 done   1 the graph or its data has errors   2 wrong usage   3 the run failed   130 interrupted`;

/** The program with all its commands. */
export function build(): Command {
  const program = new Command('dsk');
  program.description(about).version(version(), '-V, --version', 'print the version').usage('<command> [options]');
  program.helpOption('-h, --help', 'print help').helpCommand('help [command]', 'print help for a command');
  program.addHelpText('after', footer).exitOverride();
  for (const register of [check, plan, run, studio, generate, runs, clean, nodes, fmt, doctor]) register(program);
  tellUsage(program);
  return program;
}

/** Behind what was wrong with a call: the command's usage line and where to read more. */
function tellUsage(command: Command): void {
  const path = [command.name()];
  for (let outer = command.parent; outer; outer = outer.parent) path.unshift(outer.name());
  const name = path.join(' ');
  command.configureOutput({
    outputError: (text, write) => {
      write(`dsk: ${text.trimEnd()}\nusage: ${name} ${command.usage()}\nMore: ${name} --help\n`);
    },
  });
  for (const inner of command.commands) tellUsage(inner);
}
