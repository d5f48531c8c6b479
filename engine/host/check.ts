// Checking and planning a text as it stands in the editor, with the files of the graph's folder. Executes nothing and writes
// nothing.
import { totalmem } from 'node:os';
import { dirname } from 'node:path';
import { check } from '../graph/check.ts';
import { hasErrors } from '../graph/graph.ts';
import { type Plan, plan, ToError } from '../plan/plan.ts';
import type { CheckResult, PlanResult } from './contract.ts';
import { HostError } from './fault.ts';
import type { Client, Handlers, Host } from './handlers.ts';
import { latestOnly } from './latest.ts';
import { graphPath } from './text.ts';

export function checkHandlers(host: Host): Pick<Handlers, 'graph.check' | 'graph.plan'> {
  const lanes = new WeakMap<Client, ReturnType<typeof latestOnly>>();
  const latest = (client: Client) => {
    const lane = lanes.get(client) ?? latestOnly();
    lanes.set(client, lane);
    return lane;
  };
  return {
    'graph.check': ({ path: given, text }, client) => {
      const path = graphPath(given);
      return latest(client)(`check ${path}`, () =>
        host.folders.use(dirname(path), async ({ files }) => {
          const { diagnostics, graph } = await check(text, { kinds: await host.kinds(), files });
          const outputs: CheckResult['outputs'] = {};
          for (const node of graph.nodes) if (node.outputs) outputs[node.path] = { ...node.outputs };
          return { diagnostics, outputs };
        }),
      );
    },
    'graph.plan': ({ path: given, text, to, fresh }, client) => {
      const path = graphPath(given);
      return latest(client)(`plan ${path}`, () =>
        host.folders.use(dirname(path), async ({ files, digests }) => {
          const kinds = await host.kinds();
          const checked = await check(text, { kinds, files });
          if (hasErrors(checked)) return null;
          try {
            return shown(await plan(checked.graph, { kinds, files, digests, fresh, ...(to === null ? {} : { to }) }));
          } catch (error) {
            throw error instanceof ToError ? new HostError('bad-request', error.message) : error;
          }
        }),
      );
    },
  };
}

function shown({ steps, definitions, totals }: Plan): PlanResult {
  return {
    steps: steps.map(({ node, kind, key, status, why, needs, cost, rows, seconds }) => ({
      node,
      kind,
      key,
      status,
      why,
      needs,
      cost,
      rows: rows.map(({ output, count, exact }) => ({ output, rows: count, estimate: !exact })),
      seconds,
    })),
    definitions: definitions.map(({ node, kind, parameters }) => ({ node, kind, parameters })),
    totals: { seconds: totals.seconds, memory: totals.memory, disk: totals.disk },
    machine: { memory: totalmem() },
  };
}
