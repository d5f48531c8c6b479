// An empty graph: three ways to begin.

import { attempt } from '../app/notices.tsx';
import { newFile } from '../app/open.ts';
import { changeView } from '../app/view.ts';
import { useWords } from '../words/index.ts';
import { openSearch } from './open-search.ts';

export function Empty() {
  const t = useWords();
  return (
    <div className="canvas-empty">
      <h2>{t('canvas.empty.title')}</h2>
      <ul>
        <li>
          <button type="button" className="button quiet" onClick={() => openSearch()}>
            <kbd>Tab</kbd> {t('canvas.empty.search')}
          </button>
        </li>
        <li>
          <button type="button" className="button quiet" onClick={() => changeView({ palette: true })}>
            {t('canvas.empty.palette')}
          </button>
        </li>
        <li>
          <button type="button" className="button quiet" onClick={() => attempt(newFile('quickstart'))}>
            {t('canvas.empty.example')}
          </button>
        </li>
      </ul>
    </div>
  );
}
