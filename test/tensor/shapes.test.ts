// Models of every shape against PyTorch and transformers (fixtures/shapes/make.py): what they give, the loss, and the gradient of each
// weight, recorded and op by op. Where DSK_TEST_PYTHON is set, models of other weights too, made now.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readKinds } from '../../engine/graph/kinds.ts';
import { decoder, memoryOf, tokenScores } from '../../engine/nodes/decoder.ts';
import { foretellFurther } from '../../engine/nodes/further.ts';
import { tokenLoss } from '../../engine/nodes/learning.ts';
import type {
  Feeds,
  Hooks,
  Input,
  Learning,
  Program,
  ProgramForward,
  Tensor,
  Weight,
} from '../../engine/nodes/module.ts';
import type { Architecture } from '../../engine/nodes/values.ts';
import { storedParts, toStored } from '../../engine/nodes/weights.ts';
import { openTensors } from '../../engine/tensor/index.ts';
import { ownFolder, withPython } from '../data/setting.ts';
import { gradients, largest, stateOf } from './setting.ts';

const fixtures = join(import.meta.dirname, '../fixtures/shapes');
const names = readdirSync(fixtures).flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -5)] : []));
const tensors = await openTensors();
const kinds = await readKinds();

interface Packed {
  shape: number[];
  values: string;
}

interface Fixture {
  architecture: Architecture;
  weights: Record<string, Packed>;
  inputs: Record<string, number[] | number | Packed>;
  outputs: Record<string, Packed>;
  loss: number;
  gradients: Record<string, Packed>;
}

const floats = ({ values }: Packed): Float32Array => {
  const bytes = Buffer.from(values, 'base64');
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4).slice();
};

const open = (name: string, folder: string): Fixture =>
  JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Fixture;

