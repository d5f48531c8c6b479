// The field in which a node's or a group's name is edited: Enter takes it, Escape leaves it.
import { useLayoutEffect, useRef } from 'react';
import { useWords } from '../words/index.ts';
import { rename } from './gestures.ts';
import { useCanvas, view } from './state.ts';

export function RenameField({ path, title, inline }: { path: string; title: string; inline: boolean }) {
  const t = useWords();
  return (
    <NameField
      label={t(inline ? 'canvas.rename.inline' : 'canvas.rename')}
      value={title}
      take={(name) => rename(path, name)}
    />
  );
}

export function NameField(props: { label: string; value: string; take: (value: string) => void }) {
  const { label, value, take } = props;
  const field = useRef<HTMLInputElement>(null);
  // Leaving by a key also takes the focus away, which is not to count as well.
  const done = useRef(false);
  useLayoutEffect(() => field.current?.select(), []);
  const end = (name: string | null) => {
    if (done.current) return;
    done.current = true;
    if (name === null || name === value) useCanvas.setState({ renaming: null });
    else take(name);
  };
  /** By a key, which leaves the keyboard on the canvas: the node itself may be drawn anew under its new name. */
  const endByKey = (name: string | null) => {
    end(name);
    view.element?.querySelector<HTMLElement>('.react-flow')?.focus({ preventScroll: true });
  };
  return (
    <input
      ref={field}
      className="canvas-rename nodrag nopan"
      aria-label={label}
      defaultValue={value}
      spellCheck={false}
      onBlur={(event) => end(event.currentTarget.value.trim())}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.nativeEvent.isComposing) return;
        if (event.key === 'Enter') endByKey(event.currentTarget.value.trim());
        if (event.key === 'Escape') endByKey(null);
      }}
      onDoubleClick={(event) => event.stopPropagation()}
    />
  );
}
