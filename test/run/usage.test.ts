// Wrong calls: one line on what is wrong, the usage line, exit 2. Help needs neither TensorFlow nor DuckDB.
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { dsk, folder, launcher, walking, words } from './dsk.ts';

const here = folder({ 'g.dsk': walking(), 'words.txt': words });

describe('wrong usage', () => {
  test.each([
    [['rnu', 'g.dsk'], 'Did you mean run?', 'usage: dsk <command>'],
    [['run'], "missing required argument 'file'", 'usage: dsk run [options] <file>'],
    [['run', 'g.dsk', '--frsh'], 'Did you mean --fresh?', 'usage: dsk run'],
    [['run', 'g.dsk', '--fresh', '--resume'], 'contradict', 'usage: dsk run'],
    [['clean', '--older-than', 'long'], '90m, 12h, 7d or 2w', 'usage: dsk clean'],
    [['clean', '--entry', '../../x'], 'six or more characters of a key', 'usage: dsk clean'],
    [['generate', 'out', '--prompt', 'x', '--temperature', 'hot'], 'Give a number from 0', 'usage: dsk generate'],
    [['run', 'g.dsk', '--set', 'stepz=3'], 'stepz', ''],
    [['run', 'g.dsk', '--to', 'trainde'], 'did you mean `trained`?', ''],
  ])('dsk %j', { timeout: 30_000 }, async (args, what, usage) => {
    const { code, stdout, stderr } = await dsk(here, ...args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^dsk: /);
    expect(stderr).toContain(what);
    expect(stderr).toContain(usage);
  });
});

test('a graph or model that is not there: exit 1', { timeout: 30_000 }, async () => {
  const run = await dsk(here, 'run', 'no.dsk');
  expect([run.code, run.stderr]).toEqual([1, expect.stringContaining('no.dsk')]);
  const generate = await dsk(here, 'generate', 'no', '--prompt', 'x');
  const told = await dsk(here, 'generate', 'no', '--prompt', 'x', '--json');
  expect([told.code, told.events]).toEqual([1, [expect.objectContaining({ event: 'failed', exit: 1 })]]);
  expect([generate.code, generate.stderr]).toEqual([1, expect.stringContaining('there is no folder no')]);
});

test('kinds of one’s own that Node would read as CommonJS: what to put where', { timeout: 30_000 }, () => {
  const kinds = folder({ 'package.json': '{}', 'mine.ts': "import 'node:fs';\nexport default await 1;\n" });
  const env = { ...process.env, DSK_KINDS: kinds };
  const { status, stderr } = spawnSync(process.execPath, [launcher, 'nodes'], { cwd: here, env, encoding: 'utf8' });
  expect(status).toBe(3);
  expect(stderr).toContain(`put a package.json with {"type": "module"} into ${kinds}`);
});

test('help and version', { timeout: 30_000 }, async () => {
  const help = await dsk(here, '--help');
  expect(help.code).toBe(0);
  for (const word of ['run', 'generate', 'doctor', 'Examples:', 'Exit codes:']) expect(help.stdout).toContain(word);
  const run = await dsk(here, 'run', '--help');
  for (const word of ['--resume', '--set', 'Examples:']) expect(run.stdout).toContain(word);
  expect((await dsk(here, '--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});
