// English endings that follow rules: from a word to its base form and back, so that a synonym can stand in the same form. Words
// that do not follow them are refused, not guessed.

export type Form = 'base' | 'plural' | 'third' | 'past' | 'ing' | 'comparative' | 'superlative';
export type Speech = 'noun' | 'verb' | 'adjective' | 'adverb';

/** Verbs whose past is not made with -ed, and nouns whose plural is not made with -s (Huddleston & Pullum 2002, chapter 18). */
const irregular: Record<'noun' | 'verb', ReadonlySet<string>> = {
  verb: new Set(
    `arise awake be bear beat become begin bend bet bid bind bite bleed blow break breed bring build burst buy can cast catch choose cling
come cost creep cut deal dig do draw drink drive eat fall feed feel fight find flee fling fly forbid forecast foresee forget forgive
forsake freeze get give go grind grow hang have hear hide hit hold hurt keep know lay lead leave lend let lie lose make may mean meet
mistake must overcome overtake partake pay prove put quit read rend rid ride ring rise run say see seek sell send set shake shall shed
shine shoot show shrink shut sing sink sit slay sleep slide sling slink slit sow speak speed spend spin spit split spread spring stand
steal stick sting stink strew stride strike string strive swear sweep swell swim swing take teach tear tell think throw thrust tread
undergo understand undertake undo uphold upset wake wear weave weep will win wind withdraw withhold withstand wring write`.split(
      /\s+/,
    ),
  ),
  noun: new Set(
    `aircraft analysis axis basis bison calf cattle child cod corps crisis datum deer die dozen elf fish foot goose half hoof hypothesis knife
leaf life loaf louse man medium mouse news ox people person phenomenon police salmon scarf self series sheep shelf species swine thesis
thief tooth trout wife wolf woman`.split(/\s+/),
  ),
};
/** Longer verbs that double their last letter, being stressed at the end. */
const doubling = new Set(
  `abet abhor acquit admit allot annul commit compel concur confer control defer deter dispel equip excel expel incur infer occur omit
patrol permit prefer propel rebel recur refer regret remit repel submit transfer transmit`.split(/\s+/),
);

const doubles = (word: string) => doubling.has(word) || /^(?:qu|[^aeiou])*[aeiou][^aeiouwxy]$/.test(word);

/**
 * A base form in another form. Of several words, a verb is its first and a noun its last.
 * @returns null where the word does not follow the rules
 */
export function inflect(base: string, speech: Speech, form: Form): string | null {
  if (form === 'base') return base;
  if (speech === 'verb' && base.includes(' ')) {
    const [first = '', ...rest] = base.split(' ');
    const changed = inflect(first, speech, form);
    return changed && [changed, ...rest].join(' ');
  }
  const last = base.split(/[ -]/).at(-1) as string;
  if (!/^[a-z]{2,}$/.test(last)) return null;
  if (speech === 'noun' && (irregular.noun.has(last) || /(?:men|s|[^aeiou]man)$/.test(last))) return null;
  if (speech === 'verb' && irregular.verb.has(last)) return null;
  const y = /[^aeiou]y$/.test(base);
  switch (form) {
    case 'plural':
    case 'third':
      if (y) return `${base.slice(0, -1)}ies`;
      if (/[^aeiou]o$/.test(base)) return form === 'third' ? `${base}es` : null; // potatoes, but pianos
      return /(?:s|x|z|ch|sh)$/.test(base) ? `${base}es` : `${base}s`;
    case 'past':
      if (y) return `${base.slice(0, -1)}ied`;
      if (base.endsWith('e')) return `${base}d`;
      return doubles(base) ? `${base}${base.at(-1)}ed` : `${base}ed`;
    case 'ing':
      if (base.endsWith('ie')) return `${base.slice(0, -2)}ying`;
      if (/[^aeioy]e$/.test(base)) return `${base.slice(0, -1)}ing`;
      return doubles(base) ? `${base}${base.at(-1)}ing` : `${base}ing`;
    case 'comparative':
    case 'superlative': {
      if (
        base.length > 6 ||
        /[ -]/.test(base) ||
        ['good', 'bad', 'well', 'far', 'little', 'many', 'much'].includes(base)
      )
        return null;
      const ending = form === 'comparative' ? 'er' : 'est';
      if (y) return `${base.slice(0, -1)}i${ending}`;
      if (base.endsWith('e')) return `${base}${ending.slice(1)}`;
      return doubles(base) ? `${base}${base.at(-1)}${ending}` : `${base}${ending}`;
    }
  }
}

const endings: [Speech, Form, RegExp, string[]][] = [
  ['noun', 'plural', /s$/, ['']],
  ['noun', 'plural', /es$/, ['']],
  ['noun', 'plural', /ies$/, ['y']],
  ['verb', 'third', /s$/, ['']],
  ['verb', 'third', /es$/, ['']],
  ['verb', 'third', /ies$/, ['y']],
  ['verb', 'past', /ed$/, ['', 'e']],
  ['verb', 'past', /ied$/, ['y']],
  ['verb', 'ing', /ing$/, ['', 'e']],
  ['verb', 'ing', /ying$/, ['ie']],
  ['adjective', 'comparative', /er$/, ['', 'e']],
  ['adjective', 'comparative', /ier$/, ['y']],
  ['adjective', 'superlative', /est$/, ['', 'e']],
  ['adjective', 'superlative', /iest$/, ['y']],
];

/** What a word in lower case may be a form of, by the rules: each base with the part of speech that goes with it. Itself first. */
export function bases(word: string): { base: string; speech: Speech; form: Form }[] {
  const found: { base: string; speech: Speech; form: Form }[] = (['noun', 'verb', 'adjective', 'adverb'] as const).map(
    (speech) => ({ base: word, speech, form: 'base' }),
  );
  for (const [speech, form, ending, instead] of endings) {
    if (!ending.test(word)) continue;
    const stem = word.replace(ending, '');
    const candidates = instead.map((tail) => stem + tail);
    if (/([bdgklmnprt])\1$/.test(stem)) candidates.push(stem.slice(0, -1));
    for (const base of candidates) if (inflect(base, speech, form) === word) found.push({ base, speech, form });
  }
  return found;
}
