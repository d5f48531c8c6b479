// The name of a node or param, changed in place: everywhere it is used.
import { useState } from 'react';
import type { Checked } from '../../engine/graph/graph.ts';
import { isName } from '../../grammar/index.ts';
import { change } from '../document/document.ts';
import { useWords } from '../words/index.ts';
import { Fault } from './controls/typed.tsx';

interface Props {
  name: string;
  checked: Checked;
  /** Whether the node keeps being selected under its new name. */
  select: boolean;
}

export function NameField({ name, checked, select }: Props) {
  const t = useWords();
  const [typed, setTyped] = useState<string | null>(null);
  const [refused, setRefused] = useState<string | null>(null);
  const fault = typed === null || typed === name ? null : (faultOf(typed, checked, t) ?? refused);
  const finish = () => {
    const wanted = typed?.trim();
    if (wanted === undefined || wanted === name) return setTyped(null);
    if (faultOf(wanted, checked, t) !== null) return;
    const error = change(
      { type: 'rename', from: name, to: wanted },
      { origin: 'inspector', label: 'undo.rename', ...(select && { select: [wanted] }) },
    );
    setRefused(error?.message ?? null);
    if (!error) setTyped(null);
  };
  return (
    <div className="inspector-rename">
      <input
        className="field inspector-rename-input"
        aria-label={t('inspector.name')}
        aria-invalid={fault !== null}
        title={name}
        value={typed ?? name}
        spellCheck={false}
        autoComplete="off"
        onChange={({ target }) => {
          setRefused(null);
          setTyped(target.value);
        }}
        onBlur={() => (fault === null ? finish() : setTyped(null))}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === 'Enter') finish();
          else if (event.key === 'Escape') {
            event.stopPropagation();
            setTyped(null);
          }
        }}
      />
      <Fault text={fault} />
    </div>
  );
}

function faultOf(typed: string, checked: Checked, t: ReturnType<typeof useWords>): string | null {
  const name = typed.trim();
  if (!isName(name)) return t('inspector.name.wrong');
  const taken = checked.document.statements.some((statement) => statement.name.text === name);
  return taken ? t('inspector.name.taken', { name }) : null;
}
