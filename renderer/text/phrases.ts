// CodeMirror's own texts, and the name of the field, in the language of the interface.
import { Compartment, EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { type Key, t, useLanguage } from '../words/index.ts';

const words: { readonly [phrase: string]: Key } = {
  Find: 'text.search.find',
  Replace: 'text.search.with',
  next: 'text.search.next',
  previous: 'text.search.previous',
  all: 'text.search.all',
  'match case': 'text.search.case',
  'by word': 'text.search.word',
  regexp: 'text.search.regexp',
  replace: 'text.search.replace',
  'replace all': 'text.search.replace.all',
  close: 'app.close',
  'current match': 'text.search.current',
  'replaced $ matches': 'text.search.replaced',
  'replaced match on line $': 'text.search.replaced.line',
  'on line': 'text.search.line',
  'Go to line': 'text.line',
  go: 'text.line.go',
  Diagnostics: 'app.problems',
  'No diagnostics': 'text.problems.none',
  Completions: 'text.completions',
  'Fold line': 'text.fold',
  'Unfold line': 'text.unfold',
  'folded code': 'text.folded',
  unfold: 'text.unfold',
  'Control character': 'text.control',
  'Selection deleted': 'text.deleted',
};

const place = new Compartment();

function translated() {
  return [
    EditorState.phrases.of(Object.fromEntries(Object.entries(words).map(([phrase, key]) => [phrase, t(key)]))),
    EditorView.contentAttributes.of({ 'aria-label': t('text.title') }),
  ];
}

export const phrases = () => place.of(translated());

/** Keeps the language until the returned function is called. */
export function followLanguage(view: EditorView): () => void {
  return useLanguage.subscribe(() => view.dispatch({ effects: place.reconfigure(translated()) }));
}
