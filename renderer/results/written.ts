// Results of steps that write outside the cache, such as an export: nothing of them is stored but what their run says.
import type { ArtifactView, ResultView } from '../../engine/host/contract.ts';
import type { PortType } from '../../engine/nodes/values.ts';
import type { RunRecord } from '../../engine/run/record.ts';

/**
 * What the newest run that did this very work says of it, or null.
 * @param outputs of the node's kind, with their types
 */
export function writtenBy(
  list: readonly RunRecord[],
  node: string,
  key: string,
  outputs: { readonly [output: string]: PortType },
): ResultView | null {
  for (const { steps, results, started, ended } of list) {
    const step = steps.find((each) => each.key === key && each.status === 'done');
    const values = step && results[node];
    if (!step || !values) continue;
    const artifacts: { [output: string]: ArtifactView } = {};
    for (const [output, type] of Object.entries(outputs)) {
      if (type === 'file' && typeof values.path === 'string') artifacts[output] = { type, path: values.path };
      else if (type === 'report') artifacts[output] = { type, values };
    }
    if (Object.keys(artifacts).length === 0) return null;
    return { node, kind: step.kind, created: ended ?? started, seconds: step.seconds ?? 0, artifacts };
  }
  return null;
}
