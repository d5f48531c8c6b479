// The language service: pure functions over a text and what checking says of it, for the editor's page and for an LSP.
export { type Completion, complete, type Item, type ItemKind } from './complete.ts';
export { definition, references } from './definition.ts';
export { exampleArguments } from './example.ts';
export { fixes } from './fixes.ts';
export { type Fold, folds } from './fold.ts';
export { type Highlight, type HighlightType, highlight } from './highlight.ts';
export { type Hover, hover } from './hover.ts';
export { nodeAt, statementAt } from './node-at.ts';
export { prepareRename, rename } from './rename.ts';
export { headings, titleOf } from './sections.ts';
export { type Signature, signature } from './signature.ts';
export { type Symbol, symbols } from './symbols.ts';
