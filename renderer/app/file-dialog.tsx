// Picking a graph in the browser: folders and `.dsk` files of the machine the host runs on.
import { ArrowUp, FileText, Folder } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { useEffect, useRef, useState } from 'react';
import { useDocument } from '../document/document.ts';
import { useWords } from '../words/index.ts';
import { useDialogs } from './dialogs.ts';
import { useFocusBack } from './focus-back.ts';
import { goInList } from './list-keys.ts';
import { attempt } from './notices.tsx';
import { openFile } from './session.ts';
import { useFolder } from './use-folder.ts';

export function FileDialog() {
  const t = useWords();
  const open = useDialogs((state) => state.files);
  const focus = useFocusBack();
  const setOpen = (files: boolean) => useDialogs.setState({ files });
  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Dialog.Portal>
        <Dialog.Overlay className="dialog-back" />
        <Dialog.Content className="dialog file-dialog" aria-describedby={undefined} {...focus}>
          <Dialog.Title asChild>
            <h2>{t('app.open.title')}</h2>
          </Dialog.Title>
          <Files
            pick={(path) => {
              setOpen(false);
              attempt(openFile(path));
            }}
          />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Files({ pick }: { pick: (path: string) => void }) {
  const t = useWords();
  const [folder, setFolder] = useState(useDocument.getState().file?.folder ?? null);
  const { listed: listing, fault } = useFolder(folder, ['.dsk']);
  // The keyboard goes into the list: to the folder that was left upwards, to the open file, or to the first entry.
  const list = useRef<HTMLUListElement>(null);
  const left = useRef(useDocument.getState().file?.path ?? null);
  useEffect(() => {
    if (!listing) return;
    const buttons = [...(list.current?.querySelectorAll('button') ?? [])];
    const at = listing.entries.findIndex(({ path }) => path === left.current);
    (buttons[at] ?? buttons[0])?.focus();
  }, [listing]);
  const go = (to: string) => {
    left.current = listing?.folder ?? null;
    setFolder(to);
  };
  return (
    <>
      <div className="file-dialog-place">
        <button
          type="button"
          className="button icon"
          aria-label={t('app.open.up')}
          disabled={!listing?.parent}
          onClick={() => listing?.parent && go(listing.parent)}
        >
          <ArrowUp size={15} />
        </button>
        <code>{listing?.folder}</code>
      </div>
      {fault !== null && <p role="alert">{fault}</p>}
      <ul
        ref={list}
        className="file-dialog-list"
        onKeyDown={(event) => {
          if (event.key === 'Backspace' && listing?.parent) go(listing.parent);
          else goInList(event);
        }}
      >
        {listing?.entries.map(({ name, path, folder }) => (
          <li key={path}>
            <button type="button" className="menu-item" onClick={() => (folder ? go(path) : pick(path))}>
              {folder ? <Folder size={15} aria-hidden /> : <FileText size={15} aria-hidden />}
              {name}
            </button>
          </li>
        ))}
        {listing?.entries.length === 0 && <li className="file-dialog-empty">{t('app.open.empty')}</li>}
      </ul>
      <div className="dialog-buttons">
        <Dialog.Close className="button">{t('app.cancel')}</Dialog.Close>
      </div>
    </>
  );
}
