// The commands that run nothing, as a user calls them: dsk check, plan, nodes, fmt.
import { spawn } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Exit } from '../../engine/cli/exit.ts';
import { readText } from '../../engine/cli/terminal.ts';

const launcher = join(import.meta.dirname, '../../engine/cli/dsk.mjs');
const fixtures = join(import.meta.dirname, '../fixtures/kinds');

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dsk-cli-'));
  mkdirSync(join(folder, 'data'));
  const write = (name: string, text: string | Uint8Array) => writeFileSync(join(folder, name), text);
  write('data/a.txt', 'Call me Ishmael.\n');
  write('sound.dsk', 'dsk 1\nparam limit = 3\nbook = texts("data/*.txt")\nlong = keep(book, limit: limit)\n');
  write('wrong.dsk', 'dsk 1\nbook = texts("data/*.txt", rows: "lines")\nlong = keep(bok)\n');
  write('warned.dsk', 'dsk 1\nparam limit = 3\n');
  write('latin.dsk', Buffer.from('dsk 1\n# caf\xe9\n', 'latin1'));
  write('wide.dsk', Buffer.from('\ufeffdsk 1\n', 'utf16le'));
  write('large.dsk', Buffer.alloc((16 << 20) + 1, '\n'));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Ran {
  code: number | null;
  out: string;
  err: string;
}

function dsk(args: string[], input = ''): Promise<Ran> {
  return new Promise((resolve) => {
    const env = { ...process.env, DSK_KINDS: fixtures };
    const child = spawn(process.execPath, [launcher, ...args], { cwd: folder, env });
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      out += piece;
    });
    child.stderr.setEncoding('utf8').on('data', (piece: string) => {
      err += piece;
    });
    child.on('close', (code) => resolve({ code, out, err }));
    child.stdin.end(input);
  });
}

describe('dsk check', { timeout: 60_000 }, () => {
  it('prints each mistake with its place, line, note and fix, and exits with 1', async () => {
    const { code, out, err } = await dsk(['check', 'sound.dsk', 'wrong.dsk']);
    expect(out).toBe(`sound.dsk: no mistakes in 2 nodes
wrong.dsk:2:34: error param-choice: \`rows\` must be "line" or "file", not "lines"
    2 | book = texts("data/*.txt", rows: "lines")
      |                                  ^^^^^^^
  note: rows takes "line" or "file" (default "line"): What makes a row
  fix: write \`"line"\`

wrong.dsk:3:13: error name-undefined: there is no node \`bok\`, did you mean \`book\`?
    3 | long = keep(bok)
      |             ^^^
  fix: write \`book\`

wrong.dsk: 2 errors
`);
    expect({ code, err }).toEqual({ code: 1, err: '' });
  });

  it('exits with 0 for warnings', async () => {
    const { code, out } = await dsk(['check', 'warned.dsk']);
    expect(code).toBe(0);
    expect(out).toContain('warning unused-param');
    expect(out).toMatch(/\nwarned.dsk: 0 errors, 1 warning\n$/);
  });

  it('prints JSON for programs', async () => {
    const { code, out } = await dsk(['check', '--json', 'wrong.dsk']);
    expect(code).toBe(1);
    const { files } = JSON.parse(out) as { files: { file: string; diagnostics: Record<string, unknown>[] }[] };
    expect(files).toMatchObject([
      { file: 'wrong.dsk', diagnostics: [{ code: 'param-choice' }, { code: 'name-undefined' }] },
    ]);
    expect(files[0]?.diagnostics[1]).toMatchObject({
      severity: 'error',
      line: 3,
      column: 13,
      endLine: 3,
      endColumn: 16,
    });
  });

  it('sets params, and refuses those that are not there as wrong usage', async () => {
    expect(await dsk(['check', 'sound.dsk', '--set', 'limit=-1'])).toMatchObject({ code: 1 });
    const unknown = await dsk(['check', 'sound.dsk', '--set', 'limti=1']);
    expect(unknown).toMatchObject({ code: 2, out: '' });
    expect(unknown.err).toBe('dsk: sound.dsk: the graph has no param `limti` to set: did you mean `limit`?\n');
    const nameless = await dsk(['check', 'sound.dsk', '--set', '3']);
    expect(nameless).toMatchObject({
      code: 2,
      err: 'dsk: --set takes NAME=VALUE, such as --set steps=1000, not `3`\n',
    });
  });

  it('goes on after a file that cannot be read', async () => {
    const { code, out, err } = await dsk(['check', 'nowhere.dsk', 'sound.dsk']);
    expect(code).toBe(1);
    expect(err).toBe('dsk: nowhere.dsk: there is no such file\n');
    expect(out).toBe('sound.dsk: no mistakes in 2 nodes\n');
  });
});

