// What can be done in the text, for menus and the search over commands. In the text itself the keys are the editor's.
import { startCompletion } from '@codemirror/autocomplete';
import { toggleComment } from '@codemirror/commands';
import { foldAll, unfoldAll } from '@codemirror/language';
import { nextDiagnostic } from '@codemirror/lint';
import { openSearchPanel } from '@codemirror/search';
import type { EditorView } from '@codemirror/view';
import type { Command } from '../app/command.ts';
import { notify } from '../app/notices.tsx';
import { type Key, t } from '../words/index.ts';
import { openFixes } from './fixes.ts';
import { openDefinition, openReferences, openRename } from './navigate.ts';
import { editor } from './view.ts';

/** A command of the open editor. Its keys are shown here and heard there. */
function command(id: string, title: Key, keys: string | null, run: (view: EditorView) => boolean): Command {
  return {
    id,
    title,
    ...(keys !== null && { keys: [keys] }),
    scope: 'outside-text',
    enabled: () => editor() !== null,
    run: () => {
      const view = editor();
      view?.focus();
      if (view) run(view);
    },
  };
}

export const textCommands: readonly Command[] = [
  command('text.find', 'text.find', 'Mod+F', openSearchPanel),
  command('text.complete', 'text.complete', null, startCompletion),
  command('text.fixes', 'text.fixes', 'Mod+.', (view) => {
    if (!openFixes(view)) notify({ kind: 'info', text: t('text.nofixes') });
    return true;
  }),
  command('text.problem.next', 'text.problem.next', 'F8', nextDiagnostic),
  command('text.definition', 'text.definition', 'F12', openDefinition),
  command('text.references', 'text.references', 'Shift+F12', openReferences),
  command('text.rename', 'text.rename', null, openRename),
  command('text.comment', 'text.comment', 'Mod+/', toggleComment),
  command('text.fold.all', 'text.fold.all', null, foldAll),
  command('text.unfold.all', 'text.unfold.all', null, unfoldAll),
];
