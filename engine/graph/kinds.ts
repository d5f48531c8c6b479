// Finds the node kinds on disk: every file in engine/nodes/STAGE/ is one, and so is every file of the folders named besides
// (DSK_KINDS). Node side only; the editor's page gets its kinds from the bundler.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { KindError, type Kinds, registry, stages } from './registry.ts';

const ownFolder = fileURLToPath(new URL('../nodes', import.meta.url));

export interface KindOptions {
  /** Folders with kinds of one's own, in which every .ts, .js or .mjs file is a kind. Default: those in DSK_KINDS. */
  folders?: readonly string[];
  /** False: without the kinds that come with Dsk. */
  own?: boolean;
}

/**
 * Imports all kinds.
 * @throws KindError when a folder is missing, or a kind's file cannot be imported or is not well defined
 */
export async function readKinds(options: KindOptions = {}): Promise<Kinds> {
  const extra = options.folders ?? (process.env.DSK_KINDS ?? '').split(delimiter).filter((folder) => folder !== '');
  const files: string[] = [];
  if (options.own !== false) {
    for (const stage of stages) {
      const folder = join(ownFolder, stage);
      if (existsSync(folder)) files.push(...kindFiles(folder));
    }
  }
  for (const folder of extra) {
    if (!existsSync(folder)) throw new KindError([`${folder}: no such folder of node kinds (from DSK_KINDS)`]);
    files.push(...kindFiles(resolve(folder)));
  }
  return registry(await Promise.all(files.map(importKind)));
}

function kindFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => /\.(ts|js|mjs)$/.test(name) && !name.endsWith('.d.ts'))
    .sort()
    .map((name) => join(folder, name));
}

/** Node's own words say nothing of package.json to those who do not know that it decides how a file is read. */
function reason(error: unknown, path: string): string {
  const message = (error instanceof Error ? error.message : String(error)).replaceAll(/\s*\n\s*/g, ' ');
  return !path.endsWith('.mjs') && moduleType(dirname(path)) !== 'module'
    ? `it is read as CommonJS; put a package.json with {"type": "module"} into ${dirname(path)} (${message})`
    : message;
}

/** "type" of the package.json that holds for a folder. */
function moduleType(folder: string): unknown {
  const file = join(folder, 'package.json');
  if (existsSync(file)) {
    try {
      return (JSON.parse(readFileSync(file, 'utf8')) as { type?: unknown }).type;
    } catch {
      return null; // a broken package.json has no type
    }
  }
  return dirname(folder) === folder ? null : moduleType(dirname(folder));
}

async function importKind(path: string): Promise<{ file: string; kind: unknown; known: boolean }> {
  const file = relative(process.cwd(), path) || path;
  try {
    const module = (await import(pathToFileURL(path).href)) as { default?: unknown };
    return { file, kind: module.default, known: path.startsWith(ownFolder + sep) };
  } catch (error) {
    throw new KindError([`${file}: cannot be imported: ${reason(error, path)}`]);
  }
}
