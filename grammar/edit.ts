// The edits of a graph as text edits; see edit/edit.ts.
export * from './edit/edit.ts';
export type { EditCode } from './edit/source.ts';
