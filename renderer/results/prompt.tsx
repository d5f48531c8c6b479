// Talking to a trained model: a prompt, what the model writes on as it comes, and what was asked before.
import { Dices, Play, Square } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { create } from 'zustand';
import { useDocument } from '../document/document.ts';
import { ask, HostError, on } from '../host.ts';
import { useFormat } from '../runs/format.ts';
import { useRuns } from '../runs/state.ts';
import { useWords } from '../words/index.ts';
import { Reading } from './report.tsx';

interface Settings {
  readonly temperature: number;
  readonly topP: number;
  readonly maxTokens: number;
  readonly seed: number;
}

interface Answer {
  readonly id: string;
  readonly prompt: string;
  readonly settings: Settings;
  readonly text: string;
  readonly status: 'writing' | 'finished' | 'stopped' | 'failed';
  readonly message: string | null;
  readonly seconds: number | null;
}

interface Talk {
  readonly prompt: string;
  readonly settings: Settings;
  /** Newest first. */
  readonly answers: readonly Answer[];
}

const fresh: Talk = { prompt: '', settings: { temperature: 0.8, topP: 0.95, maxTokens: 200, seed: 0 }, answers: [] };
const kept = 50;

/** By the content key of the model: what was said outlives a look at another node. */
const useTalks = create<{ talks: { readonly [key: string]: Talk } }>()(() => ({ talks: {} }));

function changeTalk(key: string, change: (talk: Talk) => Partial<Talk>): void {
  useTalks.setState(({ talks }) => {
    const talk = talks[key] ?? fresh;
    return { talks: { ...talks, [key]: { ...talk, ...change(talk) } } };
  });
}

function changeAnswer(id: string, change: (answer: Answer) => Partial<Answer>): void {
  const { talks } = useTalks.getState();
  for (const [key, { answers }] of Object.entries(talks)) {
    if (!answers.some((answer) => answer.id === id)) continue;
    changeTalk(key, () => ({ answers: answers.map((each) => (each.id === id ? { ...each, ...change(each) } : each)) }));
    return;
  }
  // The answer to generate.start may come after the first words.
  early.set(id, [...(early.get(id) ?? []), change]);
}
const early = new Map<string, ((answer: Answer) => Partial<Answer>)[]>();

let listening = false;
function listen(): void {
  if (listening) return;
  listening = true;
  on('generate.text', ({ id, text }) => changeAnswer(id, (answer) => ({ text: answer.text + text })));
  on('generate.end', ({ id, status, message, seconds }) => changeAnswer(id, () => ({ status, message, seconds })));
}

