// The rules of Gopher, C4 and FineWeb beside datatrove's filters: on mails, a novel and made-up texts, with usual and other thresholds,
// the same texts go for the same reason, and what C4 leaves of the others is the same.
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Limits } from '../../engine/data/quality/limits.ts';
import { eachLine, eachPart } from '../../engine/data/quality/lines.ts';
import { openJudge, type RuleSet } from '../../engine/data/quality/standard.ts';
import { openWords } from '../../engine/data/words.ts';
import { readKinds } from '../../engine/graph/kinds.ts';
import { root } from '../../engine/native/paths.ts';
import { mails, paragraphs } from './mails.ts';
import { askPython, withPython } from './setting.ts';

const { params } = (await readKinds({ folders: [] })).get('quality') as {
  params: Record<string, { default: unknown }>;
};
const usual = Object.fromEntries(Object.entries(params).map(([name, { default: value }]) => [name, value]));
const stopWords = new Set(usual.stop_words as string[]);

function judge(sets: RuleSet[], changed: Partial<Limits> = {}, without: string[] = []) {
  const limits = { ...usual, ...changed } as unknown as Limits;
  return openJudge(
    sets,
    { limits, stopWords, shortLine: usual.short_line as number, without: new Set(without) },
    'english',
  );
}

/** What datatrove calls a rule. */
const theirs: Record<string, string[]> = {
  gopher_min_words: ['gopher_short_doc'],
  gopher_max_words: ['gopher_long_doc'],
  gopher_min_word_length: ['gopher_below_avg_threshold'],
  gopher_max_word_length: ['gopher_above_avg_threshold'],
  gopher_max_symbols: ['gopher_too_many_hashes', 'gopher_too_many_ellipsis'],
  gopher_max_bullets: ['gopher_too_many_bullets'],
  gopher_max_ellipses: ['gopher_too_many_end_ellipsis'],
  gopher_min_letters: ['gopher_below_alpha_threshold'],
  gopher_min_stop_words: ['gopher_enough_stop_words'],
  repetition: ['empty'],
  repetition_max_paragraphs: ['dup_para_frac'],
  repetition_max_paragraph_text: ['dup_para_char_frac'],
  repetition_max_lines: ['dup_line_frac'],
  repetition_max_line_text: ['dup_line_char_frac'],
  repetition_top_ngrams: ['top_2_gram', 'top_3_gram', 'top_4_gram'],
  repetition_ngrams: [5, 6, 7, 8, 9, 10].map((n) => `duplicated_${n}_n_grams`),
  c4_min_sentences: ['too_few_sentences'],
  c4_lorem_ipsum: ['lorem_ipsum'],
  c4_brace: ['curly_bracket'],
  fineweb: ['empty'],
  fineweb_min_ended_lines: ['line_punct_ratio'],
  fineweb_max_short_lines: ['short_line_ratio'],
  fineweb_max_repeated_text: ['char_dup_ratio'],
  fineweb_max_line_breaks: ['list_ratio'],
};

/** Filters and thresholds, as datatrove and as the kind name them. */
const settings: [RuleSet, Record<string, unknown>, Partial<Limits>, string[]?][] = [
  ['gopher', {}, {}],
  [
    'gopher',
    {
      min_doc_words: 3,
      max_non_alpha_words_ratio: 0.5,
      min_avg_word_length: 4,
      max_avg_word_length: 5.5,
      min_stop_words: 5,
    },
    {
      gopher_min_words: 3,
      gopher_min_letters: 0.5,
      gopher_min_word_length: 4,
      gopher_max_word_length: 5.5,
      gopher_min_stop_words: 5,
    },
  ],
  [
    'gopher',
    {
      min_doc_words: null,
      max_doc_words: 300,
      max_non_alpha_words_ratio: null,
      min_avg_word_length: null,
      max_avg_word_length: null,
      min_stop_words: null,
      max_symbol_word_ratio: 0.01,
      max_bullet_lines_ratio: 0.2,
      max_ellipsis_lines_ratio: 0.02,
    },
    { gopher_max_words: 300, gopher_max_symbols: 0.01, gopher_max_bullets: 0.2, gopher_max_ellipses: 0.02 },
    [
      'gopher_min_words',
      'gopher_min_letters',
      'gopher_min_word_length',
      'gopher_max_word_length',
      'gopher_min_stop_words',
    ],
  ],
  ['repetition', {}, {}],
  [
    'repetition',
    {
      dup_line_frac: 0.1,
      dup_para_frac: 0.05,
      dup_line_char_frac: null,
      dup_para_char_frac: 0.02,
      top_n_grams: [
        [2, 0.5],
        [3, 0.4],
        [4, 0.3],
      ],
      dup_n_grams: [5, 6, 7, 8, 9, 10].map((n) => [n, 0.3 - n / 50]),
    },
    {
      repetition_max_lines: 0.1,
      repetition_max_paragraphs: 0.05,
      repetition_max_paragraph_text: 0.02,
      repetition_top_ngrams: [0.5, 0.4, 0.3],
      repetition_ngrams: [5, 6, 7, 8, 9, 10].map((n) => 0.3 - n / 50),
    },
    ['repetition_max_line_text'],
  ],
  ['c4', {}, {}],
  [
    'c4',
    { min_num_sentences: 1, min_words_per_line: 5, max_word_length: 12 },
    { c4_min_sentences: 1, c4_min_line_words: 5, c4_max_word_length: 12 },
  ],
  [
    'c4',
    {
      min_num_sentences: -1,
      remove_citations: false,
      filter_no_terminal_punct: false,
      filter_javascript: false,
      filter_curly_bracket: false,
      filter_policy: false,
      filter_lorem_ipsum: false,
    },
    {},
    ['c4_min_sentences', 'c4_citations', 'c4_ending', 'c4_javascript', 'c4_brace', 'c4_policy', 'c4_lorem_ipsum'],
  ],
  ['fineweb', {}, {}],
  [
    'fineweb',
    { line_punct_thr: 0.02, short_line_thr: 0.5, char_duplicates_ratio: 0.1, new_line_ratio: 0.12 },
    {
      fineweb_min_ended_lines: 0.02,
      fineweb_max_short_lines: 0.5,
      fineweb_max_repeated_text: 0.1,
      fineweb_max_line_breaks: 0.12,
    },
  ],
];

