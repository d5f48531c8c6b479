// Carries a command line out and ends the process with its exit code. Started by dsk.mjs.
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { InputError } from '../nodes/kind.ts';
import { Exit, finish, guardStreams } from './exit.ts';
import { build } from './program.ts';
import { complaintText } from './words.ts';

guardStreams();
try {
  await build().parseAsync(process.argv);
} catch (error) {
  process.exitCode = told(error);
}
await finish();

/** Says what went wrong, unless that was said already, and gives the exit code. */
function told(error: unknown): number {
  // Help and version end in such an error too, with code 0; whatever else commander finds is wrong usage.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof Exit) {
    if (error.message) console.error(`dsk: ${error.message}`);
    return error.code;
  }
  if (error instanceof InputError) {
    console.error(`dsk: ${complaintText(error)}`);
    return 1;
  }
  const details = join(tmpdir(), `dsk-error-${process.pid}.log`);
  writeFileSync(details, `${error instanceof Error ? error.stack : String(error)}\n`);
  console.error(
    `dsk: ${error instanceof Error ? error.message.split('\n')[0] : String(error)} (details in ${details})`,
  );
  return 3;
}
