// The file was changed elsewhere in the places that were changed here: both texts side by side, and the choice.
import { unifiedMergeView } from '@codemirror/merge';
import { EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { AlertDialog } from 'radix-ui';
import { useCallback } from 'react';
import { useDocument } from '../document/document.ts';
import { useWords } from '../words/index.ts';
import { attempt } from './notices.tsx';
import { resolveConflict, useSession } from './session.ts';

export function ConflictDialog() {
  const t = useWords();
  const conflict = useSession((state) => state.conflict);
  const file = useDocument((state) => state.file);
  return (
    <AlertDialog.Root open={conflict !== null}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="dialog-back" />
        <AlertDialog.Content className="dialog conflict">
          <AlertDialog.Title asChild>
            <h2>{t('conflict.title')}</h2>
          </AlertDialog.Title>
          <AlertDialog.Description>{t('conflict.body', { name: file?.name ?? '' })}</AlertDialog.Description>
          {conflict && <Differences theirs={conflict.text} />}
          <div className="dialog-buttons">
            <AlertDialog.Cancel className="button" onClick={() => attempt(resolveConflict('theirs'))}>
              {t('conflict.theirs')}
            </AlertDialog.Cancel>
            <AlertDialog.Action className="button primary" onClick={() => attempt(resolveConflict('mine'))}>
              {t('conflict.mine')}
            </AlertDialog.Action>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}

/** What is here, with what the file has shown as the former text. */
function Differences({ theirs }: { theirs: string }) {
  const mine = useDocument((state) => state.text);
  const mount = useCallback(
    (parent: HTMLDivElement | null) => {
      if (!parent) return;
      const view = new EditorView({
        parent,
        state: EditorState.create({
          doc: mine,
          extensions: [
            EditorState.readOnly.of(true),
            unifiedMergeView({ original: theirs, mergeControls: false, collapseUnchanged: { margin: 2, minSize: 4 } }),
          ],
        }),
      });
      return () => view.destroy();
    },
    [mine, theirs],
  );
  return <div className="conflict-text" ref={mount} />;
}
