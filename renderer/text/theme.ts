// The editor's look, from the page's variables: one theme for light and dark.
import { EditorView } from '@codemirror/view';

const box = {
  border: '1px solid var(--line)',
  borderRadius: 'var(--radius-2)',
  backgroundColor: 'var(--raised)',
  color: 'var(--ink)',
  boxShadow: 'var(--shadow-3)',
};

export const theme = EditorView.theme({
  '&': { height: '100%', backgroundColor: 'var(--surface)', color: 'var(--ink)', fontSize: 'var(--text-3)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.6', overflow: 'auto' },
  '.cm-content': { padding: '8px 0', caretColor: 'var(--accent)' },
  '.cm-line': { padding: '0 16px 0 6px' },
  '.cm-cursor, .cm-dropCursor': { borderLeftColor: 'var(--accent)', borderLeftWidth: '2px' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'color-mix(in srgb, var(--accent) 22%, transparent)',
  },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--ink) 4%, transparent)' },
  '.cm-gutters': { backgroundColor: 'var(--surface)', color: 'var(--ink-3)', border: 'none', userSelect: 'none' },
  '.cm-activeLineGutter': { backgroundColor: 'transparent', color: 'var(--ink)' },
  '.cm-lineNumbers .cm-gutterElement': { minWidth: '30px', padding: '0 4px 0 2px', fontSize: 'var(--text-2)' },
  '.cm-foldGutter .cm-gutterElement': { width: '16px', padding: '0', color: 'var(--ink-3)', cursor: 'pointer' },
  '.cm-gutter-lint': { width: '16px' },
  '.cm-gutter-lint .cm-gutterElement': { padding: '0 2px', display: 'flex', alignItems: 'center' },
  '.cm-foldPlaceholder': {
    margin: '0 4px',
    padding: '0 6px',
    border: '1px solid var(--line)',
    borderRadius: 'var(--radius-1)',
    backgroundColor: 'var(--sunken)',
    color: 'var(--ink-2)',
  },
  '&.cm-focused .cm-matchingBracket': {
    backgroundColor: 'var(--accent-soft)',
    outline: '1px solid color-mix(in srgb, var(--accent) 45%, transparent)',
  },
  '&.cm-focused .cm-nonmatchingBracket': { backgroundColor: 'var(--bad-soft)' },
  '.cm-selectionMatch': { backgroundColor: 'color-mix(in srgb, var(--warn) 16%, transparent)' },
  '.cm-searchMatch': {
    backgroundColor: 'color-mix(in srgb, var(--warn) 28%, transparent)',
    outline: '1px solid color-mix(in srgb, var(--warn) 50%, transparent)',
  },
  '.cm-searchMatch.cm-searchMatch-selected': { backgroundColor: 'color-mix(in srgb, var(--warn) 55%, transparent)' },
  '.cm-specialChar': { color: 'var(--bad)' },
  '.cm-placeholder': { color: 'var(--ink-3)' },
  '.cm-tooltip': { ...box, zIndex: '950', fontSize: 'var(--text-2)' },
  '.cm-tooltip.cm-tooltip-hover': { overflow: 'hidden auto', maxWidth: 'min(520px, 90vw)', maxHeight: '60vh' },
  '.cm-panels': { backgroundColor: 'var(--surface)', color: 'var(--ink)', zIndex: '20' },
  '.cm-panels.cm-panels-top': { borderBottom: '1px solid var(--line)' },
  '.cm-panels.cm-panels-bottom': { borderTop: '1px solid var(--line)' },
  '.cm-lintRange-error': underline('var(--bad)'),
  '.cm-lintRange-warning': underline('var(--warn)'),
  '.cm-lintRange-info': underline('var(--accent)'),
  '.cm-lintRange-active': { backgroundColor: 'color-mix(in srgb, var(--bad) 10%, transparent)' },
  '.cm-lintPoint:after': { borderBottomColor: 'var(--bad)' },
  '.cm-diagnostic': { padding: '7px 10px', borderLeft: '3px solid var(--accent)', whiteSpace: 'normal' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--bad)' },
  '.cm-diagnostic-warning': { borderLeftColor: 'var(--warn)' },
  '.cm-diagnosticAction': {
    margin: '6px 6px 0 0',
    padding: '3px 9px',
    border: '1px solid var(--line)',
    borderRadius: 'var(--radius-1)',
    backgroundColor: 'var(--surface)',
    color: 'var(--ink)',
    font: '500 var(--text-2) var(--font)',
  },
  '.cm-diagnosticAction:hover': { backgroundColor: 'var(--hover)' },
  '.cm-lint-marker': { width: '12px', height: '12px' },
});

function underline(colour: string) {
  return {
    backgroundImage: 'none',
    textDecoration: `underline wavy ${colour} 1px`,
    textUnderlineOffset: '3px',
    textDecorationSkipInk: 'none',
  };
}
