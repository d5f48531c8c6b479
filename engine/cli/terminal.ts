// What the commands share: reading the graph a command names, checking it, and showing what is wrong with it.
import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { type Diagnostic, formatDiagnostic, lineColumn } from '../../grammar/diagnostic.ts';
import { check } from '../graph/check.ts';
import { type GraphFiles, openFiles } from '../graph/files.ts';
import { type Checked, hasErrors } from '../graph/graph.ts';
import { readKinds } from '../graph/kinds.ts';
import { KindError, type Kinds } from '../graph/registry.ts';
import { SetError } from '../graph/scope.ts';
import { InputError } from '../nodes/kind.ts';
import { Exit } from './exit.ts';
import { complaintText } from './words.ts';

/** Larger files are no graphs that a person wrote, and would only take long to refuse. */
const largest = 16 << 20;

/** The graph of a file, checked. Close `files` when done. */
export interface OpenGraph {
  /** As the user named it. */
  file: string;
  checked: Checked;
  kinds: Kinds;
  files: GraphFiles;
}

/** Whether to colour what goes to this stream: only on a terminal, and not where NO_COLOR asks for none (no-color.org). */
export function hasColor(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
}

/**
 * The text of a graph file.
 * @throws Exit (1) where it is missing, no file, too large or no UTF-8
 */
export function readText(file: string): string {
  const wrong = (what: string) => new Exit(1, `${file}: ${what}`);
  let bytes: Buffer;
  try {
    const stat = statSync(file);
    if (stat.isDirectory()) throw wrong('is a folder; name a graph file in it, such as NAME.dsk');
    if (stat.size > largest) throw wrong(`is too large for a graph (${stat.size} bytes, at most ${largest})`);
    bytes = readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw wrong('there is no such file');
    if (code === 'EACCES' || code === 'EPERM') throw wrong('may not be read (permission denied)');
    throw error;
  }
  return decode(bytes, file);
}

/** Throws Exit (1) for bytes that are no UTF-8. A byte order mark stays: it is part of the text. */
export function decode(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    const wide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
    throw new Exit(1, `${file}: is not UTF-8${wide ? ' but UTF-16' : ''}; save it as UTF-8`);
  }
}

/** @throws Exit (3) where a kind is not well defined */
export async function openKinds(): Promise<Kinds> {
  try {
    return await readKinds();
  } catch (error) {
    if (error instanceof KindError) throw new Exit(3, error.message);
    throw error;
  }
}

/**
 * Reads and checks a graph; what is wrong with it is in `checked.diagnostics`.
 * @throws Exit (1) where the file cannot be read, (2) for a `set` the graph does not have
 */
export async function openGraph(
  file: string,
  options: { kinds: Kinds; set?: Readonly<Record<string, string>>; allow?: readonly string[]; commands?: boolean },
): Promise<OpenGraph> {
  const { kinds, set = {}, allow = [], commands = false } = options;
  const text = readText(file);
  const files = openFiles({ folder: dirname(resolve(file)), allow: allow.map((folder) => resolve(folder)), commands });
  try {
    return { file, checked: await check(text, { kinds, files, set }), kinds, files };
  } catch (error) {
    await files.close();
    if (error instanceof SetError) throw new Exit(2, `${file}: ${error.message}`);
    throw error;
  }
}

/**
 * As `openGraph`, for commands that need a graph without errors: warnings and errors go to stderr.
 * @throws Exit (1) besides where it has errors
 */
export async function openSound(file: string, options: Parameters<typeof openGraph>[1]): Promise<OpenGraph> {
  const open = await openGraph(file, options);
  const { text, diagnostics } = open.checked;
  printDiagnostics(file, text, diagnostics, process.stderr);
  if (!hasErrors(open.checked)) return open;
  await open.files.close();
  process.stderr.write(`${summary(diagnostics)}\n`);
  throw new Exit(1);
}

/** Each diagnostic with its source line, an empty line between them. */
export function printDiagnostics(
  file: string,
  text: string,
  diagnostics: readonly Diagnostic[],
  stream: NodeJS.WriteStream,
): void {
  const color = hasColor(stream);
  for (const diagnostic of diagnostics) stream.write(`${formatDiagnostic(file, text, diagnostic, { color })}\n\n`);
}

/** "2 errors, 1 warning" */
export function summary(diagnostics: readonly Diagnostic[]): string {
  const count = (severity: Diagnostic['severity']) => diagnostics.filter((each) => each.severity === severity).length;
  const many = (number: number, word: string) => `${number} ${word}${number === 1 ? '' : 's'}`;
  const warnings = count('warning');
  return many(count('error'), 'error') + (warnings > 0 ? `, ${many(warnings, 'warning')}` : '');
}

/** A diagnostic for programs: with lines and columns besides offsets. */
export function plainDiagnostic(text: string, diagnostic: Diagnostic): Record<string, unknown> {
  const { severity, code, message, span, notes = [], fixes = [] } = diagnostic;
  const [start, end] = [lineColumn(text, span.start), lineColumn(text, span.end)];
  return {
    severity,
    code,
    message,
    line: start.line,
    column: start.column,
    endLine: end.line,
    endColumn: end.column,
    span,
    notes,
    fixes,
  };
}

/** What the user gave wrong, found outside the check, as an exit; anything else as it is. */
export function inputExit(file: string, error: unknown): unknown {
  if (!(error instanceof InputError)) return error;
  return new Exit(1, `${basename(file)}: ${complaintText(error)}`);
}
