// Keys that mean something only while the canvas has the focus: Tab searches, arrows move, Alt with arrows walks along wires.
import { select, useDocument } from '../document/document.ts';
import { grid } from './geometry.ts';
import { nudge, walk } from './gestures.ts';
import { openSearch } from './open-search.ts';
import { useFlow } from './state.ts';
import { refreshEdges } from './sync.ts';

const arrows = {
  ArrowLeft: { x: -1, y: 0, way: 'left' },
  ArrowRight: { x: 1, y: 0, way: 'right' },
  ArrowUp: { x: 0, y: -1, way: 'up' },
  ArrowDown: { x: 0, y: 1, way: 'down' },
} as const;

/** After Escape, Tab goes on to the next part of the page, so that nobody is caught in the canvas. */
let leaving = false;

export function handleKeys(event: React.KeyboardEvent): void {
  const target = event.target as HTMLElement;
  if (event.nativeEvent.isComposing || /^(INPUT|TEXTAREA|BUTTON)$/.test(target.tagName)) return;
  const { key, altKey, shiftKey, ctrlKey, metaKey } = event;
  if (ctrlKey || metaKey) return;
  const arrow = key in arrows ? arrows[key as keyof typeof arrows] : null;
  if (arrow && altKey) walk(arrow.way);
  else if (arrow && useDocument.getState().selection.length > 0) {
    const step = grid * (shiftKey ? 4 : 1);
    nudge(arrow.x * step, arrow.y * step);
  } else if (key === 'Tab' && !shiftKey && !altKey && !leaving) openSearch();
  else if (key === 'Escape') {
    leaving = true;
    select([], 'canvas');
    useFlow.setState({ picked: [] });
    refreshEdges();
    return;
  } else if ((key === ' ' || key === 'Enter') && target.classList.contains('react-flow__node')) {
    const path = target.dataset.id;
    const { selection } = useDocument.getState();
    // Enter on what is selected already is a command of its own.
    if (path === undefined || selection.includes(path)) return;
    select([path], 'canvas');
  } else {
    if (key !== 'Tab' && key !== 'Shift') leaving = false;
    return;
  }
  leaving = false;
  event.preventDefault();
  event.stopPropagation();
}
