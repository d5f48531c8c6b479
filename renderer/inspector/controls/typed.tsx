// A field of one line of typed text: Enter and leaving write what can be written, Escape goes back.
import type { InputHTMLAttributes, KeyboardEvent } from 'react';
import type { Typing } from '../drafts.ts';

/** Keys of a typed field; `more` sees the others. */
export function typingKeys(typing: Typing, lines = false) {
  return (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Enter' && (!lines || event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      typing.finish();
    } else if (event.key === 'Escape') {
      event.stopPropagation();
      typing.cancel();
    }
  };
}

export function TypedInput({
  typing,
  className = '',
  onKeyDown,
  ...rest
}: { typing: Typing } & Omit<InputHTMLAttributes<HTMLInputElement>, 'value' | 'onChange'>) {
  const keys = typingKeys(typing);
  return (
    <input
      {...rest}
      className={`field ${className}`}
      value={typing.shown}
      spellCheck={false}
      autoComplete="off"
      aria-invalid={typing.fault !== null || rest['aria-invalid']}
      onChange={({ target }) => typing.type(target.value)}
      onBlur={typing.finish}
      onKeyDown={(event) => {
        onKeyDown?.(event);
        if (!event.defaultPrevented) keys(event);
      }}
    />
  );
}

export function Fault({ text }: { text: string | null }) {
  return text === null ? null : (
    <p className="inspector-fault" role="alert">
      {text.replaceAll('`', '')}
    </p>
  );
}
