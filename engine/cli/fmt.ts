// `dsk fmt`: brings graph files into the one look.
import type { Command } from 'commander';
import { Exit } from './exit.ts';

interface Options {
  check?: true;
}

export function register(program: Command): void {
  program
    .command('fmt')
    .description('format graph files in place; `-` formats standard input to standard output')
    .argument('<file...>', 'graph files, or -')
    .option('--check', 'change nothing; exit 1 where something would change')
    .action(async (files: string[], options: Options) => {
      const { format } = await import('../../grammar/format.ts');
      const { decode, printDiagnostics, readText, summary } = await import('./terminal.ts');
      for (const file of files) {
        const piped = file === '-';
        const name = piped ? '<stdin>' : file;
        let text: string;
        try {
          text = piped ? decode(await readInput(), name) : readText(file);
        } catch (error) {
          if (!(error instanceof Exit)) throw error;
          process.stderr.write(`dsk: ${error.message}\n`);
          process.exitCode = error.code;
          continue;
        }
        const { text: formatted, changed, diagnostics } = format(text);
        const errors = diagnostics.filter(({ severity }) => severity === 'error');
        if (errors.length > 0) {
          printDiagnostics(name, text, errors, process.stderr);
          process.stderr.write(`${name}: ${summary(errors)}; not formatted\n`);
          process.exitCode = 1;
        } else if (options.check) {
          if (!changed) continue;
          process.stdout.write(`${name}: would change\n`);
          process.exitCode = 1;
        } else if (piped) process.stdout.write(formatted);
        else if (changed) {
          await replace(file, formatted);
          process.stdout.write(`${name}: formatted\n`);
        }
      }
    });
}

async function readInput(): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of process.stdin) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

/** Writes the file in one move, keeping its mode; a link stays a link, and what it points to is written. */
async function replace(file: string, text: string): Promise<void> {
  const { chmod, realpath, stat, writeFile } = await import('node:fs/promises');
  const { replaceFile } = await import('../data/atomic.ts');
  const target = await realpath(file);
  const { mode } = await stat(target);
  await replaceFile(target, async (temporary) => {
    await writeFile(temporary, text, { flag: 'wx' });
    await chmod(temporary, mode & 0o7777);
  });
}