/** A weight's values from the tensors it is stored as. */
function valuesOf(weight: Weight, stored: Record<string, Packed>): Float32Array {
  const all = storedParts(weight).map(({ name, shape }) => {
    const found = stored[name];
    if (found === undefined) throw new Error(`the referee has no ${name}`);
    expect(found.shape, name).toEqual(shape);
    return floats(found);
  });
  const joined = new Float32Array(all.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of all) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

const whole = new Set(['ids', 'targets', 'segments', 'starts', 'memory/ids', 'memory/starts']);

interface Fed {
  input: Input;
  values: Int32Array | Float32Array;
}

/** What a fixture feeds, with shapes. */
function fed({ inputs }: Fixture): Fed[] {
  return Object.entries(inputs).flatMap(([name, given]): Fed[] => {
    if (typeof given === 'number') return [];
    if (!Array.isArray(given))
      return [{ input: { name, shape: given.shape, dtype: 'float32' } as const, values: floats(given) }];
    const dtype = whole.has(name) ? 'int32' : 'float32';
    const values = dtype === 'int32' ? Int32Array.from(given) : Float32Array.from(given);
    return [{ input: { name, shape: [given.length], dtype } as const, values }];
  });
}

function forward(program: Program, f: Hooks, { inputs }: Fixture): ProgramForward {
  const [batch, time, source] = ['batch', 'time', 'source'].map((name) => Number(inputs[name] ?? 0));
  const documents = (name: string, places: number) =>
    f.has(name) ? f.ops.documents(f.input(name), batch, places) : null;
  const memory =
    program.encoder && memoryOf(program, f, { batch, time: source, documents: documents('memory/starts', source) });
  return { ...f, batch, time, start: 0, documents: documents('starts', time), memory };
}

/** Scores of tokens, or of windows. */
function scores(program: Program, f: Hooks, fixture: Fixture): Tensor {
  const pass = forward(program, f, fixture);
  const hidden = program.hidden(pass);
  return program.head === null ? program.answer(pass, hidden) : tokenScores(program, f, hidden);
}

function learning(program: Program, fixture: Fixture): Learning {
  const { inputs } = fixture;
  const batch = Number(inputs.batch);
  return {
    weights: program.weights,
    inputs: fed(fixture).map(({ input }) => input),
    loss(f) {
      const { ops } = f;
      const pass = forward(program, f, fixture);
      const hidden = program.hidden(pass);
      if (f.has('values'))
        return {
          sum: ops.squaredError(program.answer(pass, hidden), f.input('values'), { delta: Number(inputs.delta) }),
          count: batch,
        };
      const targets = f.input('targets');
      if (program.head === null) return { sum: ops.crossEntropy(program.answer(pass, hidden), targets), count: batch };
      const learned = f.has('learned') ? f.input('learned') : null;
      const smoothing = Number(inputs.smoothing ?? 0);
      foretellFurther(program, pass, hidden, targets, { learned, smoothing });
      return {
        sum: tokenLoss(program, f, hidden, targets, { learned, smoothing }),
        count: learned === null ? targets.shape[0] : ops.total(learned),
      };
    },
  };
}

/** Compares everything a fixture has; `folder` is where it lies. */
function agrees(name: string, folder: string, how: 'output' | 'recorded' | 'op by op'): void {
  const fixture = open(name, folder);
  const program = decoder(kinds, fixture.architecture);
  const initial = (weight: Weight): Float32Array => valuesOf(weight, fixture.weights);
  const given = fed(fixture);
  if (how === 'output') {
    const session = tensors.infer(program, initial);
    const [out] = session.run(
      given.map(({ input, values }) => ({ ...input, values })),
      (f) => [scores(program, f, fixture)],
    );
    session.dispose();
    const [expected] = Object.values(fixture.outputs);
    const { starts } = fixture.inputs;
    const width = expected.shape.at(-1) ?? 1;
    // What stands at padding is nobody's business.
    const kept = (values: ArrayLike<number>): number[] =>
      Array.from(values).filter((_, i) => !Array.isArray(starts) || starts[Math.floor(i / width)] >= 0);
    const [ours, theirs] = [kept(out.values), kept(floats(expected))];
    expect(ours.length).toBe(theirs.length);
    expect(largest(ours, theirs)).toBeLessThan(1e-4 * Math.max(1, ...theirs.map(Math.abs)));
    return;
  }
  const session = tensors.train({
    learning: learning(program, fixture),
    initial,
    optimizer: gradients,
    clip: null,
    eager: how === 'op by op',
  });
  const feeds: Feeds = Object.fromEntries(given.map(({ input, values }) => [input.name, values]));
  const { loss } = session.step(feeds, gradients.scalars(1, 1));
  const found = stateOf(session);
  session.dispose();
  const reported = Number(fixture.inputs.reported ?? fixture.loss);
  expect(Math.abs(loss - reported)).toBeLessThan(1e-5 * Math.max(1, Math.abs(reported)));
  const most = Math.max(...Object.values(fixture.gradients).map((each) => Math.max(...floats(each).map(Math.abs))));
  expect(most).toBeGreaterThan(1e-3);
  const trained = program.weights.filter((weight) => weight.trained);
  for (const weight of trained)
    for (const { name: part, values } of toStored(weight, found.get(`${weight.name}/m`) ?? new Float32Array()))
      expect(largest(values, floats(fixture.gradients[part])), part).toBeLessThan(2e-5 * most);
  expect(trained.flatMap((weight) => storedParts(weight).map((part) => part.name)).sort()).toEqual(
    Object.keys(fixture.gradients).sort(),
  );
}

const ways = ['output', 'recorded', 'op by op'] as const;

describe.each(names)('%s', (name) => {
  test.each(ways)('is as in PyTorch: %s', (how) => agrees(name, fixtures, how));
});

withPython('models that PyTorch makes now', () => {
  const made = ownFolder();
  beforeAll(() => {
    const env = { ...process.env, HF_HUB_OFFLINE: '1', TRANSFORMERS_VERBOSITY: 'error' };
    const python = process.env.DSK_TEST_PYTHON as string;
    execFileSync(python, [join(fixtures, 'make.py'), made, '31'], { env, stdio: 'pipe' });
  }, 120_000);

  test.each(names)('%s is as there', (name) => {
    for (const how of ways) agrees(name, made, how);
  });
});
