// What the tests of graphs share: the fixture kinds, alone, and checking with the real files beside the goldens.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { check } from '../../engine/graph/check.ts';
import { openFiles } from '../../engine/graph/files.ts';
import type { Checked } from '../../engine/graph/graph.ts';
import { readKinds } from '../../engine/graph/kinds.ts';

const here = dirname(fileURLToPath(import.meta.url));
export const goldens = join(here, 'goldens');
export const kindsFolder = join(here, '../fixtures/kinds');
export const kinds = await readKinds({ folders: [kindsFolder], own: false });

/** Checks a text as if it lay in `folder`. */
export async function checked(text: string, set: Record<string, string> = {}, folder = goldens): Promise<Checked> {
  const files = openFiles({ folder });
  try {
    return await check(text, { kinds, files, set });
  } finally {
    await files.close();
  }
}

/** The codes of what is reported, in order. */
export async function codes(text: string, set: Record<string, string> = {}): Promise<string[]> {
  return (await checked(text, set)).diagnostics.map(({ code }) => code);
}

/** Compares with the file, or writes it where UPDATE_GOLDENS=1. */
export function expectGolden(path: string, text: string): void {
  if (process.env.UPDATE_GOLDENS === '1') writeFileSync(path, text);
  expect(existsSync(path), `${path} is missing: run the tests once with UPDATE_GOLDENS=1`).toBe(true);
  expect(text).toBe(readFileSync(path, 'utf8'));
}
