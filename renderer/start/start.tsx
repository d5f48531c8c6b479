// The start page: recent graphs, examples as templates with a picture of each, an empty graph.
import { FilePlus2, FolderOpen, Settings2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { Example, Methods } from '../../engine/host/contract.ts';
import { firstSentence } from '../../engine/graph/words.ts';
import { attempt } from '../app/notices.tsx';
import { newFile, pickFile } from '../app/open.ts';
import { openFile } from '../app/session.ts';
import { SettingsMenu } from '../app/settings-menu.tsx';
import { ask } from '../host.ts';
import { type Key, type Translate, useWords } from '../words/index.ts';
import { Picture } from './picture.tsx';
import icon from '../icon.svg';
import './start.css';

type Recent = Methods['file.recent']['result'];

export function StartPage() {
  const t = useWords();
  const [examples, setExamples] = useState<readonly Example[]>([]);
  const [recent, setRecent] = useState<Recent>([]);
  useEffect(() => {
    attempt(ask('examples.list', {}).then(setExamples));
    attempt(ask('file.recent', {}).then(setRecent));
  }, []);
  return (
    <div className="start">
      <div className="start-settings">
        <SettingsMenu icon={<Settings2 size={16} />} />
      </div>
      <main className="start-page">
        <header className="start-head">
          <img src={icon} alt="" width="52" height="52" />
          <div>
            <h1>Dsk</h1>
            <p>{t('start.line')}</p>
          </div>
        </header>
        <div className="start-actions">
          <button type="button" className="button primary" onClick={() => attempt(newFile(null))}>
            <FilePlus2 size={16} aria-hidden /> {t('start.empty')}
          </button>
          <button type="button" className="button" onClick={() => attempt(pickFile())}>
            <FolderOpen size={16} aria-hidden /> {t('command.open')}
          </button>
        </div>
        <section aria-labelledby="start-examples">
          <h2 id="start-examples">{t('start.examples')}</h2>
          <p className="start-note">{t('start.examples.note')}</p>
          <ul className="start-examples">
            {examples.map((example) => (
              <li key={example.name}>
                <button type="button" className="start-example" onClick={() => attempt(newFile(example.name))}>
                  <Picture text={example.text} />
                  <span className="start-example-name">{example.name}</span>
                  <span className="start-example-line">{lineOf(example, t)}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
        <section aria-labelledby="start-recent">
          <h2 id="start-recent">{t('start.recent')}</h2>
          {recent.length === 0 && <p className="start-note">{t('start.recent.none')}</p>}
          <ul className="start-recent">
            {recent.map(({ path, name, folder, exists }) => (
              <li key={path}>
                <button type="button" className="start-file" disabled={!exists} onClick={() => attempt(openFile(path))}>
                  <span className="start-file-name">{name}</span>
                  <span className="start-file-folder">{exists ? folder : t('start.recent.gone', { folder })}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      </main>
    </div>
  );
}

/** What an example is about, in the reader's language where it is one of ours, otherwise as it says of itself. */
function lineOf({ name, line }: Example, t: Translate): string {
  const key = lines[name];
  return key ? t(key) : firstSentence(line);
}

const lines: Readonly<Record<string, Key | undefined>> = {
  quickstart: 'start.example.quickstart',
  llama: 'start.example.llama',
  questions: 'start.example.questions',
  chat: 'start.example.chat',
};
