// The language service: pure functions over a text and what checking says of it, for the editor's page and for an LSP.
export { type Completion, complete, type Item, type ItemKind } from './complete.ts';
export { nodeAt, statementAt } from './node-at.ts';
export { type Hover, hover } from './hover.ts';
