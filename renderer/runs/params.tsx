// Runs with other values for the graph's params, without changing the text: what --set does at the command line.
import { Dialog } from 'radix-ui';
import { useState } from 'react';
import { shown } from '../../engine/graph/words.ts';
import { useDocument } from '../document/document.ts';
import { useFocusBack } from '../app/focus-back.ts';
import { useWords } from '../words/index.ts';
import { startRun } from './actions.ts';
import { attempt } from '../app/notices.tsx';

export function ParamsDialog({ close }: { close: () => void }) {
  const t = useWords();
  const focus = useFocusBack();
  const params = useDocument((state) => state.good?.graph.params ?? []);
  const [values, setValues] = useState<{ [name: string]: string }>({});
  const run = () => {
    close();
    const given = Object.entries(values).filter(([, value]) => value.trim() !== '');
    attempt(startRun({ set: Object.fromEntries(given) }));
  };
  return (
    <Dialog.Root open onOpenChange={(open) => !open && close()}>
      <Dialog.Portal>
        <Dialog.Overlay className="dialog-back" />
        <Dialog.Content className="dialog runs-params" {...focus}>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              run();
            }}
          >
            <Dialog.Title>{t('runs.params.title')}</Dialog.Title>
            <Dialog.Description className="runs-quiet">{t('runs.params.body')}</Dialog.Description>
            {params.map(({ name, value, documentation }) => (
              <label key={name} className="runs-param">
                <span>
                  <code>{name}</code>
                  {documentation !== null && <span className="runs-quiet"> {documentation}</span>}
                </span>
                <input
                  className="field"
                  value={values[name] ?? ''}
                  placeholder={shown(value)}
                  onChange={(event) => setValues({ ...values, [name]: event.target.value })}
                />
              </label>
            ))}
            <div className="dialog-buttons">
              <button type="button" className="button" onClick={close}>
                {t('app.cancel')}
              </button>
              <button type="submit" className="button primary">
                {t('runs.run')}
              </button>
            </div>
          </form>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
