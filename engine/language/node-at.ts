// From a place in the text to what stands there, for selecting together with the canvas.
import type { Checked } from '../graph/graph.ts';
import { statementOf, touches } from './find.ts';

/** Path of the innermost node around an offset; null between statements and in params. */
export function nodeAt({ graph }: Pick<Checked, 'graph'>, offset: number): string | null {
  let found: { path: string; length: number } | null = null;
  for (const { path, spans } of graph.nodes) {
    const { start, end } = spans.node;
    if (!touches(spans.node, offset) || (found && found.length <= end - start)) continue;
    found = { path, length: end - start };
  }
  return found?.path ?? null;
}

/** Name of the node or param whose statement the offset stands in; null between statements. */
export function statementAt(checked: Checked, offset: number): string | null {
  return statementOf(checked, offset)?.name.text ?? null;
}
