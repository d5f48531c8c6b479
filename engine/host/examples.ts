// The examples that come with Dsk as templates, and new files: empty, or a copy of an example with the data it reads.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { check } from '../graph/check.ts';
import { contextOf } from '../graph/infer.ts';
import { runs } from '../nodes/kind.ts';
import type { Example } from './contract.ts';
import { HostError } from './fault.ts';
import type { Handlers, Host } from './handlers.ts';
import { layoutPath } from './layout.ts';
import { graphPath, writeText } from './text.ts';
import { examplesFolder } from './trust.ts';

/** Where the user's own graphs lie: DSK_GRAPHS, or `dsk` in the home folder. */
export function graphsFolder(): string {
  return process.env.DSK_GRAPHS || join(homedir(), 'dsk');
}

export function exampleHandlers(host: Host): Pick<Handlers, 'examples.list' | 'file.create'> {
  return {
    'examples.list': async () => names().map(read),
    async 'file.create'({ example, path: given }) {
      const source = example === null ? null : exampleNamed(example);
      const text = source === null ? 'dsk 1\n' : readFileSync(source, 'utf8');
      if (given !== null) {
        const path = graphPath(given);
        if (existsSync(path)) throw new HostError('exists', `there is a file ${path} already`);
        await place(host, path, text, source);
        return { path };
      }
      const path = await freePath(example ?? 'untitled');
      await place(host, path, text, source);
      // A folder of its own, in which nothing is but what was put there.
      await host.trust.grant(dirname(path));
      return { path };
    },
  };
}

function names(): string[] {
  return (
    readdirSync(examplesFolder)
      .filter((name) => name.endsWith('.dsk') && name !== '.dsk')
      .map((name) => basename(name, '.dsk'))
      // The quickstart is where to begin.
      .sort((a, b) => Number(b === 'quickstart') - Number(a === 'quickstart') || (a < b ? -1 : 1))
  );
}

function read(name: string): Example {
  const path = exampleNamed(name);
  const text = readFileSync(path, 'utf8');
  return { name, path, line: firstDocumentation(text), text };
}

/** The first block of `##` lines, as one. */
function firstDocumentation(text: string): string {
  const block = /(?:^[ \t]*##.*(?:\r?\n|$))+/m.exec(text)?.[0] ?? '';
  return block
    .replace(/^[ \t]*##[ \t]?/gm, '')
    .replace(/\s+/g, ' ')
    .trim();
}

function exampleNamed(name: string): string {
  if (!names().includes(name)) {
    throw new HostError('not-found', `there is no example ${name}; there are ${names().join(', ')}`);
  }
  return join(examplesFolder, `${name}.dsk`);
}

/** NAME/NAME.dsk in the user's graphs' folder, where there is no such folder yet; makes that. */
async function freePath(name: string): Promise<string> {
  const home = graphsFolder();
  await mkdir(home, { recursive: true });
  for (let number = 1; ; number++) {
    const free = number === 1 ? name : `${name}-${number}`;
    try {
      await mkdir(join(home, free));
      return join(home, free, `${free}.dsk`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** Writes the graph with what lies beside the example: its layout, and the files it reads. The graph comes last. */
async function place(host: Host, path: string, text: string, source: string | null): Promise<void> {
  if (source !== null) {
    for (const file of await readFiles(host, text))
      await copyNew(join(examplesFolder, file), join(dirname(path), file));
    if (existsSync(layoutPath(source))) await copyNew(layoutPath(source), layoutPath(path));
  }
  await writeText(path, text);
}

/** What is there already stays: it may be somebody's, or the same file for another graph. */
async function copyNew(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  if (!existsSync(to)) await copyFile(from, to);
}

/** Files of the examples' folder that a graph reads, relative to it. */
async function readFiles(host: Host, text: string): Promise<string[]> {
  const kinds = await host.kinds();
  return host.folders.use(examplesFolder, async ({ files }) => {
    const { graph } = await check(text, { kinds, files });
    const ignore = () => {}; // an example has no errors; a test sees to that
    const paths = graph.nodes.flatMap((node) =>
      runs(node.kind) && node.kind.reads
        ? node.kind.reads(contextOf(node, graph, kinds, files, { error: ignore, warn: ignore }))
        : [],
    );
    const inside = paths.map((each) => files.name(files.locate(each)));
    return inside.filter((each) => !each.startsWith('npm:') && !isAbsolute(each));
  });
}
