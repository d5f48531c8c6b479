// What a run set out to do, from the plan.json in its folder: the parameters in force, also those given by --set.
import type { PlannedNode } from './contract.ts';

/** @param text of plan.json, or null where there is none; what is no plan gives no nodes */
export function plannedNodes(text: string | null): { [node: string]: PlannedNode } {
  const nodes: { [node: string]: PlannedNode } = {};
  for (const origin of originsOf(text)) {
    const { node, kind, params, inputs } = origin;
    if (typeof node !== 'string' || typeof kind !== 'string') continue;
    const reads = Object.values(inputs ?? {}).map((input) => input.node);
    nodes[node] = { kind, params: params ?? {}, reads: [...new Set(reads)] };
  }
  return nodes;
}

interface Origin {
  node?: unknown;
  kind?: unknown;
  params?: { [name: string]: unknown };
  inputs?: { [port: string]: { node: string } };
}

function originsOf(text: string | null): Origin[] {
  try {
    const plan = JSON.parse(text ?? 'null') as { steps?: Origin[]; definitions?: Origin[] } | null;
    return [...(plan?.steps ?? []), ...(plan?.definitions ?? [])];
  } catch {
    return []; // a folder that was copied by halves: the run is shown without it
  }
}
