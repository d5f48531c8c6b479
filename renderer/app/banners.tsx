// Lines under the top bar for what holds as long as they stand: no connection, a conflict, a text that does not parse.
import { parses, useDocument } from '../document/document.ts';
import { useConnection } from '../host.ts';
import { t, useWords } from '../words/index.ts';
import { Worded } from '../words/worded.tsx';
import { notify } from './notices.tsx';
import { attempt } from './notices.tsx';
import { useSession } from './session.ts';
import { showTab, useView } from './view.ts';

export function Banners() {
  const t = useWords();
  const line = useConnection((state) => state.state);
  const saved = useSession((state) => state.state === 'saved');
  const mode = useView((state) => state.mode);
  const unparsed = useDocument(({ checked }) => checked !== null && !parses(checked));
  const failed = useSession((state) => (state.state === 'failed' ? state.message : null));
  return (
    <div role="status">
      {line === 'lost' && <p className="banner warn">{t('app.offline')}</p>}
      {line === 'denied' && (
        <p className="banner bad">
          <span>
            <Worded text={t(saved ? 'app.ended' : 'app.ended.unsaved')} />
          </span>
          {!saved && (
            <button type="button" className="button quiet" onClick={() => attempt(copyText())}>
              {t('app.ended.copy')}
            </button>
          )}
        </p>
      )}
      {failed !== null && line !== 'denied' && (
        <p className="banner bad">{t('app.save.failed', { message: failed })}</p>
      )}
      {unparsed && mode !== 'text' && (
        <p className="banner warn">
          <span>{t('app.unparsed')}</span>
          <button type="button" className="button quiet" onClick={() => showTab('problems')}>
            {t('app.show')}
          </button>
        </p>
      )}
    </div>
  );
}

async function copyText(): Promise<void> {
  await navigator.clipboard.writeText(useDocument.getState().text);
  notify({ kind: 'info', text: t('app.ended.copied') });
}
