// Stands for export: copies a result into the graph's folder, every time.
import { defineKind } from '../../../engine/nodes/kind.ts';

interface Params {
  path: string;
}

export default defineKind<Params>({
  kind: 'deliver',
  stage: 'deliver',
  version: 1,
  doc: 'Copies a file.',
  example: 'saved = deliver(trained, path: "out/weights")',
  inputs: { model: { type: 'file', doc: 'What to copy.' } },
  outputs: { file: 'file' },
  required: ['path'],
  params: { path: { description: 'Where to.', type: 'string', format: 'path' } },
  cached: false,
  infer: ({ params }) => ({ file: { path: params.path } }),
  async run({ params, artifact, files }) {
    const made = files.join(files.folder, 'made');
    await files.copy(artifact('model', 'file').path, files.join(made, 'weights.txt'));
    const path = files.output(params.path);
    await files.publish(made, path);
    return { file: { type: 'file', path } };
  },
});
