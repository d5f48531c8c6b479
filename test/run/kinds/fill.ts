// Writes a file of a given size: to fill a disk.
import { defineKind } from '../../../engine/nodes/kind.ts';

interface Params {
  bytes: number;
}

export default defineKind<Params>({
  kind: 'fill',
  stage: 'data',
  version: 1,
  doc: 'Fills a disk.',
  example: 'big = fill(bytes: 1000)',
  inputs: {},
  outputs: { file: 'file' },
  required: ['bytes'],
  params: { bytes: { description: 'Size.', type: 'integer' } },
  infer: () => ({ file: { path: 'big' } }),
  cost: ({ params }) => ({ disk: params.bytes }),
  async run({ params, files }) {
    const path = files.join(files.folder, 'big.txt');
    await files.writeText(path, 'x'.repeat(params.bytes));
    return { file: { type: 'file', path } };
  },
});
