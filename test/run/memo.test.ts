// Results that several steps share: made once, kept under what they are made from, never trusted when changed.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openDigests } from '../../engine/plan/digests.ts';
import { folders, sweep } from '../../engine/run/folders.ts';
import { memo, memoSources } from '../../engine/run/memo.ts';
import { folder, leftovers } from './dsk.ts';

test('a memo', async () => {
  const here = folder({});
  const warnings: string[] = [];
  let made = 0;
  const tokens = (keys: string[]) =>
    memo(
      folders(here),
      openDigests(join(here, 'digests.json')),
      'tokens',
      keys,
      async (draft) => writeFileSync(join(draft, 'tokens.bin'), `made ${++made}`),
      (message) => warnings.push(message),
    );
  const place = await tokens(['a.table', 'b.tokenizer']);
  expect(await tokens(['a.table', 'b.tokenizer'])).toBe(place);
  expect(made).toBe(1);
  expect(await tokens(['c.table', 'b.tokenizer'])).not.toBe(place);
  expect(made).toBe(2);

  writeFileSync(join(place, 'tokens.bin'), 'made X');
  expect(await tokens(['a.table', 'b.tokenizer'])).toBe(place);
  expect(readFileSync(join(place, 'tokens.bin'), 'utf8')).toBe('made 3');
  writeFileSync(join(place, 'meta.json'), '{');
  await tokens(['a.table', 'b.tokenizer']);
  expect(made).toBe(4);
  expect(warnings).toEqual([expect.stringContaining('tokens.bin was changed'), expect.stringContaining('meta.json')]);

  await expect(
    memo(
      folders(here),
      openDigests(join(here, 'digests.json')),
      'broken',
      [],
      () => Promise.reject(new Error('no')),
      () => {},
    ),
  ).rejects.toThrow('no');
  expect(leftovers(here)).toEqual([]);
});

test('parts of a memo outlive a failure, say what they are of, and go when it is done', async () => {
  const here = folder({});
  const where = folders(here);
  const made = (fail: boolean) =>
    memo(
      where,
      openDigests(join(here, 'digests.json')),
      'tokens',
      ['a.table', 'b.tokenizer'],
      async (draft, parts) => {
        const part = join(parts, 'first');
        if (fail) {
          writeFileSync(part, 'half');
          throw new Error('killed');
        }
        writeFileSync(join(draft, 'tokens.bin'), readFileSync(part));
      },
      () => undefined,
    );
  await expect(made(true)).rejects.toThrow('killed');
  const [name] = readdirSync(where.parts);
  expect(memoSources(join(where.parts, name as string))).toEqual(['a', 'b']);
  sweep(where); // as the next run does: what is finished stays
  const place = await made(false);
  expect(readFileSync(join(place, 'tokens.bin'), 'utf8')).toBe('half');
  expect(readdirSync(where.parts)).toEqual([]);
});
