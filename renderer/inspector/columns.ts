// The columns of the table that a node reads, where they are known: by the host, which has seen the files, or by the check here.
import type { Checked } from '../../engine/graph/graph.ts';
import type { ColumnType, PortType, Specs, TableSpec } from '../../engine/nodes/values.ts';
import { type DocumentState, useDocument } from '../document/document.ts';
import type { FieldModel } from './model.ts';

/** What is known of an output. */
export function specOf(
  { host, checked }: Pick<DocumentState, 'host' | 'checked'>,
  node: string,
  output: string,
): Specs[PortType] | null {
  return host?.outputs[node]?.[output] ?? checked?.graph.byPath.get(node)?.outputs?.[output] ?? null;
}

/** The first table that a node reads. */
function tableOf(checked: Checked, path: string): { node: string; output: string } | null {
  const node = checked.graph.byPath.get(path);
  const port = Object.entries(node?.kind.inputs ?? {}).find(([, { type }]) => type === 'table')?.[0];
  return (port !== undefined && node?.inputs[port]) || null;
}

/** Of tables with more columns nothing is listed: names are typed then. */
export const mostColumns = 200;

/** Columns of a field's table, to choose from; null where they are not known, or too many. */
export function useColumns({ places }: FieldModel): Record<string, ColumnType> | null {
  const host = useDocument((state) => state.host);
  const checked = useDocument((state) => state.checked);
  const path = places[0]?.path;
  const table = checked && path !== undefined ? tableOf(checked, path) : null;
  const spec = table && (specOf({ host, checked }, table.node, table.output) as TableSpec | null);
  const columns = spec?.columns ?? null;
  return columns && Object.keys(columns).length <= mostColumns ? columns : null;
}
