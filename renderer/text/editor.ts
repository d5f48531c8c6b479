// The editor: CodeMirror with the language's own parts. Undo and redo are the store's.
import { closeBrackets, closeBracketsKeymap } from '@codemirror/autocomplete';
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
import { completing } from './complete.ts';
import { lineEnds } from './ends.ts';
import { openFixes } from './fixes.ts';
import { formatOrSay } from './format.ts';
import { hovering } from './hover.ts';
import { indented } from './indent.ts';
import { followSelection, selecting, selectionMarks } from './mark.ts';
import { popups } from './menu.ts';
import { navigating } from './navigate.ts';
import { outlined, outlineRead } from './outline.ts';
import { followLanguage, phrases } from './phrases.ts';
import { followProblems, problems } from './problems.ts';
import { signing } from './signature.ts';
import { follow, toStore } from './sync.ts';
import { theme } from './theme.ts';
import { wrapped } from './wrap.ts';

const history: readonly KeyBinding[] = [
  { key: 'Mod-z', run: () => (undo(), true), preventDefault: true },
  { key: 'Mod-Shift-z', run: () => (redo(), true), preventDefault: true },
  { key: 'Mod-y', run: () => (redo(), true), preventDefault: true },
];

const language = EditorState.languageData.of(() => [
  { commentTokens: { line: '#' }, closeBrackets: { brackets: ['(', '[', '"'] }, indentOnInput: /^\s*[)\]}]$/ },
]);

const keys: readonly KeyBinding[] = [
  { key: 'Mod-/', run: toggleComment },
  { key: 'Mod-.', run: openFixes },
  { key: 'Shift-Alt-f', run: () => (formatOrSay(), true) },
];

/** Keys of the whole page that CodeMirror would take: running the graph, the inspector. */
const frames: ReadonlySet<string> = new Set(['Mod-Enter', 'Mod-i']);

function extensions(): Extension {
  return [
    phrases(),
    completing,
    Prec.high(keymap.of([...history, ...keys])),
    hovering,
    popups,
    navigating,
    signing,
    language,
    lineEnds,
    wrapped,
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
    search({ top: true }),
    keymap.of([
      ...closeBracketsKeymap,
      ...searchKeymap,
      ...foldKeymap,
      ...lintKeymap,
      indentWithTab,
      ...defaultKeymap.filter(({ key }) => !frames.has(key ?? '')),
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
export function openEditor(parent: HTMLElement): { view: EditorView; close: () => void } {
  const view = new EditorView({
    parent,
    state: EditorState.create({ doc: useDocument.getState().text, extensions: extensions() }),
  });
  const ends = [follow(view), followProblems(view), followSelection(view), followLanguage(view)];
  return {
    view,
    close: () => {
      for (const end of ends) end();
      view.destroy();
    },
  };
}
