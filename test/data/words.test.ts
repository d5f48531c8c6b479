// Words and sentences as spaCy's English tokenizer has them, by which datatrove's filters count.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ENDS,
  endsSentence,
  LETTERS,
  openWords,
  PUNCTUATION,
  type Splitting,
  SYMBOLS,
} from '../../engine/data/words.ts';
import { mails, paragraphs } from './mails.ts';
import { askPython, withPython } from './setting.ts';

function wordsOf(text: string, splitting: Splitting = 'english', words = openWords(splitting)): string[] {
  const { ids, count } = words.split(text);
  return Array.from(ids.subarray(0, count), (id) => words.text(id));
}

// What spaCy 3.8 gives: [token.text for token in spacy.blank("en")(text)], without white space.
const english: [string, string[]][] = [
  ["I don't know, can't say.", ['I', 'do', "n't", 'know', ',', 'ca', "n't", 'say', '.']],
  ['(“Hello!” she said…)', ['(', '“', 'Hello', '!', '”', 'she', 'said', '…', ')']],
  ['Mr. Smith lives in N.Y. at 5pm.', ['Mr.', 'Smith', 'lives', 'in', 'N.Y.', 'at', '5', 'pm', '.']],
  ['well-known, state-of-the-art', ['well', '-', 'known', ',', 'state', '-', 'of', '-', 'the', '-', 'art']],
  ['10km, $5.00 and 50%', ['10', 'km', ',', '$', '5.00', 'and', '50', '%']],
  ['see http://example.com/a?b=c, or a@b.org.', ['see', 'http://example.com/a?b=c', ',', 'or', 'a@b.org', '.']],
  ['well:) ok :-( fine', ['well', ':)', 'ok', ':-(', 'fine']],
  ['wait.... no..', ['wait', '....', 'no', '..']],
  ['He said.So I left', ['He', 'said', '.', 'So', 'I', 'left']],
  ["It's the dog's; they'd've gone", ['It', "'s", 'the', 'dog', "'s", ';', 'they', "'d", "'ve", 'gone']],
  ['a=b c/d e:f 3x5 a,b 1,000', ['a', '=', 'b', 'c', '/', 'd', 'e', ':', 'f', '3x5', 'a', ',', 'b', '1,000']],
  ['', []],
  [' \n\t ', []],
];

describe('English words', () => {
  it.each(english)('%j', (text, expected) => {
    expect(wordsOf(text)).toEqual(expected);
  });

  it('are the same whether they were met before or not, and after more words than are kept in mind', () => {
    const words = openWords('english');
    const text = "Call me Ishmael. Some years ago--never mind how long--I didn't care.";
    const once = wordsOf(text, 'english', words);
    expect(wordsOf(text, 'english', words)).toEqual(once);
    for (let part = 0; part < 5; part++) {
      const many = Array.from({ length: 60_000 }, (_, i) => `w${part}x${i}`);
      expect(wordsOf(many.join(' '), 'english', words)).toEqual(many);
    }
    expect(wordsOf(text, 'english', words)).toEqual(once);
  });

  it('lose no character but white space', () => {
    const piece = fc.constantFrom(
      'a',
      'Bc',
      "'",
      '"',
      '.',
      '..',
      '-',
      ')',
      '(',
      ':',
      '$',
      '1',
      'km',
      ' ',
      '\n',
      '…',
      '😀',
      '中',
      "n't",
    );
    const words = openWords('english');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const text = pieces.join('');
        expect(wordsOf(text, 'english', words).join('')).toBe(text.replace(/\s/g, ''));
      }),
      { numRuns: 500 },
    );
  });

  it('take no longer than the text is long, even without a space in it', () => {
    expect(wordsOf('.'.repeat(200_000))).toHaveLength(1);
    expect(wordsOf('!'.repeat(200_000))).toHaveLength(200_000);
    expect(wordsOf(':)'.repeat(50_000)).length).toBeGreaterThan(40_000);
    expect(wordsOf('a-'.repeat(50_000))).toHaveLength(99_999);
    expect(wordsOf('x'.repeat(1_000_000))).toHaveLength(1);
    expect(wordsOf('a@'.repeat(50_000)).length).toBeGreaterThan(0);
  });

  it('know their length in characters, letters, punctuation and the end of a sentence', () => {
    const words = openWords('english');
    const about = (word: string) => {
      const { ids, count } = words.split(word);
      expect(count).toBe(1);
      const id = ids[0] as number;
      return [words.length(id), words.flags(id)];
    };
    expect(about('naïve')).toEqual([5, LETTERS]);
    expect(about('42')).toEqual([2, 0]);
    expect(about('!')).toEqual([1, SYMBOLS | PUNCTUATION | ENDS]);
    expect(about('...')).toEqual([3, SYMBOLS | PUNCTUATION]);
    expect(about('中')).toEqual([1, LETTERS]);
    expect(about('😀')).toEqual([1, 0]);
    expect(['Yes.', 'はい。', 'क्या।', 'no', 'x…'].map(endsSentence)).toEqual([true, true, true, false, false]);
  });

  it('make sentences', () => {
    const { sentences } = openWords('english');
    expect(['Hello.', 'One. Two! "Three?" Four', 'e.g. this', 'No end', '', 'Well... yes'].map(sentences)).toEqual([
      1, 4, 1, 1, 1, 1,
    ]);
  });
});

describe('words by Unicode', () => {
  it('are told apart in scripts without spaces', () => {
    expect(wordsOf('今天天气很好。', 'unicode').length).toBeGreaterThan(3);
    expect(wordsOf('今天天气很好。', 'unicode').at(-1)).toBe('。');
    expect(wordsOf("I don't  know.", 'unicode')).toEqual(['I', "don't", 'know', '.']);
  });
});

withPython('beside spaCy', () => {
  const ask = `
try:
    import spacy
except ImportError:
    print("null")
else:
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    answers = []
    for text in ask:
        nlp.max_length = len(text) + 10
        doc = nlp(text)
        answers.append([[token.text for token in doc if token.text.strip()], max(1, len(list(doc.sents)))])
    print(json.dumps(answers))`;

  it('words and sentences of mails and of a novel are the same', ({ skip }) => {
    const texts = [...english.map(([text]) => text), ...mails(150), ...paragraphs(20)];
    const answers = askPython(ask, texts) as [string[], number][] | null;
    // It is no package of the tests' Python, being needed here alone.
    if (answers === null) return skip('there is no spaCy in this Python');
    const words = openWords('english');
    for (const [i, text] of texts.entries()) {
      expect([wordsOf(text, 'english', words), words.sentences(text)], text).toEqual(answers[i]);
    }
  });
});