export function PromptBox({ path, contentKey, output }: { path: string; contentKey: string; output: string }) {
  const t = useWords();
  const format = useFormat();
  const talk = useTalks((state) => state.talks[contentKey] ?? fresh);
  const [starting, setStarting] = useState(false);
  const [message, setMessage] = useState<string | null>(null);
  const box = useRef<HTMLTextAreaElement>(null);
  const { prompt, settings, answers } = talk;
  const writing = answers.find(({ status }) => status === 'writing') ?? null;
  useEffect(listen, []);

  const start = async () => {
    if (writing || starting) return;
    setStarting(true);
    setMessage(null);
    try {
      const { id } = await ask('generate.start', { path, key: contentKey, output, prompt, ...settings });
      const begun: Answer = { id, prompt, settings, text: '', status: 'writing', message: null, seconds: null };
      const changed = (early.get(id) ?? []).reduce((answer, change) => ({ ...answer, ...change(answer) }), begun);
      early.delete(id);
      changeTalk(contentKey, (before) => ({ answers: [changed, ...before.answers].slice(0, kept) }));
    } catch (error) {
      const { file } = useDocument.getState();
      if (file && error instanceof HostError && error.code === 'untrusted') {
        useRuns.setState({ asking: { folder: file.folder, go: start } });
        return;
      }
      setMessage(error instanceof HostError ? error.message : String(error));
    } finally {
      setStarting(false);
    }
  };
  const stop = () => {
    if (writing) void ask('generate.stop', { id: writing.id }).catch((error: unknown) => setMessage(String(error)));
  };
  const set = (change: Partial<Settings>) =>
    changeTalk(contentKey, (before) => ({ settings: { ...before.settings, ...change } }));
  return (
    <div className="results-prompt">
      <form
        className="results-prompt-form"
        onSubmit={(event) => {
          event.preventDefault();
          void start();
        }}
        // Not the command of these keys, which runs the graph.
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          event.stopPropagation();
          void start();
        }}
      >
        <label className="results-tokenizer-label" htmlFor="prompt-text">
          {t('prompt.title')}
        </label>
        <textarea
          id="prompt-text"
          ref={box}
          className="field"
          rows={4}
          value={prompt}
          placeholder={t('prompt.placeholder')}
          onChange={(event) => changeTalk(contentKey, () => ({ prompt: event.target.value }))}
        />
        <div className="results-prompt-settings">
          <Setting
            title={t('prompt.temperature')}
            hint={t('prompt.temperature.hint')}
            value={settings.temperature}
            min={0}
            max={2}
            step={0.05}
            change={(temperature) => set({ temperature })}
          />
          <Setting
            title={t('prompt.topP')}
            hint={t('prompt.topP.hint')}
            value={settings.topP}
            min={0.05}
            max={1}
            step={0.05}
            change={(topP) => set({ topP })}
          />
          <Setting
            title={t('prompt.maxTokens')}
            hint={t('prompt.maxTokens.hint')}
            value={settings.maxTokens}
            min={1}
            max={4096}
            step={1}
            change={(maxTokens) => set({ maxTokens: Math.round(maxTokens) })}
          />
          <Setting
            title={t('prompt.seed')}
            hint={t('prompt.seed.hint')}
            value={settings.seed}
            min={0}
            max={2 ** 31 - 1}
            step={1}
            change={(seed) => set({ seed: Math.round(seed) })}
          >
            <button
              type="button"
              className="button quiet icon"
              aria-label={t('prompt.dice')}
              title={t('prompt.dice')}
              onClick={() => set({ seed: Math.floor(Math.random() * 1e6) })}
            >
              <Dices size={15} aria-hidden />
            </button>
          </Setting>
        </div>
        <div className="results-prompt-buttons">
          {writing ? (
            <button type="button" className="button" onClick={stop}>
              <Square size={12} fill="currentColor" aria-hidden />
              {t('prompt.stop')}
            </button>
          ) : (
            <button type="submit" className="button primary" disabled={starting} title="Ctrl+Enter">
              <Play size={14} aria-hidden />
              {starting ? t('prompt.starting') : t('prompt.go')}
            </button>
          )}
        </div>
        {message !== null && <p className="runs-failure">{message}</p>}
      </form>
      <div className="results-prompt-answers" aria-live="polite">
        {answers.length === 0 && <p className="runs-empty">{t('prompt.none')}</p>}
        {answers.map((answer) => (
          <article key={answer.id} className={`results-prompt-answer ${answer.status}`}>
            <Reading
              name={settingsText(answer.settings, format.number)}
              text={answer.prompt + answer.text}
              prompt={answer.prompt}
            />
            <footer>
              <span className={answer.status === 'failed' ? 'results-prompt-failed' : 'runs-quiet'}>
                {t(`prompt.${answer.status}`)}
                {answer.seconds !== null && ` · ${format.duration(answer.seconds)}`}
                {answer.message !== null && ` · ${answer.message}`}
              </span>
              <button
                type="button"
                className="button quiet"
                onClick={() => {
                  changeTalk(contentKey, () => ({ prompt: answer.prompt, settings: answer.settings }));
                  box.current?.focus();
                }}
              >
                {t('prompt.again')}
              </button>
            </footer>
          </article>
        ))}
      </div>
    </div>
  );
}

function settingsText({ temperature, topP, maxTokens, seed }: Settings, number: (value: number) => string): string {
  return `temperature ${number(temperature)} · top-p ${number(topP)} · ${number(maxTokens)} tokens · seed ${seed}`;
}

function Setting(props: {
  title: string;
  hint: string;
  value: number;
  min: number;
  max: number;
  step: number;
  change: (value: number) => void;
  children?: React.ReactNode;
}) {
  const { title, hint, value, min, max, step, change, children } = props;
  return (
    <label className="results-prompt-setting" title={hint}>
      <span>{title}</span>
      <span className="results-prompt-field">
        <input
          className="field"
          type="number"
          min={min}
          max={max}
          step={step}
          value={value}
          onChange={(event) => {
            const next = event.target.valueAsNumber;
            if (Number.isFinite(next)) change(Math.min(max, Math.max(min, next)));
          }}
        />
        {children}
      </span>
    </label>
  );
}
