// Runs the dsk command as a user would, for the checks.
import { join } from 'node:path';
import { type Ran, run } from '../../engine/native/command.ts';
import { root } from '../../engine/native/paths.ts';

/** Runs `dsk` with the arguments, in the project's folder. */
export function dsk(...args: string[]): Promise<Ran> {
  return run(process.execPath, [join(root, 'engine/cli/dsk.mjs'), ...args], { cwd: root, timeout: 120_000 });
}
