// What went wrong with a run, in the corner of the page until it is closed: the message, what to try, the full report on demand,
// and going on from the checkpoint where there is one. The editor lives on beside it.
import { CircleAlert, CircleX, Copy, Lock, Pause, SkipForward, X } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { useState } from 'react';
import { createPortal } from 'react-dom';
import { useFocusBack } from '../app/focus-back.ts';
import { rememberView } from '../app/settings.ts';
import { showTab } from '../app/view.ts';
import { select, useDocument } from '../document/document.ts';
import { useWords } from '../words/index.ts';
import { Worded } from '../words/worded.tsx';
import { resumeState, startRun } from './actions.ts';
import { attempt } from '../app/notices.tsx';
import { type Trouble, useRuns } from './state.ts';

const icons = {
  locked: Lock,
  'graph-errors': CircleAlert,
  'not-started': CircleAlert,
  failed: CircleX,
  died: CircleX,
  interrupted: Pause,
};

export function TroubleNotice() {
  const trouble = useRuns((state) => state.trouble);
  return trouble ? createPortal(<Card trouble={trouble} />, document.body) : null;
}

function Card({ trouble }: { trouble: Trouble }) {
  const t = useWords();
  const watched = useRuns((state) => state.watched);
  useRuns((state) => state.keys); // whether going on is possible depends on it
  const [report, setReport] = useState(false);
  const about = trouble.run !== null && watched?.record.run === trouble.run ? watched : null;
  const node = about?.failure?.node ?? about?.record.steps.find(({ status }) => status === 'interrupted')?.node ?? null;
  const here = useDocument((state) => node !== null && (state.good?.graph.byPath.has(node) ?? false));
  const resume = about ? resumeState() : null;
  const Icon = icons[trouble.kind];
  const close = () => {
    useRuns.setState({ trouble: null });
    if (trouble.run !== null) rememberView('runs.closed', trouble.run); // no news any more when the file is opened again
  };
  return (
    <section
      className={`runs-trouble ${trouble.kind}`}
      role={trouble.kind === 'interrupted' ? 'status' : 'alert'}
      aria-label={t(`runs.trouble.${trouble.kind}`, { node: node ?? '' })}
    >
      <Icon size={18} className="runs-trouble-icon" aria-hidden />
      <div className="runs-trouble-body">
        <h2>{node === null ? t(`runs.trouble.${trouble.kind}`) : t(`runs.trouble.${trouble.kind}.at`, { node })}</h2>
        <p className="runs-trouble-message">
          <Worded text={trouble.message !== '' ? trouble.message : t(`runs.trouble.${trouble.kind}.silent`)} />
        </p>
        {trouble.notes.length > 0 && (
          <>
            <h3>{t('runs.try')}</h3>
            <ul>
              {trouble.notes.map((note) => (
                <li key={note}>
                  <Worded text={note} />
                </li>
              ))}
            </ul>
          </>
        )}
        {resume?.changed && (
          <p className="runs-quiet">{t('runs.resume.changed', { node: resume.node, step: resume.step })}</p>
        )}
        <div className="runs-trouble-buttons">
          {resume && !resume.changed && (
            <button type="button" className="button primary" onClick={() => attempt(startRun({ resume: true }))}>
              <SkipForward size={14} aria-hidden />
              {t('runs.resume.step', { step: resume.step })}
            </button>
          )}
          {node !== null && here && (
            <button type="button" className="button" onClick={() => select([node], 'command')}>
              {t('runs.show.node')}
            </button>
          )}
          {trouble.kind === 'graph-errors' && (
            <button type="button" className="button" onClick={() => showTab('problems')}>
              {t('runs.show.problems')}
            </button>
          )}
          {about?.error && (
            <button type="button" className="button" onClick={() => setReport(true)}>
              {t('runs.report')}
            </button>
          )}
        </div>
      </div>
      <button type="button" className="button quiet icon" aria-label={t('app.close')} onClick={close}>
        <X size={15} aria-hidden />
      </button>
      {report && about?.error && <Report text={about.error} close={() => setReport(false)} />}
    </section>
  );
}

/** error.log, or the last words of a process that died. */
export function Report({ text, close }: { text: string; close: () => void }) {
  const t = useWords();
  const focus = useFocusBack();
  return (
    <Dialog.Root open onOpenChange={(open) => !open && close()}>
      <Dialog.Portal>
        <Dialog.Overlay className="dialog-back" />
        <Dialog.Content className="dialog runs-report" aria-describedby={undefined} {...focus}>
          <Dialog.Title>{t('runs.report')}</Dialog.Title>
          <pre tabIndex={0}>{text}</pre>
          <div className="dialog-buttons">
            <button type="button" className="button" onClick={() => attempt(navigator.clipboard.writeText(text))}>
              <Copy size={14} aria-hidden />
              {t('runs.copy')}
            </button>
            <button type="button" className="button primary" onClick={close}>
              {t('app.close')}
            </button>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
