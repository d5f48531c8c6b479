// Asks what becomes of changes that are not in the file, where they are not saved by themselves or cannot be.
import { AlertDialog } from 'radix-ui';
import { useDocument } from '../document/document.ts';
import { useWords } from '../words/index.ts';
import { useDialogs } from './dialogs.ts';
import { useFocusBack } from './focus-back.ts';

export function LeavingDialog() {
  const t = useWords();
  const answer = useDialogs((state) => state.leaving);
  const file = useDocument((state) => state.file);
  const focus = useFocusBack();
  return (
    <AlertDialog.Root open={answer !== null} onOpenChange={(open) => !open && answer?.('stay')}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="dialog-back" />
        <AlertDialog.Content className="dialog" {...focus}>
          <AlertDialog.Title asChild>
            <h2>{t('leaving.title', { name: file?.name ?? '' })}</h2>
          </AlertDialog.Title>
          <AlertDialog.Description>{t(file?.writable ? 'leaving.body' : 'leaving.readonly')}</AlertDialog.Description>
          <div className="dialog-buttons">
            <AlertDialog.Cancel className="button">{t('app.cancel')}</AlertDialog.Cancel>
            <AlertDialog.Action className="button" onClick={() => answer?.('drop')}>
              {t('leaving.drop')}
            </AlertDialog.Action>
            {file?.writable && (
              <AlertDialog.Action className="button primary" onClick={() => answer?.('save')}>
                {t('command.save')}
              </AlertDialog.Action>
            )}
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