/** Texts of pieces that rules look at. */
const madeUp = fc.sample(
  fc
    .array(
      fc.constantFrom(
        'the cat sat on the mat',
        'with that have be to of and',
        '- item',
        '• point',
        '...',
        'wait…',
        '# # #',
        'lorem ipsum',
        '{',
        'javascript',
        'terms of use',
        '[12]',
        '[citation needed].',
        '"Quoted."',
        'End.',
        'Why?',
        'No!',
        '。',
        '好。',
        '😀',
        'x'.repeat(1001),
        '\n',
        '\n\n',
        '\r\n',
        '\u2028',
        '\u0085',
        '\x1c',
        ' ',
        '\t',
        '1 2 3',
        'é',
      ),
      { maxLength: 60 },
    )
    .map((pieces) => pieces.join(' ').replaceAll(' \n ', '\n')),
  { seed: 6, numRuns: 400 },
);

withPython('beside datatrove', () => {
  // The filters count the words and sentences that they are given, so that this compares the rules alone; words.test.ts compares these.
  const script = `
from datatrove.data import Document
from datatrove.pipeline.filters import GopherQualityFilter, GopherRepetitionFilter, FineWebQualityFilter, c4_filters
from datatrove.pipeline.filters import gopher_quality_filter, gopher_repetition_filter, fineweb_quality_filter
words, sentences = ask["words"], ask["sentences"]
for module in (gopher_quality_filter, gopher_repetition_filter, fineweb_quality_filter):
    module.split_into_words = lambda text, language: words[text]
c4_filters.split_into_sentences = lambda text, language: [""] * sentences[text]
make = {"gopher": GopherQualityFilter, "repetition": GopherRepetitionFilter, "c4": c4_filters.C4QualityFilter, "fineweb": FineWebQualityFilter}
answers = []
for name, options in ask["settings"]:
    filter = make[name](**options)
    found = []
    for text in ask["texts"]:
        document = Document(text=text, id="")
        try:
            kept = filter.filter(document)
        except ZeroDivisionError:
            kept = "none"
        found.append([kept[1] if isinstance(kept, tuple) else None if kept is True else kept, document.text])
    answers.append(found)
print(json.dumps(answers))`;
  const texts = [...new Set([...mails(60), ...paragraphs(15), ...madeUp, 'no', ' ', '\n'])];
  const words = openWords('english');
  const split = (text: string) => {
    const { ids, count } = words.split(text);
    return Array.from(ids.subarray(0, count), (id) => words.text(id));
  };
  const lines = texts
    .flatMap((text) => text.split(/\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/))
    .map((line) => line.replace(/^[\s\x1c-\x1f\x85]+|[\s\x1c-\x1f\x85]+$/g, ''));
  const cited = lines.map((line) => line.replace(/\[\d*\]|\[edit\]|\[citation needed\]/g, ''));
  let answers: [string | null, string][][] = [];
  beforeAll(() => {
    answers = askPython(script, {
      texts,
      words: Object.fromEntries(texts.map((text) => [text, split(text)])),
      sentences: Object.fromEntries([...lines, ...cited].map((line) => [line, words.sentences(line)])),
      settings: settings.map(([set, options]) => [set, options]),
    }) as [string | null, string][][];
  });

  it.each(settings.map(([set, options], i) => [set, JSON.stringify(options), i] as const))('%s %s', (set, _, i) => {
    const [, , changed, without] = settings[i] as (typeof settings)[number];
    const decide = judge([set], changed, without);
    const seen = new Set<string | null>();
    for (const [t, text] of texts.entries()) {
      const [reason, left] = answers[i]?.[t] as [string | null, string];
      // Where a text has no words, a division by their number ends datatrove's filter.
      if (reason === 'none') continue;
      const verdict = decide(text);
      const rule = verdict.reason === null ? null : (verdict.reason.split(':')[0] as string);
      expect(rule === null ? null : theirs[rule]?.includes(reason as string) ? reason : rule, text).toBe(reason);
      if (set === 'c4' && rule === null) expect(verdict.text).toBe(left);
      seen.add(reason);
    }
    // Of the texts some are kept and some go, each time for several reasons.
    expect(seen).toContain(null);
    expect(seen.size).toBeGreaterThan(set === 'c4' ? (without ? 0 : 1) : 3);
  });
});

