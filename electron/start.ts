// `npm start [-- FILE]`: builds what has changed and opens the desktop app; where that cannot be, says why and serves the same
// editor in the browser.
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { buildPage, pageIsCurrent } from '../renderer/build.ts';
import { appIsCurrent, buildApp } from './build.ts';
import { findRuntime, lack, obstacle, sandboxFault } from './runtime.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
/** npm changes into the project's folder; the user's is this. */
const file = process.argv[2] === undefined ? null : resolve(process.env.INIT_CWD ?? process.cwd(), process.argv[2]);

process.exitCode = await start();

async function start(): Promise<number> {
  const reason = obstacle();
  if (reason !== null) return browser(reason);
  const found = findRuntime();
  if ('reason' in found) return browser(found.reason);
  const missing = lack(found.program);
  if (missing !== null) return browser(missing);
  try {
    if (!pageIsCurrent()) await buildPage();
    if (!appIsCurrent()) await buildApp();
  } catch (error) {
    console.error(`dsk: the editor could not be built: ${error instanceof Error ? error.message : String(error)}`);
    return 3;
  }
  const { code, text } = await run(found.program, [root, ...(file === null ? [] : [file])], true);
  if (code === 0) return 0;
  const sandbox = sandboxFault(text);
  if (sandbox === null) {
    console.error(`dsk: the desktop app ended with code ${code}:\n${text.slice(-8).join('\n')}`);
    return 3;
  }
  return browser(`Electron found no sandbox on this system (${sandbox})`);
}

async function browser(reason: string): Promise<number> {
  console.error(`dsk: no desktop app: ${reason}.\ndsk: the editor opens in the browser instead (dsk studio).`);
  const args = ['engine/cli/dsk.mjs', 'studio', ...(file === null ? [] : [file])];
  return (await run(process.execPath, args, false)).code;
}

/** Runs a program to its end. Of what Electron prints, Chromium's own log is kept back: `text` has its last lines. */
function run(program: string, args: string[], quiet: boolean): Promise<{ code: number; text: string[] }> {
  // Ctrl-C reaches the program as well, which ends in good order; this waits for it.
  process.on('SIGINT', () => {});
  const child = spawn(program, args, { cwd: root, stdio: ['inherit', 'inherit', quiet ? 'pipe' : 'inherit'] });
  const text: string[] = [];
  if (child.stderr) {
    createInterface({ input: child.stderr }).on('line', (line) => {
      text.push(line);
      if (text.length > 200) text.shift();
      if (line !== '' && !/^\[\d+:[\d/.:]*[A-Z]+:/.test(line)) console.error(line);
    });
  }
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (code, signal) => done({ code: code ?? (signal === 'SIGINT' ? 130 : 1), text }));
  });
}
