// What the tests of engine/data share: a folder of their own, Python as a referee, and the complaint of what failed.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect } from 'vitest';
import type { TableFormat, TableOptions, Tables } from '../../engine/nodes/context.ts';
import type { RunningKind } from '../../engine/nodes/kind.ts';
import { type Complaint, InputError } from '../../engine/nodes/kind.ts';
import { type Artifact, isView, type TableArtifact } from '../../engine/nodes/values.ts';

/** A folder that is removed after the file's tests. */
export function ownFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dsk-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const python = process.env.DSK_TEST_PYTHON;

/** Tests that need Python's libraries as a reference: skipped, saying so, without DSK_TEST_PYTHON. */
export const withPython = (title: string, tests: () => void) =>
  describe.skipIf(!python)(
    python ? title : `${title} (skipped: set DSK_TEST_PYTHON to a Python with the libraries)`,
    tests,
  );

/** Runs a script; its last line of output as JSON. */
export function askPython(script: string, input: unknown = null): unknown {
  const output = execFileSync(python as string, ['-c', `import sys, json\nask = json.load(sys.stdin)\n${script}`], {
    input: JSON.stringify(input),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3', HF_HUB_OFFLINE: '1' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  return JSON.parse(output.trim().split('\n').at(-1) as string);
}

/** The complaint that a promise (or function) fails with. Fails when it does not, or with something else. */
export async function complaintOf(work: Promise<unknown> | (() => unknown)): Promise<Complaint> {
  try {
    await (typeof work === 'function' ? work() : work);
  } catch (error) {
    if (error instanceof InputError) return error.complaint;
    throw error;
  }
  throw new Error('expected an InputError, but nothing was thrown');
}

// Vitest's matchers for a part of a value, without its `any`.
export const containing = (text: string): unknown => expect.stringContaining(text);
export const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);
export const anyOf = (type: NumberConstructor | StringConstructor): unknown => expect.any(type);
export const anything: unknown = expect.anything();

/** What loading a file takes besides its name and format, where a test is not about it. */
export const usual: TableOptions = { rows: 'file', header: true, types: {}, broken: 'keep_aside', maxBroken: 0.1 };

/** A watch that keeps what it is told. */
export function listening() {
  const logs: string[] = [];
  const warnings: string[] = [];
  return {
    logs,
    warnings,
    parts: '',
    progress: () => {},
    signal: new AbortController().signal,
    log: (message: string) => void logs.push(message),
    warn: (message: string) => void warnings.push(message),
  };
}

/** What comes in at a node's ports, as a run gives it: a table that is a view is stored first where the kind needs that. */
export async function givenTo(
  kind: RunningKind,
  params: Record<string, unknown>,
  inputs: Record<string, { node: string; output: string }>,
  made: Record<string, Record<string, Artifact>>,
  tables: Tables,
  folder: string,
) {
  const given: Record<string, Artifact | undefined> = {};
  for (const [port, { node, output }] of Object.entries(inputs)) {
    const table = made[node]?.[output];
    given[port] =
      table?.type === 'table' && isView(table) && !kind.views?.(params)
        ? await tables.stored(table, join(folder, `${port}-stored.parquet`), { signal: new AbortController().signal })
        : table;
  }
  return { artifact: (port: string) => given[port], table: (port: string) => given[port] };
}

/** Loads files into a table at `out`. */
export async function loadTable(
  tables: Tables,
  files: string[],
  format: TableFormat,
  options: Partial<TableOptions>,
  out: string,
): Promise<TableArtifact> {
  const outs = { table: out, rejected: `${out}.rejected` };
  return (await tables.load(files, format, { ...usual, ...options }, outs, listening())).table;
}
