// What only the desktop app has: its menu, files that the system asks it to open, the window's title.
import { useDocument } from '../document/document.ts';
import { runCommand } from './commands.ts';
import { attempt } from './notices.tsx';
import { openFile, useSession } from './session.ts';

/** Connects the page to the window it is in; does nothing in a browser. */
export function startDesktop(): void {
  const desktop = window.dsk?.desktop;
  if (!desktop) return;
  desktop.onCommand(runCommand);
  desktop.onOpen((path) => attempt(openFile(path)));
  let shown = '';
  const show = () => {
    const path = useDocument.getState().file?.path ?? null;
    const edited = useSession.getState().state !== 'saved';
    const now = `${edited} ${path}`;
    if (now === shown) return;
    shown = now;
    void desktop.setDocument(path, edited);
  };
  useDocument.subscribe(show);
  useSession.subscribe(show);
}
