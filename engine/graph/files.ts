// Files as one graph sees them at check time (engine/data/check.ts), and how it names them. Node side only.
import { relative, resolve, sep } from 'node:path';
import { openCheckFiles } from '../data/check.ts';
import { inputPath, type PathOptions } from '../data/paths.ts';
import type { CheckFiles } from '../nodes/kind.ts';

export interface GraphFiles extends CheckFiles {
  /** The graph's folder, absolute. */
  readonly folder: string;
  /** Absolute path of a file as written in the graph or found with `glob`. Throws PathError where it may not be read. */
  locate(path: string): string;
  /** A file's name that is the same on every machine: relative to the graph's folder, or `npm:PACKAGE/FILE`. */
  name(path: string): string;
  close(): Promise<void>;
}

export function openFiles(options: PathOptions): GraphFiles {
  const folder = resolve(options.folder);
  const files = openCheckFiles({ ...options, folder });
  const found = new Set<string>();
  return {
    ...files,
    folder,
    glob(pattern) {
      const matches = files.glob(pattern);
      for (const { path } of matches) found.add(path); // allowed, wherever a package lies
      return matches;
    },
    locate: (path) => (found.has(path) ? path : inputPath(path, options)),
    name(path) {
      const full = posix(resolve(folder, path));
      const inPackage = full.lastIndexOf('/node_modules/');
      if (inPackage >= 0) return `npm:${full.slice(inPackage + '/node_modules/'.length)}`;
      const inside = posix(relative(folder, full));
      return inside.startsWith('../') ? full : inside;
    },
  };
}

function posix(path: string): string {
  return sep === '\\' ? path.replaceAll('\\', '/') : path;
}
