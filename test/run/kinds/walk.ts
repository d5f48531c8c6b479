// Stands for training: a long loop over a state that depends on every step before, with checkpoints, and weights at the end.
import { defineKind, InputError } from '../../../engine/nodes/kind.ts';
import { NonFiniteError } from '../../../engine/nodes/module.ts';

interface Params {
  steps: number;
  pause: number;
  every: number;
  /** Step at which something goes wrong. */
  at: number;
  fault: 'none' | 'error' | 'nan' | 'input' | 'kill';
}

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

export default defineKind<Params>({
  kind: 'walk',
  stage: 'train',
  version: 1,
  doc: 'Walks.',
  example: 'trained = walk(count)',
  inputs: { table: { type: 'table', doc: 'Rows.' } },
  outputs: { model: 'file', report: 'report' },
  params: {
    steps: { description: 'Steps.', type: 'integer', default: 20 },
    pause: { description: 'Between steps.', type: 'number', default: 0, unit: 'ms', unkeyed: true },
    every: { description: 'Steps between checkpoints.', type: 'integer', default: 5, unkeyed: true },
    at: { description: 'Step of the fault.', type: 'integer', default: 0, unkeyed: true },
    fault: {
      description: 'What goes wrong there.',
      enum: ['none', 'error', 'nan', 'input', 'kill'],
      default: 'none',
      unkeyed: true,
    },
  },
  infer: () => ({ model: { path: 'weights' }, report: { fields: ['loss'] } }),
  async run({ params, artifact, files, checkpoints, weights, progress, step, signal }) {
    const { rows } = artifact('table', 'table');
    let at = 0;
    let x = rows;
    const found = await checkpoints.resume();
    if (found) {
      at = found.step;
      x = found.state.x as number;
      const reader = await weights.open([found.weights]);
      const [value] = reader.read('x');
      reader.close();
      if (value !== Math.fround(x)) throw new Error('weights and state of the checkpoint differ');
    }
    const save = () => checkpoints.save(at, { x }, [{ name: 'x', shape: [1], values: Float32Array.of(x) }]);
    while (at < params.steps) {
      if (signal.aborted) {
        await save();
        throw signal.reason;
      }
      if (at + 1 === params.at) {
        if (params.fault === 'error') throw new Error('the walk broke its leg');
        if (params.fault === 'nan') throw new NonFiniteError('loss');
        if (params.fault === 'kill') process.kill(process.pid, 'SIGKILL');
        if (params.fault === 'input') {
          throw new InputError({ code: 'walk-far', message: 'too far to walk', at: 'steps', note: 'take fewer steps' });
        }
      }
      at++;
      x = Math.sin(x * 12.9898 + at) * 43758.5453;
      step({ step: at, loss: x });
      progress({ done: at, total: params.steps, unit: 'steps', note: `loss ${x.toFixed(2)}` });
      if (at % params.every === 0) await save();
      await pause(params.pause);
    }
    const path = files.join(files.folder, 'weights.txt');
    await files.writeText(path, String(x));
    return { model: { type: 'file', path }, report: { type: 'report', values: { loss: x } } };
  },
});
