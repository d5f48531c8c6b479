// What is typed into fields and is no value yet: kept while the field is away, so that selecting another node loses nothing.
import { useEffect, useRef, useState } from 'react';
import { create } from 'zustand';

interface Draft {
  readonly text: string;
  /** What stood in the text meanwhile: a draft over something that has changed is dropped. */
  readonly over: string | null;
}

const useDrafts = create<{ readonly [id: string]: Draft | undefined }>()(() => ({}));

function setDraft(id: string, draft: Draft | undefined): void {
  useDrafts.setState({ [id]: draft });
}

export interface Typing {
  /** What the field shows. */
  readonly shown: string;
  readonly fault: string | null;
  readonly type: (text: string) => void;
  /** The field is left, or Enter was pressed: what can be written is. */
  readonly finish: () => void;
  /** Gives up what is being typed. */
  readonly cancel: () => void;
}

/** How typed text becomes a value: what to write, and why it should not be (yet). */
export type Read = (text: string) => { readonly source: string | null; readonly fault: string | null };

/**
 * A field's text between keyboard and document. What is right is written while it is typed; what is a value but wrong, when the
 * field is left; what is no value stays here.
 * @param over source text in the document, null where nothing is given
 * @param write writes source text; null takes what is given away. Returns why it cannot
 */
export function useTyping(
  id: string,
  over: string | null,
  plain: string,
  read: Read,
  write: (source: string | null) => string | null,
): Typing {
  const draft = useDrafts((state) => state[id]);
  const written = useRef<{ source: string | null } | null>(null);
  const begin = useRef<{ source: string | null } | null>(null);
  const [refusal, setRefusal] = useState<string | null>(null);

  // Undo, or an edit elsewhere, overtakes what is being typed here.
  useEffect(() => {
    if (draft && draft.over !== over && written.current?.source !== over) setDraft(id, undefined);
  }, [draft, over, id]);

  const reading = draft ? read(draft.text) : null;

  /** Whether it was written. */
  function put(source: string | null): boolean {
    written.current = { source };
    const refused = write(source);
    setRefusal(refused);
    return refused === null;
  }

  function type(text: string): void {
    begin.current ??= { source: over };
    setDraft(id, { text, over });
    const { source, fault } = read(text);
    // An empty field may be on its way to something else: it takes away what is given only when it is left.
    if (fault === null && source !== null && source !== over) put(source);
    else setRefusal(null);
  }

  function finish(): void {
    begin.current = null;
    if (!draft || !reading) return;
    const nothing = draft.text.trim() === '' && reading.fault !== null;
    const unread = reading.source === null && reading.fault !== null;
    if (unread && !nothing) return;
    if (nothing || reading.source === over || put(reading.source)) setDraft(id, undefined);
  }

  function cancel(): void {
    const before = begin.current;
    begin.current = null;
    setDraft(id, undefined);
    setRefusal(null);
    if (before && before.source !== over) put(before.source);
  }

  return { shown: draft?.text ?? plain, fault: draft ? (reading?.fault ?? refusal) : null, type, finish, cancel };
}

/** Shows text in a field without writing it, as while a number is dragged; null ends that. */
export function showDraft(id: string, text: string | null, over: string | null): void {
  setDraft(id, text === null ? undefined : { text, over });
}
