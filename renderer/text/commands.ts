// What can be done in the text, for menus and the search over commands. The keys themselves are the editor's.
import { openSearchPanel } from '@codemirror/search';
import type { EditorView } from '@codemirror/view';
import type { Command } from '../app/command.ts';
import { editor } from './view.ts';

const within = (run: (view: EditorView) => void) => () => {
  const view = editor();
  if (!view) return;
  view.focus();
  run(view);
};
const shown = () => editor() !== null;

export const textCommands: readonly Command[] = [
  {
    id: 'text.find',
    title: 'text.find',
    keys: ['Mod+F'],
    scope: 'outside-text',
    enabled: shown,
    run: within(openSearchPanel),
  },
];
