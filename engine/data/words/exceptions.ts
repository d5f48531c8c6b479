// English words that are split, or kept whole, against the general rules of english.ts: contractions, abbreviations, emoticons.
// They follow spaCy 3's English exceptions (MIT), which datatrove's filters count words by.

/** Word -> its parts. Each apostrophe may be a typographic one as well. */
export function exceptions(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const put = (...parts: string[]) => {
    found.set(parts.join(''), parts);
    found.set(
      parts.join('').replaceAll("'", '’'),
      parts.map((part) => part.replaceAll("'", '’')),
    );
  };
  for (const parts of contractions()) put(...parts);
  for (const word of [...wholes, ...emoticons()]) put(word);
  for (const word of plainWords) found.delete(word);
  return found;
}

/** Words that a contraction without its apostrophe looks like. */
const plainWords = 'Ill ill Its its Hell hell Shell shell Shed shed were Were Well well Whore whore'.split(' ');

const title = (word: string) => (word[0] as string).toUpperCase() + word.slice(1);

/** Both cases of the words, before each ending, and the ending once more without its apostrophe. */
function* joined(words: string, endings: string[][]): Generator<string[]> {
  for (const word of words.split(' ').flatMap((each) => [each, title(each)])) {
    for (const ending of endings) {
      yield [word, ...ending];
      yield [word, ...ending.map((part) => part.replace("'", ''))];
    }
  }
}

const will = [["'ll"], ["'ll", "'ve"], ["'d"], ["'d", "'ve"]];
const asking = 'who what when where why how there';

function* contractions(): Generator<string[]> {
  yield* joined('i', [["'m"], ["'m", 'a']]);
  yield* joined('i you he she it we they', will);
  yield* joined('i you we they', [["'ve"]]);
  yield* joined('you we they', [["'re"]]);
  yield* joined('he she it', [["'s"]]);
  yield* joined(`${asking} that this these those`, will);
  yield* joined(`${asking} that this`, [["'s"]]);
  yield* joined(`${asking} these those`, [["'re"], ["'ve"]]);
  const not = 'ca could do does did had may might must need ought sha should wo would';
  yield* joined(not, [["n't"], ["n't", "'ve"]]);
  yield* joined('ai are is was were have has dare', [["n't"]]);
  yield* joined('could might must should would not', [["'ve"]]);
  for (const hour of Array.from({ length: 12 }, (_, i) => String(i + 1))) {
    for (const half of ['a.m.', 'am', 'p.m.', 'pm']) yield [hour, half];
  }
  for (const [first, second] of ['can not', 'gon na', 'got ta', "let 's", "c'm on"].map((pair) => pair.split(' '))) {
    yield [first as string, second as string];
    yield [title(first as string), second as string];
  }
  yield ["y'", 'all'];
  yield ['y', 'all'];
  yield ['how', "'d", "'y"];
  yield ['How', "'d", "'y"];
}

const months = 'Jan. Feb. Mar. Apr. Jun. Jul. Aug. Sep. Sept. Oct. Nov. Dec.';
const states = `Ak. Ala. Ariz. Ark. Calif. Colo. Conn. Del. Fla. Ga. Ia. Id. Ill. Ind. Kan. Kans. Ky. La. Mass. Md. Mich.
  Minn. Miss. Mo. Mont. N.C. N.D. N.H. N.J. N.M. N.Y. Neb. Nebr. Nev. Okla. Ore. Pa. S.C. Tenn. Va. Wash. Wis. D.C.`;
const titles = 'Adm. Dr. Gen. Gov. Jr. Messrs. Mr. Mrs. Ms. Ph.D. Prof. Rep. Rev. Sen. St. Mt.';
const short = `a.m. p.m. Bros. co. Co. Corp. Inc. Ltd. e.g. E.g. E.G. i.e. I.e. I.E. vs. v.s. and/or w/o C++ <space>`;
const clipped = `doin goin nothin nuthin ol somethin lovin havin`;
const apostrophes = `' '' \\") 'S 's ‘S ‘s 're 'd 'Cause 'cause 'cos 'Cos 'coz 'Coz 'cuz 'Cuz 'bout 'em em 'll ll 'nuff nuff
  ma'am Ma'am o'clock O'clock`;

const wholes = [
  ...[months, states, titles, short, apostrophes].flatMap((list) => list.split(/\s+/)),
  ...clipped.split(' ').flatMap((word) => [word, `${word}'`, title(word), `${title(word)}'`]),
  ...[...'abcdefghijklmnopqrstuvwxyzäöü'].map((letter) => `${letter}.`),
  '\\t',
  '\\n',
  '—',
];

function emoticons(): string[] {
  const mouths = ') )) ))) ( (( ((( * / 0 3 > D O P X ] o p x | }'.split(' ');
  const faces = `(: (-: (; (-; (o: :o) ): )-: :1 :() =) (= =( =/ =3 =D =[ =] =| ]= [: [-: [= 8) 8-) (-8 8D 8-D ;) ;-) ;D ;-D
    ;_; :'( :') :'-( :'-) >:( >:o xD xDD XD XDD <3 <33 <333 </3 ><(((*> @_@ ^_^ ^__^ ^___^ -_- -__- ._. >.< >.> <.< v.v V.V
    v_v V_V (*_*) (-_-) (._.) (>_<) (^_^) (¬_¬) (ಠ_ಠ) ಠ_ಠ ಠ︵ಠ (╯°□°）╯︵┻━┻ ¯\\(ツ)/¯`;
  const staring = ['o', 'O', '0'].flatMap((left) =>
    ['o', 'O', '0'].flatMap((right) => [`${left}_${right}`, `${left}.${right}`]),
  );
  return [
    ...mouths.flatMap((mouth) => [`:${mouth}`, `:-${mouth}`]),
    ...faces.split(/\s+/),
    ...staring.filter((face) => face !== 'O_0' && face !== 'O.0'),
  ];
}
