// Lines under the top bar for what holds as long as they stand: no connection, a conflict, a text that does not parse.
import { parses, useDocument } from '../document/document.ts';
import { useConnection } from '../host.ts';
import { useWords } from '../words/index.ts';
import { useSession } from './session.ts';
import { showTab, useView } from './view.ts';

export function Banners() {
  const t = useWords();
  const lost = useConnection((state) => state.state === 'lost');
  const mode = useView((state) => state.mode);
  const unparsed = useDocument(({ checked }) => checked !== null && !parses(checked));
  const failed = useSession((state) => (state.state === 'failed' ? state.message : null));
  return (
    <div role="status">
      {lost && <p className="banner warn">{t('app.offline')}</p>}
      {failed !== null && <p className="banner bad">{t('app.save.failed', { message: failed })}</p>}
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
