// Dialogs that no button of theirs opened: the keyboard goes back to where it was. Their last focus is noted as they open.
import { useRef } from 'react';

/** For a dialog's content. Radix by itself gives the focus to the dialog's trigger only. */
export function useFocusBack(): { onOpenAutoFocus: () => void; onCloseAutoFocus: (event: Event) => void } {
  const before = useRef<Element | null>(null);
  return {
    onOpenAutoFocus() {
      before.current = document.activeElement;
    },
    onCloseAutoFocus(event) {
      const element = before.current;
      if (!(element instanceof HTMLElement) || !element.isConnected) return;
      event.preventDefault();
      element.focus({ preventScroll: true });
    },
  };
}
