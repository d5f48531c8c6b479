// `dsk studio`: the visual editor, as a page in the browser.
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Command, Option } from 'commander';
import { Exit } from './exit.ts';
import { portOf } from './options.ts';
import { version } from './version.ts';

interface Options {
  port: number;
  open: boolean;
  json?: true;
  stdio?: true;
}

export function register(program: Command): void {
  program
    .command('studio')
    .summary('edit graphs visually, in the browser')
    .description(
      `Serves the visual editor on this machine alone (127.0.0.1) and opens it in the browser. The address that is printed lets one
browser in. Ctrl-C ends the editor; runs go on. From another machine, make a tunnel first:

  ssh -L 8080:127.0.0.1:8080 BOX dsk studio --port 8080 --no-open`,
    )
    .argument('[file]', 'graph to open, NAME.dsk')
    .option('--port <number>', 'port to listen on; default: any free one', portOf, 0)
    .option('--no-open', 'do not open a browser')
    .option('--json', 'print one JSON object with the address')
    .addOption(new Option('--stdio', 'speak JSON-RPC on stdin and stdout, for the desktop app').conflicts('port'))
    .action(studio);
}

async function studio(file: string | undefined, options: Options): Promise<void> {
  const graph = file === undefined ? null : graphFile(file);
  const { openService } = await import('../host/service.ts');
  if (options.stdio) {
    console.log = console.error; // stdout is for messages, whatever a kind of the user's own prints
    const { serveLines } = await import('../host/stdio.ts');
    const service = openService({ file: graph, version: version() });
    logFaults(service.log);
    await serveLines(service, process.stdin, process.stdout);
    return service.close();
  }
  const page = await builtPage();
  const { serveWeb } = await import('../host/web.ts');
  const service = openService({ file: graph, version: version() });
  const web = await serveWeb(service, page, options.port).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRINUSE') throw new Exit(3, `port ${options.port} is in use; give another with --port`);
    if (error.code === 'EACCES') throw new Exit(3, `port ${options.port} is not for this user; give one above 1023`);
    throw error;
  });
  const end = ended();
  const address = web.address();
  const terminal = process.stdout.isTTY === true && !options.json;
  process.stdout.write(`${options.json ? JSON.stringify({ url: address }) : address}\n`);
  if (terminal) {
    process.stdout.write('The address is good for one browser. Ctrl-C ends the editor; runs go on.\n');
    if (options.open) await browse(web.address());
  }
  logFaults(service.log);
  await end;
  await web.close();
  await service.close();
}

/** A fault in one place must not end the editor of everybody: it goes into studio.log. */
function logFaults(log: (error: unknown) => void): void {
  process.on('uncaughtException', log);
  process.on('unhandledRejection', log);
}

/** @throws Exit (1) where there is no such file */
function graphFile(file: string): string {
  const path = resolve(file);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) throw new Exit(1, `${file}: there is no such file`);
  if (!stat.isFile()) throw new Exit(1, `${file}: is a folder; name a graph file in it, such as NAME.dsk`);
  if (!path.endsWith('.dsk')) throw new Exit(1, `${file}: the studio opens graph files, whose names end in .dsk`);
  return path;
}

/**
 * The folder of the built page: the one that DSK_PAGE names, or dist/renderer, built anew where its sources have changed.
 * @throws Exit (3) where there is none and none can be built
 */
async function builtPage(): Promise<string> {
  const page = process.env.DSK_PAGE ?? fileURLToPath(new URL('../../dist/renderer', import.meta.url));
  const there = () => existsSync(join(page, 'index.html'));
  const build = new URL('../../renderer/build.ts', import.meta.url);
  if (!process.env.DSK_PAGE && existsSync(build)) {
    // By address: the page's build is no part of the engine, and an installed Dsk comes without it.
    const { buildPage, pageIsCurrent } = (await import(build.href)) as {
      buildPage(): Promise<void>;
      pageIsCurrent(): boolean;
    };
    if (there() && pageIsCurrent()) return page;
    try {
      await buildPage();
    } catch (error) {
      const [reason] = (error instanceof Error ? error.message : String(error)).split('\n');
      if (!there()) throw new Exit(3, `the studio's page could not be built: ${reason}. Remedy: npm run setup`);
      process.stderr.write(`dsk: the studio's page is an older one; building it failed: ${reason}\n`);
    }
  }
  if (!there()) throw new Exit(3, `the studio's page is missing in ${page}. Remedy: npm run build`);
  return page;
}

/** A browser that does not open is no reason to end: the address stands there. */
async function browse(address: string): Promise<void> {
  const { default: open } = await import('open');
  try {
    const child = await open(address);
    child.on('error', () => {});
  } catch {
    process.stderr.write('no browser could be opened; open the address yourself\n');
  }
}

/** Resolves at Ctrl-C or when asked to end; a second time ends at once. */
function ended(): Promise<void> {
  return new Promise((done) => {
    let asked = false;
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(name, () => {
        if (asked) process.exit(130);
        asked = true;
        done();
      });
    }
  });
}
