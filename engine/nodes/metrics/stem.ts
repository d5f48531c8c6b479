// Porter's stemmer (Porter 1980, "An algorithm for suffix stripping") with the changes that NLTK makes to it, which rouge-score
// uses: a list of irregular words, endings of short words, and a few rules more. Words are lower-case.

const irregular: Record<string, string> = {
  sky: 'sky',
  skies: 'sky',
  dying: 'die',
  lying: 'lie',
  tying: 'tie',
  news: 'news',
  innings: 'inning',
  inning: 'inning',
  outings: 'outing',
  outing: 'outing',
  cannings: 'canning',
  canning: 'canning',
  howe: 'howe',
  proceed: 'proceed',
  exceed: 'exceed',
  succeed: 'succeed',
};

/** An ending, what takes its place, and what has to hold for the word without it. The first ending that a word has decides. */
type Rule = readonly [ending: string, becomes: string, when?: (stem: string) => boolean];

const long = (stem: string): boolean => measure(stem) > 0;
const longer = (stem: string): boolean => measure(stem) > 1;

const plurals: Rule[] = [
  ['sses', 'ss'],
  ['ies', 'i'],
  ['ss', 'ss'],
  ['s', ''],
];

const doubles: Rule[] = [
  ['ational', 'ate', long],
  ['tional', 'tion', long],
  ['enci', 'ence', long],
  ['anci', 'ance', long],
  ['izer', 'ize', long],
  ['bli', 'ble', long],
  ['alli', 'al', long],
  ['entli', 'ent', long],
  ['eli', 'e', long],
  ['ousli', 'ous', long],
  ['ization', 'ize', long],
  ['ation', 'ate', long],
  ['ator', 'ate', long],
  ['alism', 'al', long],
  ['iveness', 'ive', long],
  ['fulness', 'ful', long],
  ['ousness', 'ous', long],
  ['aliti', 'al', long],
  ['iviti', 'ive', long],
  ['biliti', 'ble', long],
  ['fulli', 'ful', long],
  ['logi', 'log', (stem) => long(`${stem}l`)], // so that geo- and theo- are long enough
];

const endings: Rule[] = [
  ['icate', 'ic', long],
  ['ative', '', long],
  ['alize', 'al', long],
  ['iciti', 'ic', long],
  ['ical', 'ic', long],
  ['ful', '', long],
  ['ness', '', long],
];

const suffixes: Rule[] = [
  ...['al', 'ance', 'ence', 'er', 'ic', 'able', 'ible', 'ant', 'ement', 'ment', 'ent'].map(removed),
  ['ion', '', (stem) => longer(stem) && /[st]$/.test(stem)],
  ...['ou', 'ism', 'ate', 'iti', 'ous', 'ive', 'ize'].map(removed),
];

function removed(ending: string): Rule {
  return [ending, '', longer];
}

/** The stem of a lower-case word. */
export function stem(word: string): string {
  if (Object.hasOwn(irregular, word)) return irregular[word] as string;
  if (word.length <= 2) return word;
  let stem = word.length === 4 && word.endsWith('ies') ? word.slice(0, -1) : apply(word, plurals);
  stem = pastForms(stem);
  if (stem.endsWith('y') && stem.length > 2 && consonants(stem)[stem.length - 2]) stem = `${stem.slice(0, -1)}i`;
  // NLTK takes -alli off first, and goes through the rules once more.
  while (stem.endsWith('alli') && long(stem.slice(0, -4))) stem = stem.slice(0, -2);
  stem = apply(apply(apply(stem, doubles), endings), suffixes);
  if (stem.endsWith('e')) {
    const rest = stem.slice(0, -1);
    const m = measure(rest);
    if (m > 1 || (m === 1 && !endsShort(rest))) stem = rest;
  }
  return stem.endsWith('ll') && measure(stem.slice(0, -1)) > 1 ? stem.slice(0, -1) : stem;
}

/** -eed, -ed and -ing. */
function pastForms(word: string): string {
  if (word.endsWith('ied')) return word.length === 4 ? word.slice(0, -1) : word.slice(0, -2);
  if (word.endsWith('eed')) return long(word.slice(0, -3)) ? word.slice(0, -1) : word;
  const ending = ['ed', 'ing'].find(
    (each) => word.endsWith(each) && !consonants(word.slice(0, -each.length)).every(Boolean),
  );
  if (ending === undefined) return word;
  const stem = word.slice(0, -ending.length);
  if (/(at|bl|iz)$/.test(stem)) return `${stem}e`;
  const flags = consonants(stem);
  if (stem.length >= 2 && stem.at(-1) === stem.at(-2) && flags.at(-1) === true)
    return /[lsz]$/.test(stem) ? stem : stem.slice(0, -1);
  return measure(stem) === 1 && endsShort(stem) ? `${stem}e` : stem;
}

function apply(word: string, rules: readonly Rule[]): string {
  const rule = rules.find(([ending]) => word.endsWith(ending));
  if (rule === undefined) return word;
  const [ending, becomes, when] = rule;
  const stem = word.slice(0, word.length - ending.length);
  return when === undefined || when(stem) ? stem + becomes : word;
}

/** For each letter whether it is a consonant; a y is one at the beginning and after a vowel. */
function consonants(word: string): boolean[] {
  const flags: boolean[] = [];
  for (const letter of word) flags.push(letter === 'y' ? !(flags.at(-1) ?? false) : !'aeiou'.includes(letter));
  return flags;
}

/** How often a consonant follows a vowel. */
function measure(stem: string): number {
  const flags = consonants(stem);
  return flags.filter((flag, i) => flag && flags[i - 1] === false).length;
}

/** Consonant, vowel, consonant that is not w, x or y; or, of two letters, vowel and consonant. */
function endsShort(word: string): boolean {
  const flags = consonants(word);
  const [third, second, last] = [flags.at(-3), flags.at(-2), flags.at(-1)];
  if (second !== false || last !== true) return false;
  return word.length === 2 || (third === true && !/[wxy]$/.test(word));
}
