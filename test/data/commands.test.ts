// Programs that a graph names: what they are asked and how they answer, and every way in which they can fail. Real processes.
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { commandFiles, openCommands } from '../../engine/data/commands.ts';
import { alive, type ProcessName } from '../../engine/run/process.ts';
import { complaintOf, matching, ownFolder } from './setting.ts';

const folder = ownFolder();
const options = { folder, commands: true };
const node = process.execPath;

/** A program in JavaScript: `each` is what it does with every line. */
function script(name: string, each: string, before = ''): string[] {
  const text = `${before}
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => { const { text } = JSON.parse(line); ${each} });
const say = (text) => process.stdout.write(JSON.stringify({ text }) + '\\n');
`;
  writeFileSync(join(folder, name), text);
  return [node, name];
}

const upper = script('upper.cjs', 'say(text.toUpperCase());');

let controller = new AbortController();
let commands = openCommands(options, controller.signal);
afterEach(() => {
  commands.end();
  controller = new AbortController();
  commands = openCommands(options, controller.signal);
});
const open = (words: string[], timeout = 20) => commands.open(words, 'to_command', timeout);

/** Waits until a condition holds. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((next) => setTimeout(next, 20));
}

describe('a program', () => {
  it('is asked text by text and answers in order, as often as one likes', async () => {
    const program = await open(upper);
    expect(await program.ask(['one', 'zwei "drei"\nvier', 'ÉTÉ 中文 \u2028 😀'])).toEqual([
      'ONE',
      'ZWEI "DREI"\nVIER',
      'ÉTÉ 中文 \u2028 😀',
    ]);
    expect(await program.ask([])).toEqual([]);
    expect(await program.ask(['again'])).toEqual(['AGAIN']);
    await program.close();
  });

  it('is given far more than a pipe holds', async () => {
    const program = await open(upper);
    const texts = Array.from({ length: 300 }, (_, i) => `${i} ${'abcdefghij'.repeat(2000)}`);
    expect(await program.ask(texts)).toEqual(texts.map((text) => text.toUpperCase()));
    await program.close();
  });

  it('runs in the graph’s folder, and gets its words as they are: there is no shell', async () => {
    const echo = script('echo.cjs', 'say([process.cwd(), ...process.argv.slice(2)].join("|"));');
    const program = await open([...echo, '$HOME; touch pwned', '*', 'a b']);
    expect(await program.ask(['x'])).toEqual([[folder, '$HOME; touch pwned', '*', 'a b'].join('|')]);
    await program.close();
    expect(existsSync(join(folder, 'pwned'))).toBe(false);
  });

  it('stays one process for all its answers', async () => {
    const program = await open(script('pid.cjs', 'say(String(process.pid));'));
    const pids = [...(await program.ask(['a', 'b'])), ...(await program.ask(['c']))];
    expect(new Set(pids).size).toBe(1);
    await program.close();
  });
});

describe('is refused', () => {
  it('where the user has not allowed programs', async () => {
    expect(await complaintOf(() => commandFiles(['python3', 'a b.py'], 'to_command', { folder }))).toEqual({
      code: 'command-refused',
      message: 'the graph would run a program: python3 "a b.py"',
      at: 'to_command',
      note: 'if you trust it, allow it on the command line: dsk run FILE --allow-commands; the studio runs no programs of a graph',
    });
    const locked = openCommands({ folder }, controller.signal);
    expect(await complaintOf(locked.open(upper, 'to_command', 1))).toMatchObject({ code: 'command-refused' });
  });

  it('where it is not there, or may not be executed', async () => {
    expect(await complaintOf(open(['no-such-program-here']))).toMatchObject({
      code: 'command-missing',
      message: 'there is no program no-such-program-here',
      at: 'to_command',
    });
    mkdirSync(join(folder, 'bin'), { recursive: true });
    writeFileSync(join(folder, 'bin/tool'), '#!/bin/sh\n');
    chmodSync(join(folder, 'bin/tool'), 0o644);
    expect(await complaintOf(open(['./bin/tool']))).toMatchObject({
      code: 'command-missing',
      note: `looked for ${join(folder, 'bin/tool')}, as a file that may be executed`,
    });
    expect(await complaintOf(open(['']))).toMatchObject({ code: 'command-missing' });
  });

  it('and says which of its words are files, on which the result depends', () => {
    expect(commandFiles([node, 'upper.cjs', 'en-pt', '/etc/hosts', '../x'], 'to_command', options)).toEqual([
      'upper.cjs',
    ]);
  });
});

describe('a program that fails', () => {
  const failure = async (words: string[], timeout?: number) => {
    const program = await open(words, timeout);
    return complaintOf(program.ask(['one', 'two']));
  };

  it('by ending is quoted with its last words', async () => {
    const words = script('ends.cjs', 'say("x"); console.error("Loading ...\\nno model en-xx"); process.exit(3);');
    expect(await failure(words)).toMatchObject({
      code: 'command-failed',
      message: `${node} ends.cjs ended with exit code 3 before it had answered`,
      note: 'its last words: no model en-xx',
    });
  });
  it('before it is asked says so when it is', async () => {
    const program = await open([node, '-e', 'console.error("not today")']);
    await new Promise((next) => setTimeout(next, 300));
    expect(await complaintOf(program.ask(['x']))).toMatchObject({
      code: 'command-failed',
      note: 'its last words: not today',
    });
  });
  it.each([
    ['no JSON', 'process.stdout.write("Hello\\n");', 'Hello'],
    ['JSON of another form', 'process.stdout.write("{\\"texts\\": []}\\n");', '{"texts": []}'],
  ])('by answering with %s', async (_, each, answer) => {
    expect(await failure(script('odd.cjs', each))).toMatchObject({
      code: 'command-failed',
      message: `${node} odd.cjs gives an answer that is not of the form {"text": "..."}: ${answer}`,
    });
  });
  it('by answering more than it was asked', async () => {
    const program = await open(script('more.cjs', `process.stdout.write('{"text":"1"}\\n{"text":"2"}\\n');`));
    expect(await program.ask(['one'])).toEqual(['1']);
    expect(await complaintOf(program.ask(['two']))).toMatchObject({
      message: matching(/gives more answers than it was asked for: \{"text":"2"\}$/),
    });
  });
  it('by saying nothing is ended', async () => {
    const silent = script('silent.cjs', `require('node:fs').writeFileSync('silent.pid', String(process.pid));`);
    expect(await failure(silent, 0.7)).toMatchObject({
      code: 'command-failed',
      message: `${node} silent.cjs has given no answer for 0.7 seconds`,
      note: 'it wrote nothing to stderr',
    });
    await until(() => alive(named('silent.pid')) === false);
  });
});

const named = (file: string): ProcessName => ({
  pid: Number(readFileSync(join(folder, file), 'utf8')),
  host: hostname(),
  began: null,
});

it('an interruption ends the program and what it has started, even one that will not listen', {
  timeout: 20_000,
}, async () => {
  const stubborn = script(
    'stubborn.cjs',
    '',
    `process.on('SIGTERM', () => {});
const child = require('node:child_process').spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)']);
require('node:fs').writeFileSync('child.pid', String(child.pid));
require('node:fs').writeFileSync('stubborn.pid', String(process.pid));`,
  );
  const program = await open(stubborn);
  const asked = program.ask(['x']);
  await until(
    () => existsSync(join(folder, 'stubborn.pid')) && readFileSync(join(folder, 'stubborn.pid'), 'utf8') !== '',
  );
  const reason = new Error('Ctrl-C');
  controller.abort(reason);
  await expect(asked).rejects.toBe(reason);
  await until(() => alive(named('stubborn.pid')) === false && alive(named('child.pid')) === false);
});

it('a program that does not leave when its input ends is made to', { timeout: 20_000 }, async () => {
  const program = await open([node, '-e', 'setInterval(() => {}, 1000)']);
  await program.close();
});
