// Every code the language itself reports, one line each. Codes are stable: tools and people may search for them.
export const syntaxCodes = {
  'syntax-version-missing': 'the file does not open with the version of the language, `dsk 1`',
  'syntax-version': 'the version line is not `dsk` and a whole number, or stands twice or too late',
  'syntax-version-newer': 'the file asks for a newer version of the language than this program knows',
  'syntax-character': 'a character that the language does not use outside of text values and comments',
  'syntax-comment': 'a comment that does not start with `#`',
  'syntax-quotes': 'a text value in other quotes than "…"',
  'syntax-text-open': 'a text value without its closing quote',
  'syntax-escape': 'a backslash sequence in a text value that stands for nothing',
  'syntax-number': 'something that starts like a number and is none',
  'syntax-statement': 'a line that is no statement',
  'syntax-name': 'a name is missing, or something stands where only a name can',
  'syntax-reserved': 'a word of the language used as a name',
  'syntax-later': 'a part of the language that comes in a later version: `def`, `import`',
  'syntax-value': 'a value is missing',
  'syntax-line-break': 'a statement goes on in the next line where it cannot',
  'syntax-comma': 'a comma is missing or too many',
  'syntax-colon': 'a parameter is not written as `name: value`',
  'syntax-bracket': 'a bracket is missing, too many, or of the wrong kind',
  'syntax-argument-duplicate': 'one argument name given twice in a call',
  'syntax-reference': 'a reference with more parts than `node.output`',
  'syntax-pipe': 'something else than a call after `|>`',
  'syntax-depth': 'calls or lists nested too deeply',
  'syntax-rest': 'something left over after the end of a statement or value',
  'syntax-internal': 'a fault of the parser itself: please report it',
} as const;

export type SyntaxCode = keyof typeof syntaxCodes;
