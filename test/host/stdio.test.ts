// The host of the desktop app: JSON-RPC lines on stdin and stdout of `dsk studio --stdio`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { folder, launcher } from '../run/dsk.ts';

test('a message a line, notifications included; ends with its input', { timeout: 20_000 }, async () => {
  const here = folder({ 'g.dsk': 'dsk 1\n# \u2028 größer\n' });
  const path = join(here, 'g.dsk');
  const env = { ...process.env, DSK_STATE: join(here, 'state') };
  const child = spawn(process.execPath, [launcher, 'studio', '--stdio', path], {
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => JSON.parse(String((await lines.next()).value)) as unknown;
  let id = 0;
  const ask = (method: string, params: object) => {
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: ++id, method, params })}\n`);
    return next();
  };
  expect(await ask('host.hello', {})).toMatchObject({ id: 1, result: { file: path, platform: process.platform } });
  child.stdin.write('no JSON\n\n');
  expect(await next()).toMatchObject({ error: { code: -32700 } });
  expect(await ask('file.open', { path })).toMatchObject({ result: { text: 'dsk 1\n# \u2028 größer\n' } });
  expect(await ask('file.open', { path: 7 })).toMatchObject({ error: { data: { code: 'bad-request' } } });
  writeFileSync(path, 'dsk 1\n');
  expect(await next()).toMatchObject({ method: 'file.changed', params: { path, text: 'dsk 1\n' } });
  const ended = once(child, 'exit');
  child.stdin.end();
  expect(await ended).toEqual([0, null]);
});
