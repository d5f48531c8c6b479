// Scenes of texts, by the real parser and check.
import { readFileSync } from 'node:fs';
import { check } from '../../../engine/graph/check.ts';
import type { Checked } from '../../../engine/graph/graph.ts';
import { kinds } from '../../../renderer/kinds.ts';
import { type Scene, sceneOf } from '../../../renderer/canvas/scene.ts';

export const quickstart = readFileSync(new URL('../../../examples/quickstart.dsk', import.meta.url), 'utf8');

export async function scene(text: string): Promise<{ checked: Checked; scene: Scene }> {
  const checked = await check(text, { kinds, files: null });
  return { checked, scene: sceneOf(checked, kinds, checked.diagnostics) };
}

/** A scene of statements alone. */
export const sceneOfLines = (...lines: string[]) => scene(`dsk 1\n${lines.join('\n')}\n`);
