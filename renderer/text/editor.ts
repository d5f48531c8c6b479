// The editor: CodeMirror with the language's own parts. Undo and redo are the store's.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, indentWithTab, toggleComment } from '@codemirror/commands';
import { bracketMatching, codeFolding, foldGutter, foldKeymap, indentOnInput } from '@codemirror/language';
import { lintKeymap } from '@codemirror/lint';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { EditorState, type Extension, Prec } from '@codemirror/state';
import {
  crosshairCursor,
  drawSelection,
  dropCursor,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  type KeyBinding,
  keymap,
  lineNumbers,
  rectangularSelection,
} from '@codemirror/view';
import { redo, undo, useDocument } from '../document/document.ts';
import { colours } from './colours.ts';
import { lineEnds } from './ends.ts';
import { indented } from './indent.ts';
import { followSelection, selecting, selectionMarks } from './mark.ts';
import { outlined, outlineRead } from './outline.ts';
import { followProblems, problems } from './problems.ts';
import { follow, toStore } from './sync.ts';
import { theme } from './theme.ts';

const history: readonly KeyBinding[] = [
  { key: 'Mod-z', run: () => (undo(), true), preventDefault: true },
  { key: 'Mod-Shift-z', run: () => (redo(), true), preventDefault: true },
  { key: 'Mod-y', run: () => (redo(), true), preventDefault: true },
];

const language = EditorState.languageData.of(() => [
  { commentTokens: { line: '#' }, closeBrackets: { brackets: ['(', '[', '"'] }, indentOnInput: /^\s*[)\]}]$/ },
]);

/** Other parts put their own extensions before these. */
function extensions(more: Extension): Extension {
  return [
    more,
    Prec.high(keymap.of([...history, { key: 'Mod-/', run: toggleComment }])),
    language,
    lineEnds,
    lineNumbers(),
    highlightActiveLineGutter(),
    problems,
    codeFolding(),
    foldGutter({ foldingChanged: outlineRead }),
    drawSelection(),
    dropCursor(),
    EditorState.allowMultipleSelections.of(true),
    rectangularSelection(),
    crosshairCursor(),
    highlightActiveLine(),
    highlightSelectionMatches({ minSelectionLength: 2 }),
    bracketMatching(),
    closeBrackets(),
    indentOnInput(),
    indented,
    autocompletion({ icons: true }),
    search({ top: true }),
    keymap.of([
      ...closeBracketsKeymap,
      ...searchKeymap,
      ...foldKeymap,
      ...completionKeymap,
      ...lintKeymap,
      indentWithTab,
      ...defaultKeymap,
    ]),
    outlined,
    colours,
    selectionMarks,
    selecting(),
    toStore,
    theme,
  ];
}

/** An editor on the store's text; the returned function takes it away again. */
export function openEditor(parent: HTMLElement, more: Extension): { view: EditorView; close: () => void } {
  const view = new EditorView({
    parent,
    state: EditorState.create({ doc: useDocument.getState().text, extensions: extensions(more) }),
  });
  const ends = [follow(view), followProblems(view), followSelection(view)];
  return {
    view,
    close: () => {
      for (const end of ends) end();
      view.destroy();
    },
  };
}
