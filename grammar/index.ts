// The Dsk language: text to tree and back, edits, formatting, diagnostics. Knows no node kind.
export { type SyntaxCode, syntaxCodes } from './codes.ts';
export * from './diagnostic.ts';
export * from './edit.ts';
export { type Formatted, format } from './format.ts';
export { type Parsed, parse } from './parse.ts';
export * from './print.ts';
export * from './tree.ts';
export { isName, isReserved, isWord, LANGUAGE_VERSION } from './words.ts';
