// Glob patterns over a folder: * and ? within a name, ** over folders, {a,b} for alternatives, [abc] for one of some characters.
import { readdirSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';

const MOST_FILES = 1_000_000;
const MOST_ALTERNATIVES = 1_000;

export function isGlob(pattern: string): boolean {
  return /[*?{[]/.test(pattern);
}

/**
 * Files below `root` that the pattern names, as paths relative to it with `/`, sorted by code unit. Names that start with a dot
 * match only where the pattern spells the dot out. Links to folders are followed only by names written out, never by `**`.
 */
export function globFiles(root: string, pattern: string): string[] {
  const found = new Set<string>();
  for (const alternative of alternatives(pattern)) {
    walk(
      root,
      '',
      alternative.split('/').filter((part) => part !== '' && part !== '.'),
      found,
    );
  }
  return [...found].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

function walk(root: string, at: string, parts: string[], found: Set<string>): void {
  if (found.size > MOST_FILES) throw new Error(`the pattern names more than ${MOST_FILES} files`);
  const [part, ...rest] = parts;
  if (part === undefined) {
    if (at !== '' && statOf(join(root, at))?.isFile()) found.add(at);
    return;
  }
  const below = (name: string) => (at === '' ? name : `${at}/${name}`);
  if (part === '**') {
    walk(root, at, rest, found);
    for (const entry of list(join(root, at))) {
      if (!entry.name.startsWith('.') && entry.isDirectory()) walk(root, below(entry.name), parts, found);
    }
  } else if (isGlob(part)) {
    const matches = matcher(part);
    for (const entry of list(join(root, at))) {
      if (matches.test(entry.name) && (part.startsWith('.') || !entry.name.startsWith('.'))) {
        walk(root, below(entry.name), rest, found);
      }
    }
  } else if (statOf(join(root, at, part))) {
    walk(root, below(part), rest, found);
  }
}

/** What is at a path, or null for nothing: also where a file stands in the place of a folder, or links go round in circles. */
export function statOf(path: string): Stats | null {
  try {
    return statSync(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP'].includes((error as NodeJS.ErrnoException).code ?? ''))
      return null;
    throw error;
  }
}

function list(folder: string) {
  return statOf(folder)?.isDirectory() ? readdirSync(folder, { withFileTypes: true }) : [];
}

/** A regular expression for one name. Runs of stars count as one, so that matching takes no exponential time. */
function matcher(part: string): RegExp {
  let source = '';
  for (const [token] of part.matchAll(/\*+|\?|\[!?[^\]]+\]|./gsu)) {
    if (token.startsWith('*')) source += '[^/]*';
    else if (token === '?') source += '[^/]';
    else if (token.length > 1 && token.startsWith('[')) {
      source += `[${token
        .slice(1, -1)
        .replace(/^!/, '^')
        .replace(/[\\[\]&~|]/g, '\\$&')}]`;
    } else source += token.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  }
  return new RegExp(`^${source}$`, 'u');
}

/** `a{b,c}d` -> abd, acd; nested braces too. A brace without its partner stands for itself. */
function alternatives(pattern: string): string[] {
  const results: string[] = [];
  const open = [pattern];
  while (open.length > 0) {
    const next = open.pop() as string;
    const brace = /\{([^{}]*,[^{}]*)\}/.exec(next);
    if (!brace) results.push(next);
    else {
      const [whole, inside = ''] = brace;
      for (const choice of inside.split(',')) {
        open.push(next.slice(0, brace.index) + choice + next.slice(brace.index + whole.length));
      }
    }
    if (open.length + results.length > MOST_ALTERNATIVES)
      throw new Error('the pattern has too many alternatives in braces');
  }
  return results;
}
