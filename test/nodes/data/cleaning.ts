// What the tests of the cleaning kinds share: real tables of vega-datasets with their rows numbered, and graphs run over them.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { openTables } from '../../../engine/data/tables.ts';
import { check } from '../../../engine/graph/check.ts';
import { openFiles } from '../../../engine/graph/files.ts';
import { readKinds } from '../../../engine/graph/kinds.ts';
import { root } from '../../../engine/native/paths.ts';
import type { RunContext, Tables } from '../../../engine/nodes/context.ts';
import { runs } from '../../../engine/nodes/kind.ts';
import type { Artifact, Specs, Table } from '../../../engine/nodes/values.ts';
import { givenTo, ownFolder } from '../../data/setting.ts';

const kinds = await readKinds({ folders: [] });

export type Row = Record<string, unknown>;

/** Rows of a JSON file of vega-datasets. */
export function vega(name: string): Row[] {
  return JSON.parse(readFileSync(join(root, 'node_modules/vega-datasets/data', name), 'utf8')) as Row[];
}

/** Rows of a CSV file of vega-datasets without quotes, numbers as such. */
export function vegaCsv(name: string): Row[] {
  const [head = '', ...lines] = readFileSync(join(root, 'node_modules/vega-datasets/data', name), 'utf8')
    .trim()
    .split(/\r?\n/);
  const names = head.split(',');
  const value = (text: string) => (text === '' ? null : Number.isNaN(Number(text)) ? text : Number(text));
  return lines.map((line) => Object.fromEntries(line.split(',').map((text, i) => [names[i], value(text)])));
}

export interface Ran {
  made: Record<string, Record<string, Artifact>>;
  log: string[];
  warnings: string[];
  specs: Record<string, { [output: string]: Specs[keyof Specs] } | null>;
}

/** A folder for graphs and their files, with the services that kinds run on. */
export function workplace() {
  const folder = ownFolder();
  let tables: Tables & { close(): Promise<void> };
  beforeAll(async () => {
    tables = await openTables({ temp: join(folder, 'temp'), threads: 2 });
  });
  afterAll(() => tables.close());

  async function checked(statements: string) {
    const files = openFiles({ folder });
    const text = `dsk 1\n${statements}\n`;
    const { graph, diagnostics } = await check(text, { kinds, files, set: {} });
    await files.close();
    const errors = diagnostics
      .filter(({ severity }) => severity === 'error')
      .map(({ code, message, span }) => `${code} at ${text.slice(span.start, span.end)}: ${message}`);
    return { graph, errors };
  }

  return {
    folder,
    /** Writes rows as NAME.jsonl, each with its number in column `row`. */
    put(name: string, rows: Row[]): string {
      const lines = rows.map((values, row) => JSON.stringify({ row, ...values }));
      const path = join(folder, `${name}.jsonl`);
      writeFileSync(path, `${lines.join('\n')}\n`);
      return path;
    },
    /** What a graph is in error about. */
    errors: async (statements: string) => (await checked(statements)).errors,
    /** Runs the nodes of a graph in order. */
    async run(statements: string): Promise<Ran> {
      const { graph, errors } = await checked(statements);
      if (errors.length > 0) throw new Error(errors.join('\n'));
      const ran: Ran = { made: {}, log: [], warnings: [], specs: {} };
      for (const node of graph.byPath.values()) {
        if (!runs(node.kind)) continue;
        const own = join(folder, 'cache', node.path);
        mkdirSync(own, { recursive: true });
        const context = {
          params: node.params,
          node: node.path,
          inputs: Object.fromEntries(
            Object.entries(node.inputs).map(([port, from]) => [
              port,
              graph.byPath.get(from?.node ?? '')?.outputs?.[from?.output ?? ''],
            ]),
          ),
          sources: node.inputs,
          ...(await givenTo(node.kind, node.params, node.inputs, ran.made, tables, own)),
          files: {
            folder: own,
            join: (...parts: string[]) => join(own, ...parts),
            glob: (pattern: string) => [join(folder, pattern)],
          },
          parts: join(folder, 'parts', node.path),
          tables,
          progress() {},
          log: (message: string) => ran.log.push(message),
          warn: (message: string) => ran.warnings.push(message),
          signal: new AbortController().signal,
        } as unknown as RunContext<Record<string, unknown>>;
        ran.made[node.path] = await node.kind.run(context);
        ran.specs[node.path] = node.outputs as never;
      }
      return ran;
    },
    /** All rows of a node's table. */
    async rows({ made }: Ran, node: string, output = 'table'): Promise<Row[]> {
      const table = made[node]?.[output] as Table;
      const rows = await tables.head(table, table.rows);
      return rows.map((row) =>
        Object.fromEntries(
          Object.entries(row).map(([name, value]) => [name, typeof value === 'bigint' ? Number(value) : value]),
        ),
      );
    },
  };
}
