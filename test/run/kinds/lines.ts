// Counts the lines of a file: a step that reads outside the graph and leaves a file in the cache.
import { defineKind } from '../../../engine/nodes/kind.ts';

interface Params {
  path: string;
}

export default defineKind<Params>({
  kind: 'lines',
  stage: 'data',
  version: 1,
  doc: 'Counts the lines of a file.',
  example: 'count = lines("words.txt")',
  inputs: {},
  outputs: { table: 'table', report: 'report' },
  positional: ['path'],
  required: ['path'],
  params: { path: { description: 'File.', type: 'string', format: 'path' } },
  infer: () => ({ table: { columns: { text: 'text' }, rows: null }, report: { fields: ['lines'] } }),
  reads: ({ params }) => [params.path],
  cost: () => ({ memory: 1e8, disk: 1000 }),
  async run({ params, files, log }) {
    const text = await files.readText(files.input(params.path));
    const lines = text.split('\n').filter((line) => line !== '');
    const path = files.join(files.folder, 'table.txt');
    await files.writeText(path, lines.join('\n'));
    log(`read ${params.path}`);
    return {
      table: { type: 'table', path, rows: lines.length, columns: { text: 'text' } },
      report: { type: 'report', values: { lines: lines.length } },
    };
  },
});
