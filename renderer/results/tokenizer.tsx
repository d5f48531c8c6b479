// A tokenizer to try: how a text falls into tokens, with their ids, and how many characters one stands for.
import { useEffect, useState } from 'react';
import type { Token } from '../../engine/host/contract.ts';
import { useFormat } from '../runs/format.ts';
import { useWords } from '../words/index.ts';
import { useAnswer } from './use-answer.ts';
import type { ViewProps } from './views.tsx';

const pause = 150;
/** Chips drawn at once: more can be asked for. */
const most = 2000;

export function TokenizerView({ path, contentKey, output, artifact }: ViewProps<'tokenizer'>) {
  const t = useWords();
  const format = useFormat();
  const [text, setText] = useState(() => t('tokenizer.sample'));
  const [settled, setSettled] = useState(text);
  const [ids, setIds] = useState(true);
  const [all, setAll] = useState(false);
  const [held, setHeld] = useState<readonly Token[]>([]);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), pause);
    return () => clearTimeout(timer);
  }, [text]);
  const { value, message } = useAnswer(
    'tokenizer.encode',
    settled === '' ? null : { path, key: contentKey, output, text: settled },
  );
  // What was shown stays until the next answer, so that nothing flickers while typing.
  useEffect(() => {
    if (value) setHeld(value.tokens);
    else if (settled === '') setHeld([]);
  }, [value, settled]);
  const characters = value?.characters ?? [...settled].length;
  const different = new Set(held.map(({ id }) => id)).size;
  const shown = all ? held : held.slice(0, most);
  return (
    <div className="results-tokenizer">
      <div className="results-tokenizer-try">
        <label className="results-tokenizer-label" htmlFor="tokenizer-text">
          {t('tokenizer.try')}
        </label>
        <textarea
          id="tokenizer-text"
          className="field"
          rows={4}
          value={text}
          spellCheck={false}
          onChange={(event) => setText(event.target.value)}
        />
        <dl className="results-report-tiles">
          <Fact title={t('tokenizer.tokens')} value={format.count(held.length)} />
          <Fact title={t('tokenizer.characters')} value={format.count(characters)} />
          <Fact
            title={t('tokenizer.ratio')}
            value={held.length === 0 ? '–' : format.number(Math.round((100 * characters) / held.length) / 100)}
          />
          <Fact title={t('tokenizer.different')} value={format.count(different)} />
          <Fact title={t('tokenizer.size')} value={format.count(artifact.size)} />
        </dl>
      </div>
      <div className="results-tokenizer-result">
        <div className="results-tokenizer-label">
          {t('tokenizer.result')}
          <label className="curves-control">
            <input type="checkbox" checked={ids} onChange={(event) => setIds(event.target.checked)} />
            {t('tokenizer.ids')}
          </label>
        </div>
        {message !== null && <p className="runs-failure">{message}</p>}
        {held.length === 0 && message === null && <p className="runs-quiet">{t('tokenizer.blank')}</p>}
        <ol className="results-tokens">
          {shown.map((token, i) => (
            <Chip key={i} token={token} tone={i % 4} ids={ids} />
          ))}
        </ol>
        {shown.length < held.length && (
          <button type="button" className="button" onClick={() => setAll(true)}>
            {t('tokenizer.more', { count: held.length - shown.length })}
          </button>
        )}
      </div>
    </div>
  );
}

function Fact({ title, value }: { title: string; value: string }) {
  return (
    <div className="results-report-tile">
      <dt>{title}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** Spaces and line breaks are made visible: where a token begins is what one wants to see. */
function Chip({ token, tone, ids }: { token: Token; tone: number; ids: boolean }) {
  const { id, text } = token;
  const parts = text.split(/( |\n|\t)/);
  return (
    <li className={`results-token tone-${tone}`} title={`${id}`}>
      <span className="results-token-text">
        {parts.map((part, i) => {
          const sign = { ' ': '␣', '\n': '⏎', '\t': '⇥' }[part];
          return sign === undefined ? (
            part
          ) : (
            <span key={i} className="results-token-space">
              {sign}
            </span>
          );
        })}
      </span>
      {ids && <span className="results-token-id">{id}</span>}
    </li>
  );
}
