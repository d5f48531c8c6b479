// Programs that a graph names, such as a translator: found and started without a shell, asked line by line, ended with the run.
// Nothing is started unless the user has allowed it on the command line.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Commands, Program } from '../nodes/context.ts';
import { InputError } from '../nodes/kind.ts';
import { findFiles, type PathOptions } from './paths.ts';

/** Seconds that a program has for leaving when its input has ended, and when it was told to end. */
const leaving = 5;
const dying = 2;
/** Characters of a program's answer, and of what is kept of its complaints. */
const longest = 1 << 26;
const lastWords = 2000;

const shown = (words: readonly string[]) =>
  words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word))).join(' ');

/**
 * Files of the graph's folder among a command's words.
 * @throws InputError where programs are not allowed, or this one is not there
 */
export function commandFiles(words: readonly string[], at: string, options: PathOptions): string[] {
  if (options.commands !== true) {
    throw new InputError({
      code: 'command-refused',
      message: `the graph would run a program: ${shown(words)}`,
      at,
      note: 'if you trust it, allow it on the command line: dsk run FILE --allow-commands; the studio runs no programs of a graph',
    });
  }
  programPath(words[0] ?? '', at, options);
  return words.filter((word) => {
    try {
      return findFiles(word, { folder: options.folder }).length === 1;
    } catch (error) {
      if (error instanceof InputError) return false; // a path elsewhere, which is the user's own affair
      throw error;
    }
  });
}

/** Absolute path of a program: in the graph's folder where the name is a path, else on PATH. Throws InputError. */
function programPath(name: string, at: string, { folder }: PathOptions): string {
  const isPath = /[\\/]/.test(name);
  const places = isPath
    ? [resolve(folder, name)]
    : (process.env.PATH ?? '').split(delimiter).map((place) => join(place, name));
  const endings = process.platform === 'win32' ? ['', '.exe', '.com'] : [''];
  const found = places
    .flatMap((place) => endings.map((ending) => place + ending))
    .find((path) => isAbsolute(path) && runnable(path));
  if (found) return found;
  throw new InputError({
    code: 'command-missing',
    message: `there is no program ${name === '' ? 'without a name' : name}`,
    at,
    note: isPath
      ? `looked for ${places[0]}, as a file that may be executed`
      : 'the first word is a program on PATH, or a path in the graph\'s folder such as "./translate"',
  });
}

function runnable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false; // not there, or not for this user
  }
}

/** Programs for a run. `end` ends those that are left. */
export function openCommands(options: PathOptions, signal: AbortSignal): Commands & { end(): void } {
  const running = new Set<Running>();
  const end = () => {
    for (const program of running) program.kill();
  };
  return {
    async open(words, at, timeout) {
      commandFiles(words, at, options);
      const program = new Running(words, at, timeout, options, signal, () => running.delete(program));
      running.add(program);
      return program;
    },
    end,
  };
}

/** A program under way: lines go in, lines come out in the same order. */
class Running implements Program {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #words: readonly string[];
  readonly #at: string;
  readonly #timeout: number;
  readonly #signal: AbortSignal;
  readonly #ended: Promise<void>;
  #complaints = '';
  #failure: Error | null = null;
  /** Answers that are due, the first one first. */
  #waiting: { resolve(text: string): void; reject(error: unknown): void }[] = [];
  #clock: NodeJS.Timeout | null = null;

  constructor(
    words: readonly string[],
    at: string,
    timeout: number,
    options: PathOptions,
    signal: AbortSignal,
    ended: () => void,
  ) {
    this.#words = words;
    this.#at = at;
    this.#timeout = timeout;
    this.#signal = signal;
    const [name = '', ...rest] = words;
    // A group of its own: what it starts itself ends with it, and the terminal's Ctrl-C goes to the run alone.
    const child = spawn(programPath(name, at, options), rest, {
      cwd: options.folder,
      detached: process.platform !== 'win32',
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
    });
    this.#child = child;
    const kill = () => this.kill();
    signal.addEventListener('abort', kill);
    process.on('exit', kill);
    this.#ended = new Promise((done) => {
      child.once('close', (code, by) => {
        signal.removeEventListener('abort', kill);
        process.off('exit', kill);
        this.#fail(`${by ? `was ended by ${by}` : `ended with exit code ${code}`} before it had answered`);
        ended();
        done();
      });
    });
    child.once('error', (error) => this.#fail(`cannot be started: ${error.message}`));
    child.stdin.on('error', () => {}); // it has left: its end says why
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#complaints = (this.#complaints + text).slice(-lastWords);
    });
    createInterface({ input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) =>
      this.#answer(line),
    );
  }

  async ask(texts: readonly string[]): Promise<string[]> {
    this.#signal.throwIfAborted();
    if (this.#failure) throw this.#failure;
    const answers = texts.map(() => new Promise<string>((resolve, reject) => this.#waiting.push({ resolve, reject })));
    this.#wind();
    const lines = texts.map((text) => `${JSON.stringify({ text })}\n`).join('');
    if (!this.#child.stdin.write(lines)) {
      await Promise.race([new Promise((drained) => this.#child.stdin.once('drain', drained)), this.#ended]);
    }
    try {
      return await Promise.all(answers);
    } catch (error) {
      this.#signal.throwIfAborted();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#child.stdin.end();
    const late = setTimeout(() => this.kill(), leaving * 1000);
    await this.#ended;
    clearTimeout(late);
  }

  /** Ends the program and what it has started. */
  kill(): void {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined) return;
    this.#send('SIGTERM');
    setTimeout(() => this.#send('SIGKILL'), dying * 1000).unref();
  }

  #send(name: NodeJS.Signals): void {
    const { pid } = this.#child;
    try {
      if (pid !== undefined && process.platform !== 'win32') process.kill(-pid, name);
      else this.#child.kill(name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // it has left already
    }
  }

  #answer(line: string): void {
    const first = this.#waiting.shift();
    if (!first) {
      this.#fail(`gives more answers than it was asked for: ${line.slice(0, 100)}`);
      this.kill();
      return;
    }
    const text = line.length > longest ? null : textOf(line);
    if (text === null) {
      this.#waiting.unshift(first);
      this.#fail(`gives an answer that is not of the form {"text": "..."}: ${line.slice(0, 100)}`);
      this.kill();
      return;
    }
    this.#wind();
    first.resolve(text);
  }

  /** Sets the clock anew, while answers are due. */
  #wind(): void {
    if (this.#clock) clearTimeout(this.#clock);
    this.#clock = null;
    if (this.#waiting.length === 0) return;
    this.#clock = setTimeout(() => {
      this.#fail(`has given no answer for ${this.#timeout} ${this.#timeout === 1 ? 'second' : 'seconds'}`);
      this.kill();
    }, this.#timeout * 1000);
  }

  /** What went wrong first is what is said. */
  #fail(what: string): void {
    if (this.#clock) clearTimeout(this.#clock);
    const said = this.#complaints.trim().split('\n').at(-1)?.trim() ?? '';
    this.#failure ??= new InputError({
      code: 'command-failed',
      message: `${shown(this.#words)} ${what}`,
      at: this.#at,
      note: said === '' ? 'it wrote nothing to stderr' : `its last words: ${said.slice(0, 300)}`,
    });
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
  }
}

function textOf(line: string): string | null {
  try {
    const { text } = JSON.parse(line) as { text?: unknown };
    return typeof text === 'string' ? text : null;
  } catch {
    return null; // no JSON: the caller says so, with the line
  }
}
