// Picks a file or folder inside the graph's folder; what is picked is written relative to it, with `/`.
import { ArrowUp, File, Folder } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { useState } from 'react';
import { useFocusBack } from '../../app/focus-back.ts';
import { goInList } from '../../app/list-keys.ts';
import { useFolder } from '../../app/use-folder.ts';
import { useWords } from '../../words/index.ts';
import { relativePath, shownBytes } from '../paths.ts';

interface Props {
  /** The graph's folder, absolute. */
  root: string;
  pick: (path: string) => void;
  close: () => void;
}

export function BrowseDialog({ root, pick, close }: Props) {
  const t = useWords();
  const focus = useFocusBack();
  const [folder, setFolder] = useState(root);
  const { listed, fault } = useFolder(folder, []);
  const here = relativePath(root, folder) ?? '';
  const choose = (path: string) => {
    const inside = relativePath(root, path);
    if (inside !== null) pick(inside);
  };
  return (
    <Dialog.Root open onOpenChange={(open) => !open && close()}>
      <Dialog.Portal>
        <Dialog.Overlay className="dialog-back" />
        <Dialog.Content className="dialog inspector-browse" aria-describedby={undefined} {...focus}>
          <Dialog.Title>{t('inspector.browse.title')}</Dialog.Title>
          <div className="inspector-browse-bar">
            <button
              type="button"
              className="button icon"
              aria-label={t('inspector.browse.up')}
              title={t('inspector.browse.up')}
              disabled={here === '' || !listed?.parent}
              onClick={() => listed?.parent && setFolder(listed.parent)}
            >
              <ArrowUp size={14} />
            </button>
            <code className="inspector-browse-here">{here === '' ? './' : `${here}/`}</code>
          </div>
          <ul className="inspector-browse-list" aria-label={t('inspector.browse.title')} onKeyDown={goInList}>
            {listed?.entries.map((entry) => (
              <li key={entry.path}>
                <button
                  type="button"
                  className="inspector-browse-entry"
                  onClick={() => (entry.folder ? setFolder(entry.path) : choose(entry.path))}
                >
                  {entry.folder ? <Folder size={15} aria-hidden /> : <File size={15} aria-hidden />}
                  <span className="inspector-browse-name">{entry.name}</span>
                  {!entry.folder && <span className="inspector-browse-size">{shownBytes(entry.bytes)}</span>}
                </button>
              </li>
            ))}
            {listed?.entries.length === 0 && <li className="inspector-quiet">{t('inspector.browse.empty')}</li>}
            {fault !== null && <li className="inspector-fault">{fault}</li>}
          </ul>
          <div className="dialog-buttons">
            <button type="button" className="button" onClick={close}>
              {t('app.cancel')}
            </button>
            <button type="button" className="button" disabled={here === ''} onClick={() => choose(folder)}>
              {t('inspector.browse.folder')}
            </button>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
