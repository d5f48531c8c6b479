// What is selected, as a form: the graph where nothing is, one node, or several.
import { Tooltip } from 'radix-ui';
import type { KeyboardEvent } from 'react';
import { matches } from '../app/command.ts';
import { diagnosticsOf, redo, undo, useDocument } from '../document/document.ts';
import { useWords } from '../words/index.ts';
import { GraphPanel } from './graph.tsx';
import { NodePanel } from './node.tsx';
import { SeveralPanel } from './several.tsx';
import { UnknownPanel } from './unknown.tsx';
import './inspector.css';
import '../text/text.css';

export function Inspector() {
  return (
    <Tooltip.Provider delayDuration={350} skipDelayDuration={200}>
      <div className="inspector" onKeyDown={steps}>
        <Panel />
      </div>
    </Tooltip.Provider>
  );
}

function Panel() {
  const t = useWords();
  const checked = useDocument((state) => state.checked);
  const selection = useDocument((state) => state.selection);
  const diagnostics = useDocument(diagnosticsOf);
  if (!checked) return null;
  const nodes = selection.flatMap((path) => checked.graph.byPath.get(path) ?? []);
  const [node] = nodes;
  if (node && nodes.length === 1) return <NodePanel key={node.path} {...{ node, checked, diagnostics }} />;
  if (nodes.length > 1) return <SeveralPanel {...{ nodes, checked, diagnostics }} />;
  const name = selection[0]?.split('.')[0];
  if (name === undefined) return <GraphPanel checked={checked} />;
  const statement = checked.document.statements.find((each) => each.name.text === name && each.type === 'node');
  if (statement) return <UnknownPanel key={name} {...{ statement, checked, diagnostics }} />;
  return <p className="inspector-quiet inspector-block">{t('inspector.gone', { name: selection[0] ?? '' })}</p>;
}

/** What is typed in a field is in the graph already: undo and redo are the graph's, not the field's. */
function steps(event: KeyboardEvent): void {
  const back = matches(event.nativeEvent, 'Mod+Z');
  const forth = matches(event.nativeEvent, 'Mod+Shift+Z') || matches(event.nativeEvent, 'Mod+Y');
  if (!back && !forth) return;
  event.preventDefault();
  if (back) undo();
  else redo();
}
