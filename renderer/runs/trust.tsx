// Asks once before the graphs of a folder are run.
import { Dialog } from 'radix-ui';
import { useFocusBack } from '../app/focus-back.ts';
import { useWords } from '../words/index.ts';
import { answerTrust } from './actions.ts';
import { attempt } from '../app/notices.tsx';
import { useRuns } from './state.ts';

export function TrustDialog() {
  const t = useWords();
  const focus = useFocusBack();
  const asking = useRuns((state) => state.asking);
  return (
    <Dialog.Root open={asking !== null} onOpenChange={(open) => !open && attempt(answerTrust(false))}>
      <Dialog.Portal>
        <Dialog.Overlay className="dialog-back" />
        <Dialog.Content className="dialog runs-trust" {...focus}>
          <Dialog.Title>{t('runs.trust.title')}</Dialog.Title>
          <Dialog.Description className="runs-trust-text">{t('runs.trust.body')}</Dialog.Description>
          <code className="runs-folder">{asking?.folder}</code>
          <ul className="runs-trust-list">
            <li>{t('runs.trust.reads')}</li>
            <li>{t('runs.trust.writes')}</li>
            <li>{t('runs.trust.computes')}</li>
          </ul>
          <p className="runs-quiet">{t('runs.trust.doubt')}</p>
          <div className="dialog-buttons">
            <button type="button" className="button" onClick={() => attempt(answerTrust(false))}>
              {t('app.cancel')}
            </button>
            <button type="button" className="button primary" autoFocus onClick={() => attempt(answerTrust(true))}>
              {t('runs.trust.yes')}
            </button>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
