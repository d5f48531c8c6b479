// A dialog for the note of a node: its documentation, the `##` lines above the statement.
import { Dialog } from 'radix-ui';
import { useState } from 'react';
import { useWords } from '../words/index.ts';
import { setNote } from './gestures.ts';
import { useCanvas, useFlow } from './state.ts';

export function NoteDialog() {
  const path = useCanvas((state) => state.noting);
  if (path === null) return null;
  return <NoteForm key={path} path={path} />;
}

function NoteForm({ path }: { path: string }) {
  const t = useWords();
  const [text, setText] = useState(useFlow.getState().scene.byPath.get(path)?.documentation ?? '');
  const close = () => useCanvas.setState({ noting: null });
  return (
    <Dialog.Root open onOpenChange={close}>
      <Dialog.Portal>
        <Dialog.Overlay className="dialog-back" />
        <Dialog.Content className="dialog" aria-describedby={undefined}>
          <Dialog.Title>{t('canvas.note.title', { node: path })}</Dialog.Title>
          <textarea
            className="field canvas-note-field"
            rows={5}
            value={text}
            aria-label={t('canvas.note.title', { node: path })}
            placeholder={t('canvas.note.hint')}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) setNote(path, text);
            }}
          />
          <div className="dialog-buttons">
            <button type="button" className="button" onClick={close}>
              {t('app.cancel')}
            </button>
            <button type="button" className="button primary" onClick={() => setNote(path, text)}>
              {t('app.ok')}
            </button>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
