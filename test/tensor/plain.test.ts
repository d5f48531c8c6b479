// Without TensorFlow's native library everything runs on tfjs's own backend, with the numbers of transformers just the same.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../../engine/native/command.ts';
import { addonLink, root } from '../../engine/native/paths.ts';
import { names } from './setting.ts';

interface Found {
  native: boolean;
  models: Record<string, { logits: number; losses: number }>;
}

async function measure(env: Record<string, string>, ...args: string[]): Promise<{ found: Found; stderr: string }> {
  const { DSK_TENSORFLOW: _, ...rest } = process.env;
  const tsx = join(root, 'node_modules/tsx/dist/cli.mjs');
  const ran = await run(process.execPath, [tsx, join(import.meta.dirname, 'plain.ts'), ...args], {
    cwd: root,
    env: { ...rest, ...env },
  });
  expect(ran.status, ran.stderr).toBe(0);
  return { found: JSON.parse(ran.stdout) as Found, stderr: ran.stderr };
}

function check({ native, models }: Found, expected: string[]): void {
  expect(native).toBe(false);
  expect(Object.keys(models)).toEqual(expected);
  for (const [name, { logits, losses }] of Object.entries(models)) {
    expect(logits, `logits of ${name}`).toBeLessThan(1e-4);
    expect(losses, `losses of ${name}`).toBeLessThan(1e-3);
  }
}

test('asked for, it has the logits and the losses of transformers, and says nothing', async () => {
  const { found, stderr } = await measure({ DSK_TENSORFLOW: 'none' });
  expect(stderr).toBe('');
  check(found, names);
});

test.skipIf(!existsSync(addonLink))('says once that the native library does not load, and goes on', async () => {
  const { found, stderr } = await measure({}, '--broken');
  const said = stderr.split('\n').filter((line) => line.includes('no native TensorFlow'));
  expect(said).toHaveLength(1);
  expect(said[0]).toContain('libtensorflow.so.2: cannot open shared object file');
  expect(said[0]).toContain('npm run setup');
  check(found, ['llama']);
});
