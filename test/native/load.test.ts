// TensorFlow as the rest of the engine gets it: the native library, or tfjs's own backend, each in a process of its own.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Ran, run } from '../../engine/native/command.ts';
import { setDefaults, threadCount } from '../../engine/native/load.ts';
import { addonLink, root } from '../../engine/native/paths.ts';
import { TENSORFLOW_VERSION } from '../../engine/native/route.ts';

const script = `
import { loadTensorflow } from ${JSON.stringify(join(root, 'engine/native/load.ts'))};
const { tf, native, binding, version, route, threads } = await loadTensorflow();
const same = (await loadTensorflow()).tf === tf;
const product = Array.from(await tf.matMul([[1, 2], [3, 4]], [[5, 6], [7, 8]]).data());
console.log(JSON.stringify({ native, binding: binding !== null, version, route, threads, same, product, backend: tf.getBackend() }));`;

function load(env: Record<string, string> = {}, before = '', after = ''): Promise<Ran> {
  const tsx = join(root, 'node_modules/tsx/dist/cli.mjs');
  const { TF_CPP_MIN_LOG_LEVEL: _, DSK_TENSORFLOW: __, ...rest } = process.env;
  return run(process.execPath, [tsx, '--input-type=module', '-e', before + script + after], {
    cwd: root,
    env: { ...rest, ...env },
  });
}

const noNative = existsSync(addonLink) ? false : 'no native TensorFlow on this machine';

describe('loadTensorflow', () => {
  it.skipIf(noNative)(`gives TensorFlow ${TENSORFLOW_VERSION}, and says nothing`, async () => {
    const ran = await load({ TF_NUM_INTRAOP_THREADS: '2' });
    expect(ran.stderr).toBe('');
    const found: unknown = JSON.parse(ran.stdout);
    expect(found).toMatchObject({ native: true, binding: true, version: TENSORFLOW_VERSION, backend: 'tensorflow' });
    expect(found).toMatchObject({ threads: 2, same: true, product: [19, 22, 43, 50] });
  });

  it.skipIf(noNative)('works on a Node whose util has lost what tfjs-node calls', async () => {
    const removed = `import util from 'node:util'; util.isNullOrUndefined = undefined; util.isArray = undefined;`;
    const more = `console.log(JSON.stringify(Array.from(await tf.concat([[1, 2], [3]]).data())));`;
    const ran = await load({}, removed, more);
    expect(ran.stderr).toBe('');
    expect(ran.stdout.trim().split('\n').at(-1)).toBe('[1,2,3]');
  });

  it("computes on tfjs's own backend with DSK_TENSORFLOW=none, and says nothing", async () => {
    const ran = await load({ DSK_TENSORFLOW: 'none' });
    expect(ran.stderr).toBe('');
    const found: unknown = JSON.parse(ran.stdout);
    expect(found).toMatchObject({ native: false, binding: false, route: 'none', backend: 'cpu', threads: 1 });
    expect(found).toMatchObject({ version: '4.22.0', same: true, product: [19, 22, 43, 50] });
  });
});

describe('settings in the environment', () => {
  it("keeps what the user set, and sets oneDNN and the log's threshold otherwise", () => {
    const mine = { TF_ENABLE_ONEDNN_OPTS: '0', TF_CPP_MIN_LOG_LEVEL: '0' };
    const kept = { ...mine };
    setDefaults(kept);
    expect(kept).toEqual(mine);
    const empty: NodeJS.ProcessEnv = {};
    setDefaults(empty);
    expect(empty).toEqual({ TF_ENABLE_ONEDNN_OPTS: '1', TF_CPP_MIN_LOG_LEVEL: '2' });
  });

  it('reads the number of threads as TensorFlow does', () => {
    expect(threadCount({ TF_NUM_INTRAOP_THREADS: '3' })).toBe(3);
    expect(threadCount({ TF_NUM_INTRAOP_THREADS: '0' })).toBe(threadCount({}));
    expect(threadCount({})).toBeGreaterThan(0);
  });
});
