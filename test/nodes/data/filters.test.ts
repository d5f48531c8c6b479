// The kinds that filter texts, in graphs over real mails: what stays, what goes and why, and what checking says beforehand.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TableArtifact } from '../../../engine/nodes/values.ts';
import { letters, mails } from '../../data/mails.ts';
import { complaintOf } from '../../data/setting.ts';
import { type Ran, workplace } from './cleaning.ts';

const place = workplace();
const french = 'Le petit chat dort sur le canapé pendant que la pluie tombe dehors depuis ce matin.';
const texts = letters(60);
place.put(
  'mails',
  [...texts, french, '', null, '1234567 89'].map((text) => ({ text, size: text?.length ?? 0 })),
);
place.put(
  'whole',
  mails(120).map((text) => ({ text })),
);
writeFileSync(join(place.folder, 'taken.jsonl'), '{"text": "a", "reason": "b", "quality": "c", "evaluation_row": 1}\n');
const load = 'm = load("mails.jsonl")\n';

const count = (ran: Ran, node: string, output = 'table') => (ran.made[node]?.[output] as TableArtifact).rows;

describe('quality', () => {
  it('gives kept and removed rows, which together are the table, and the reasons', async () => {
    const ran = await place.run(`${load}q = quality(m, rules: ["gopher", "repetition"])`);
    const [kept, removed] = [await place.rows(ran, 'q'), await place.rows(ran, 'q', 'removed')];
    expect([...kept, ...removed].map(({ row }) => row as number).sort((a, b) => a - b)).toEqual(
      texts.concat(['', '', '', '']).map((_, i) => i),
    );
    expect(kept.map(({ row }) => row)).toEqual([...kept].map(({ row }) => row as number).sort((a, b) => a - b));
    expect(kept.length).toBeGreaterThan(5);
    expect(Object.keys(removed[0] as object)).toEqual(['row', 'text', 'size', 'reason']);
    for (const { reason } of removed) expect(reason).toMatch(/^(gopher_\w+|repetition_\w+|quality): /);
    expect(removed.find(({ text }) => text === null)?.reason).toBe('quality: there is no text');
    expect(removed.find(({ text }) => text === '')?.reason).toBe('gopher_min_words: 0 words, at least 50 wanted');
    expect(ran.specs.q).toMatchObject({
      table: { columns: { text: 'text' } },
      removed: { columns: { reason: 'text' } },
    });
    expect(ran.log.at(-1)).toMatch(/^\d+ of \d+ rows are removed: gopher_\w+ \d+, /);
  });

  it('leaves the good lines of good texts with c4, and the text of removed rows as it came', async () => {
    const ran = await place.run(`${load}q = quality(m, rules: ["c4"], c4_min_sentences: 3)`);
    const of = new Map((await place.rows(ran, 'm')).map(({ row, text }) => [row, text as string | null]));
    const kept = await place.rows(ran, 'q');
    expect(kept.length).toBeGreaterThan(5);
    expect(kept.some(({ row, text }) => text !== of.get(row))).toBe(true);
    for (const { row, text } of kept) {
      const lines = (of.get(row) as string).split(/\r?\n|[\v\f\x1c-\x1e\x85\u2028\u2029]/).map((line) => line.trim());
      for (const line of (text as string).split('\n')) {
        expect(line).toMatch(/[.?!"']$/);
        expect(lines.some((whole) => whole.replace(/\[\d*\]/g, '').trim() === line.trim())).toBe(true);
      }
    }
    for (const { row, text } of await place.rows(ran, 'q', 'removed')) expect(text).toBe(of.get(row));
  });

  it('marks', async () => {
    const ran = await place.run(
      `${load}a = quality(m, rules: ["gopher"], action: "mark")\nb = quality(m, rules: ["gopher"])\nc = quality(m, action: "mark", name: "why", without: ["gopher_min_words"])`,
    );
    const marked = await place.rows(ran, 'a');
    expect(marked.filter(({ quality }) => quality === null).map(({ row }) => row)).toEqual(
      (await place.rows(ran, 'b')).map(({ row }) => row),
    );
    expect(marked.filter(({ quality }) => quality !== null).map(({ quality }) => quality)).toEqual(
      (await place.rows(ran, 'b', 'removed')).map(({ reason }) => reason),
    );
    expect(ran.specs.c).toMatchObject({ table: { columns: { why: 'text' } } });
    expect(Object.keys(ran.made.a ?? {})).toEqual(['table']);
  });

  it('says so when nothing is left', async () => {
    const complaint = await complaintOf(
      place.run(`${load}q = quality(m, gopher_min_words: 1000000, gopher_max_words: 2000000)`),
    );
    expect(complaint).toMatchObject({ code: 'data-empty', at: 'rules' });
    expect(complaint.message).toBe(`none of ${texts.length + 4} rows meets the rules`);
    expect(complaint.note).toMatch(/gopher_min_words \d+/);
  });
});

describe('language', () => {
  it('adds language and score', async () => {
    const ran = await place.run(`${load}l = language(m)`);
    const rows = await place.rows(ran, 'l');
    expect(count(ran, 'l')).toBe(texts.length + 4);
    expect(Object.keys(ran.made.l ?? {})).toEqual(['table']);
    expect(rows.slice(-4).map(({ language, language_score: score }) => [language, (score as number) > 0.7])).toEqual([
      ['fr', true],
      [null, false],
      [null, false],
      [null, false],
    ]);
    expect(ran.specs.l).toMatchObject({ table: { columns: { language: 'text', language_score: 'number' } } });
  });

  it('keeps one, and says of the others which they are', async () => {
    const ran = await place.run(
      `${load}l = language(m, keep: "en", name: "tongue")\nf = language(m, keep: ["fr", "de"], min_score: 0.5)`,
    );
    const removed = await place.rows(ran, 'l', 'removed');
    expect(removed.find(({ text }) => text === french)?.reason).toMatch(/^language: fr \(0\.\d\d\), en wanted$/);
    expect(removed.find(({ text }) => text === '')?.reason).toBe('language: none found, en wanted');
    expect(
      (await place.rows(ran, 'l')).every(
        ({ tongue, tongue_score: score }) => tongue === 'en' && (score as number) >= 0.6,
      ),
    ).toBe(true);
    // The mails hold another one.
    expect((await place.rows(ran, 'f')).map(({ text }) => text)).toContain(french);
    expect((await place.rows(ran, 'f', 'removed'))[0]?.reason).toMatch(/fr or de wanted$/);
  });

  it('says which languages there are when none is wanted', async () => {
    expect(await complaintOf(place.run(`${load}l = language(m, keep: "ja")`))).toMatchObject({
      code: 'data-empty',
      at: 'keep',
      note: expect.stringMatching(/^found: en \d+, /) as string,
    });
  });
});

describe('pii', () => {
  it('masks and counts', async () => {
    const ran = await place.run(
      'w = load("whole.jsonl")\np = pii(w)\ne = pii(w, kinds: ["email"], email: "", name: "n")',
    );
    const rows = await place.rows(ran, 'p');
    const sum = (name: string) => rows.reduce((total, row) => total + (row[name] as number), 0);
    expect(sum('pii_email')).toBeGreaterThan(500);
    expect(sum('pii_ip')).toBeGreaterThan(50);
    expect(ran.log).toContain(
      `masked: email ${sum('pii_email')}, ip ${sum('pii_ip')}, phone ${sum('pii_phone')}, card 0`,
    );
    for (const row of rows) {
      expect((row.text as string).split('<email>').length - 1).toBeGreaterThanOrEqual(row.pii_email as number);
      expect(row.text).not.toMatch(/\b[a-z]+@[a-z]+\.com\b/);
    }
    expect(Object.keys((await place.rows(ran, 'e'))[0] ?? {})).toEqual(['row', 'text', 'n_email']);
  });
});

describe('decontaminate', () => {
  it('removes what shares words with the evaluation, and names both', async () => {
    place.put('held', [
      { question: 'Nothing like it', answer: 'here.' },
      { question: 'Which house has been empty', answer: 'for years and nobody knows who owns it?' },
    ]);
    place.put('train', [
      { text: 'He asked which house has been empty for years, and nobody knows who owns it? Never mind.' },
      { text: 'An other text with more than thirteen words that has nothing to do with any house.' },
      { text: null },
    ]);
    const ran = await place.run(
      't = load("train.jsonl")\nh = load("held.jsonl")\nd = decontaminate(t, evaluation: h, evaluation_columns: ["question", "answer"])',
    );
    expect((await place.rows(ran, 'd')).map(({ row }) => row)).toEqual([1, 2]);
    expect(await place.rows(ran, 'd', 'removed')).toEqual([
      {
        row: 0,
        text: expect.any(String) as string,
        evaluation_row: 1,
        reason:
          'decontaminate: 13 words as in row 1 of the evaluation: "which house has been empty for years, and nobody knows who owns it"',
      },
    ]);
  });

  it('counts no run that more than `common` rows have: as a plain search, in mails with the footers of lists', async () => {
    const plain = letters(12).filter(
      (text) => !/[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]/.test(text),
    );
    const held = plain.filter((text, i) => i % 10 === 0 && text.split(/\s+/).length > 40);
    // Planted: quotations of what is held, once each.
    const train = plain.flatMap((text, i) =>
      i % 10 === 0 ? [] : [i % 40 === 1 ? `${text}\n${held[(i - 1) % held.length]?.slice(0, 400)}` : text],
    );
    const runs = (text: string) => {
      const words = text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
      return new Set(
        Array.from({ length: Math.max(0, words.length - 12) }, (_, i) => words.slice(i, i + 13).join(' ')),
      );
    };
    const known = new Set(held.flatMap((text) => [...runs(text)]));
    const counts = new Map<string, number>();
    const shared = train.map((text) => [...runs(text)].filter((run) => known.has(run)));
    for (const run of shared.flat()) counts.set(run, (counts.get(run) ?? 0) + 1);
    place.put(
      'plain',
      train.map((text) => ({ text })),
    );
    place.put(
      'asked',
      held.map((text) => ({ text })),
    );
    const sizes: number[] = [];
    for (const common of [0, 2, 10]) {
      const rare = (run: string) => common === 0 || (counts.get(run) as number) <= common;
      const expected = shared.flatMap((found, row) => (found.some(rare) ? [row] : []));
      const statement = `t = load("plain.jsonl")\nh = load("asked.jsonl")\nd = decontaminate(t, evaluation: h, shortest: 12, common: ${common})`;
      const gone = await place.rows(await place.run(statement), 'd', 'removed');
      expect(gone.map(({ row }) => row)).toEqual(expected);
      sizes.push(expected.length);
    }
    // Each number makes a difference, and what is quoted goes at any.
    expect(sizes[0]).toBeGreaterThan(sizes[2] as number);
    expect(sizes[2]).toBeGreaterThan(sizes[1] as number);
    expect(sizes[1]).toBeGreaterThanOrEqual(10);
  });

  it('says so when each row shares words, or no evaluation row has enough', async () => {
    expect(
      await complaintOf(place.run(`${load}f = filter(m, where: "size > 1000")\nd = decontaminate(f, evaluation: m)`)),
    ).toMatchObject({ code: 'data-empty', at: 'evaluation' });
    expect(
      await complaintOf(
        place.run('t = load("train.jsonl")\nd = decontaminate(t, evaluation: t, n: 400, shortest: 300)'),
      ),
    ).toMatchObject({ code: 'data-few', at: 'evaluation' });
  });
});

describe('checking', () => {
  const taken = 't = load("taken.jsonl")\n';
  it.each([
    ['q = quality(m, column: "txt")', 'column-unknown at "txt": there is no column `txt`'],
    ['q = quality(m, column: "size")', 'column-type at "size": column `size` holds integer, not text'],
    ['q = quality(m, rules: ["gofer"])', 'param-choice at ["gofer"]: there is no set of rules "gofer"'],
    ['q = quality(m, rules: ["c4", "c4"])', 'param-idle at ["c4", "c4"]: "c4" is named twice'],
    ['q = quality(m, without: ["c4_braces"])', 'param-choice at ["c4_braces"]: there is no rule "c4_braces"'],
    [
      'q = quality(m, rules: ["gopher"], without: ["c4_brace"])',
      'param-idle at ["c4_brace"]: `without` has no meaning for c4_brace, whose set is not applied',
    ],
    [
      'q = quality(m, rules: ["c4"], gopher_min_words: 3)',
      'param-idle at 3: `gopher_min_words` has no meaning where that rule is not applied',
    ],
    [
      'q = quality(m, without: ["gopher_min_words"], gopher_min_words: 3)',
      'param-idle at 3: `gopher_min_words` has no meaning where that rule is not applied',
    ],
    [
      'q = quality(m, rules: ["c4"], stop_words: ["und"])',
      'param-idle at ["und"]: `stop_words` has no meaning where gopher_min_stop_words is not applied',
    ],
    ['q = quality(m, name: "why")', 'param-idle at "why": `name` has no meaning unless rows are marked'],
    [`${taken}q = quality(t)`, 'column-name at t: there is a column `reason` already'],
    [`${taken}q = quality(t, action: "mark")`, 'column-name'],
    [
      'q = quality(m, action: "mark")\nd = dedup(q.removed)',
      'output-absent at q.removed: `q` gives no `removed` with its parameters',
    ],
    ['l = language(m, keep: "eng")', 'param-choice at "eng": "eng" is none of the languages that are told apart'],
    ['l = language(m, min_score: 2)', 'param-range'],
    ['l = language(m)\nk = language(l)', 'column-name'],
    ['p = pii(m, kinds: ["mail"])', 'param-choice at ["mail"]: "mail" is no kind of personal data that is known'],
    ['p = pii(m, kinds: ["ip"], email: "x")', 'param-idle at "x": `email` has no meaning unless email is masked'],
    [
      'p = pii(m, kinds: ["email"], private_ips: true)',
      'param-idle at true: `private_ips` has no meaning unless ip is masked',
    ],
    ['p = pii(m, regions: ["UK"])', 'param-choice at ["UK"]: there is no region "UK"'],
    [
      'p = pii(m, kinds: ["ip"], regions: ["DE"])',
      'param-idle at ["DE"]: `regions` has no meaning unless phone is masked',
    ],
    ['d = decontaminate(m)', 'input-missing'],
    [
      'd = decontaminate(m, evaluation: m, evaluation_columns: "answer")',
      'column-unknown at "answer": there is no column `answer`',
    ],
    [
      'd = decontaminate(m, evaluation: m, n: 5, shortest: 6)',
      'param-idle at 6: `shortest` has no meaning from n (5) on',
    ],
    [`${taken}d = decontaminate(t, evaluation: m)`, 'column-name'],
  ])('%s', async (statement, error) => {
    const errors = await place.errors(statement.startsWith('t =') ? `${load}${statement}` : load + statement);
    expect(errors).toHaveLength(1);
    expect(errors[0]?.startsWith(error), errors[0]).toBe(true);
  });
});