describe('a graph file', () => {
  it.each([
    ['nowhere.dsk', 'there is no such file'],
    ['sound.dsk/x', 'there is no such file'],
    ['data', 'is a folder; name a graph file in it, such as NAME.dsk'],
    ['latin.dsk', 'is not UTF-8; save it as UTF-8'],
    ['wide.dsk', 'is not UTF-8 but UTF-16; save it as UTF-8'],
    ['large.dsk', 'is too large for a graph (16777217 bytes, at most 16777216)'],
  ])('that cannot be read is refused: %s', (name, message) => {
    const path = join(folder, name);
    expect(() => readText(path)).toThrow(new Exit(1, `${path}: ${message}`));
  });

  it('keeps its byte order mark and line ends', () => {
    const path = join(folder, 'marked.dsk');
    writeFileSync(path, '\ufeffdsk 1\r\n');
    expect(readText(path)).toBe('\ufeffdsk 1\r\n');
  });
});

describe('dsk plan', { timeout: 60_000 }, () => {
  it('prints the table and writes nothing', async () => {
    const before = readdirSync(folder);
    const { code, out, err } = await dsk(['plan', 'sound.dsk']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^step +kind +rows +memory +disk +time +status\nbook +texts .* run: never run\nlong +keep /);
    expect(readdirSync(folder)).toEqual(before);
  });

  it('prints JSON, of a node and what it needs', async () => {
    const { out } = await dsk(['plan', 'sound.dsk', '--json', '--to', 'book']);
    expect(JSON.parse(out)).toMatchObject({
      file: 'sound.dsk',
      steps: [{ node: 'book', status: 'run' }],
      totals: { run: 1 },
    });
  });

  it('refuses a node that is not there as wrong usage, and a graph with errors', async () => {
    const unknown = await dsk(['plan', 'sound.dsk', '--to', 'lonk']);
    expect(unknown).toMatchObject({
      code: 2,
      out: '',
      err: 'dsk: sound.dsk: the graph has no node `lonk`: did you mean `long`?\n',
    });
    const wrong = await dsk(['plan', 'wrong.dsk']);
    expect(wrong).toMatchObject({ code: 1, out: '' });
    expect(wrong.err).toMatch(/^wrong.dsk:2:34: error param-choice[^]*\n2 errors\n$/);
  });
});

describe('dsk nodes', { timeout: 60_000 }, () => {
  it('lists kinds, explains one, and knows what was meant', async () => {
    const [list, one, unknown] = await Promise.all([dsk(['nodes']), dsk(['nodes', 'keep']), dsk(['nodes', 'kepe'])]);
    expect(list.out).toMatch(/^data: read\n/);
    expect(list.out).toMatch(/^model\n/m);
    expect(list.out).toMatch(/^ {2}keep +Keeps the rows for which something is true$/m);
    expect(one.out).toMatch(/^keep {2}\(data\)\n\nKeeps the rows/);
    expect(unknown).toEqual({ code: 2, out: '', err: 'dsk: there is no node kind `kepe`, did you mean `keep`?\n' });
  });

  it('prints schemas and Markdown', async () => {
    const [schema, all, page] = await Promise.all([
      dsk(['nodes', 'keep', '--json']),
      dsk(['nodes', '--json']),
      dsk(['nodes', '--markdown']),
    ]);
    expect(JSON.parse(schema.out)).toMatchObject({
      title: 'keep',
      properties: { params: { properties: { limit: { minimum: 0 } } } },
    });
    expect(JSON.parse(all.out)).toMatchObject({ $defs: { keep: { title: 'keep' }, load: { title: 'load' } } });
    expect(page.out).toContain('\n### keep\n');
  });
});

describe('dsk fmt', { timeout: 60_000 }, () => {
  const untidy = 'dsk 1\na=texts( "data/*.txt" )\nlonger = keep(a)   # why\n';
  const tidy = 'dsk 1\na      = texts("data/*.txt")\nlonger = keep(a) # why\n';

  it('formats a file in place, keeping its mode and a link to it', async () => {
    const file = join(folder, 'untidy.dsk');
    writeFileSync(file, untidy);
    chmodSync(file, 0o640);
    symlinkSync('untidy.dsk', join(folder, 'link.dsk'));
    expect(await dsk(['fmt', '--check', 'link.dsk', 'sound.dsk'])).toMatchObject({ code: 1, err: '' });
    expect(readFileSync(file, 'utf8')).toBe(untidy);
    expect(await dsk(['fmt', 'link.dsk'])).toEqual({ code: 0, out: 'link.dsk: formatted\n', err: '' });
    const formatted = readFileSync(file, 'utf8');
    expect(formatted.replace(/ +#/, ' #')).toBe(tidy);
    expect(statSync(file).mode & 0o777).toBe(0o640);
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
    expect(await dsk(['fmt', '--check', 'link.dsk'])).toEqual({ code: 0, out: '', err: '' });
  });

  it('formats standard input to standard output', async () => {
    const { code, out } = await dsk(['fmt', '-'], untidy);
    expect(code).toBe(0);
    expect(out.replace(/ +#/, ' #')).toBe(tidy);
  });

  it('leaves a file with errors as it is, and says so', async () => {
    const file = join(folder, 'broken.dsk');
    writeFileSync(file, 'dsk 1\na = texts(\n');
    const { code, out, err } = await dsk(['fmt', 'broken.dsk']);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/broken.dsk: 1 error; not formatted\n$/);
    expect(readFileSync(file, 'utf8')).toBe('dsk 1\na = texts(\n');
  });
});