describe('lines', () => {
  const texts = fc.string({
    unit: fc.constantFrom('a', ' ', '\n', '\r', '\v', '\x1c', '\x85', '\u2028', '鯨'),
    maxLength: 30,
  });
  const all = (cut: (text: string, take: (line: string) => void) => void, text: string) => {
    const found: string[] = [];
    cut(text, (line) => void found.push(line));
    return found;
  };
  it('are cut as by the patterns', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const lines = text.split(/\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/);
        expect(all(eachLine, text)).toEqual(lines.at(-1) === '' ? lines.slice(0, -1) : lines);
        expect(all(eachPart, text)).toEqual(text.split(/\n+/));
      }),
      { numRuns: 1000 },
    );
  });
  it('take no memory of their own, however many there are', () => {
    const script = `
import { openJudge } from './engine/data/quality/standard.ts';
const standard = { limits: ${JSON.stringify(usual)}, stopWords: new Set(), shortLine: 30, without: new Set() };
const texts = ['\\n', ' \\n'].map((line) => Buffer.alloc(1.6e7, line).toString('latin1'));
for (const set of ['c4', 'gopher', 'repetition', 'fineweb']) for (const text of texts) openJudge([set], standard, 'english')(text);`;
    const args = ['--max-old-space-size=96', '--import', 'tsx', '--input-type=module', '-e', script];
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
    expect(status, stderr).toBe(0);
  });
});

describe('reasons', () => {
  const prose = 'It was the best of times, it was the worst of times. ';
  it.each([
    ['gopher', 'Too short.', 'gopher_min_words: 2 words, at least 50 wanted'],
    [
      'gopher',
      `# ${'a b c d e f g h '.repeat(20)}`,
      'gopher_min_word_length: words have 1 characters on average, at least 3 wanted',
    ],
    [
      'gopher',
      '- these are words that have length\n'.repeat(19),
      'gopher_max_bullets: 100% of the lines are bullets, at most 90% may be',
    ],
    ['repetition', '', 'repetition: there is no text'],
    [
      'repetition',
      'same\nsame\nsame\nother',
      'repetition_max_lines: 50% of the lines are repetitions, at most 30% may be',
    ],
    ['c4', prose, 'c4_min_sentences: 1 sentence in good lines, at least 5 wanted'],
    ['c4', 'This is lorem ipsum text here.', 'c4_lorem_ipsum: "lorem ipsum" in it'],
    ['c4', 'A function { here is one.', 'c4_brace: a curly bracket in it'],
    ['fineweb', 'no end\n'.repeat(9), 'fineweb_min_ended_lines: 0% of the lines end a sentence, at least 12% should'],
    ['fineweb', ' \n ', 'fineweb: there is no text'],
  ] as const)('%s says of %j: %s', (set, text, reason) => {
    expect(judge([set])(text).reason).toBe(reason);
  });

  it('tell what was found from the limit, however near it is', () => {
    const lines = Array.from({ length: 10_000 }, (_, i) =>
      i < 9001 ? `- one of many items ${i}` : `other line number ${i}`,
    );
    const found = judge(['gopher'], {}, ['gopher_min_letters', 'gopher_min_stop_words'])(lines.join('\n'));
    expect(found.reason).toBe('gopher_max_bullets: 90.01% of the lines are bullets, at most 90% may be');
  });

  it('are those of the first set in the order given, and leave the text as it came', () => {
    const text = 'short\nA line that is good enough.\n';
    expect(judge(['gopher', 'c4'])(text)).toEqual({ reason: 'gopher_min_words: 7 words, at least 50 wanted', text });
    expect(judge(['c4', 'gopher'])(text).reason).toMatch(/^c4_min_sentences/);
  });

  it('show what c4 leaves to the sets after it', () => {
    const text = `menu\n${'One good line, with an end. '.repeat(5).trim()}\nhome | about`;
    const kept = judge(['c4'], { c4_min_sentences: 2 })(text);
    expect(kept).toEqual({ reason: null, text: 'One good line, with an end. '.repeat(5).trim() });
    expect(judge(['c4', 'fineweb'])(text).reason).toBeNull();
    expect(judge(['fineweb'], { fineweb_max_short_lines: 0.5 })(text).reason).toMatch(
      /^fineweb_max_short_lines: 66\.67%/,
    );
  });
});
