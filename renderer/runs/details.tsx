// One run: its steps with time and memory, what it said, and how to go on.
import { FileText, SkipForward } from 'lucide-react';
import { useState } from 'react';
import type { RunEvent } from '../../engine/run/events.ts';
import { showTab } from '../app/view.ts';
import { select, useDocument } from '../document/document.ts';
import { type Translate, useWords } from '../words/index.ts';
import { resumeState, startRun } from './actions.ts';
import { attempt } from '../app/notices.tsx';
import { useFormat } from './format.ts';
import { useRuns } from './state.ts';
import { StatusSign } from './status.tsx';
import { Report } from './trouble.tsx';

export function Details() {
  const t = useWords();
  const format = useFormat();
  const watched = useRuns((state) => state.watched);
  useRuns((state) => state.keys); // whether going on is possible depends on it
  const [report, setReport] = useState(false);
  if (!watched) return <div className="runs-details runs-empty">{t('runs.pick')}</div>;
  const { record, failure, error, progress } = watched;
  const resume = resumeState();
  const machine = [record.process.host, record.versions.tensorflow && `TensorFlow ${record.versions.tensorflow}`];
  return (
    <section className="runs-details" aria-label={t('runs.details', { run: record.run })}>
      <header className="runs-details-head">
        <StatusSign state={record.status} />
        <strong>{record.run}</strong>
        <span className="runs-quiet">{machine.filter(Boolean).join(' · ')}</span>
        <span className="runs-list-buttons">
          {resume && (
            <button
              type="button"
              className="button"
              disabled={resume.changed}
              title={resume.changed ? t('runs.resume.changed', { node: resume.node, step: resume.step }) : undefined}
              onClick={() => attempt(startRun({ resume: true }))}
            >
              <SkipForward size={14} aria-hidden />
              {t('runs.resume.step', { step: resume.step })}
            </button>
          )}
          {error !== null && (
            <button type="button" className="button" onClick={() => setReport(true)}>
              <FileText size={14} aria-hidden />
              {t('runs.report')}
            </button>
          )}
        </span>
      </header>
      {failure && (
        <div className="runs-failure">
          <p>
            {failure.node !== null && <strong>{failure.node}: </strong>}
            {failure.message !== '' ? failure.message : t('runs.trouble.died.silent')}
          </p>
          {failure.notes.map((note) => (
            <p key={note} className="runs-quiet">
              {note}
            </p>
          ))}
        </div>
      )}
      <table className="runs-table">
        <thead>
          <tr>
            <th scope="col">{t('runs.column.step')}</th>
            <th scope="col">{t('runs.column.state')}</th>
            <th scope="col" className="number">
              {t('runs.column.time')}
            </th>
            <th scope="col" className="number">
              {t('runs.column.memory')}
            </th>
            <th scope="col">{t('runs.column.note')}</th>
          </tr>
        </thead>
        <tbody>
          {record.steps.map((step) => (
            <tr key={step.node} className="runs-row" onClick={() => reveal(step.node)}>
              <td>
                <button type="button" className="runs-link" onClick={() => reveal(step.node)}>
                  {step.node}
                </button>{' '}
                <span className="runs-quiet">{step.kind}</span>
              </td>
              <td>
                <StatusSign state={record.status === 'died' && step.status === 'interrupted' ? 'died' : step.status} />
              </td>
              <td className="number">{step.seconds === undefined ? '' : format.duration(step.seconds)}</td>
              <td className="number">{step.memory === undefined ? '' : format.bytes(step.memory)}</td>
              <td className="runs-note">
                {step.resumed && `${t('runs.resumed', { step: step.resumed.step })} · `}
                {progress[step.node]?.note ??
                  (step.loss === undefined ? '' : t('runs.loss', { loss: format.number(step.loss) }))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <Messages events={watched.events} />
      {report && error !== null && <Report text={error} close={() => setReport(false)} />}
    </section>
  );
}

/** Shows a step on the canvas and its result below. */
function reveal(node: string): void {
  if (useDocument.getState().good?.graph.byPath.has(node)) select([node], 'command');
  showTab('result');
}

function Messages({ events }: { events: readonly RunEvent[] }) {
  const t = useWords();
  const format = useFormat();
  const told = events.flatMap((event) => {
    const text = message(event, t);
    return text === null ? [] : [{ text, at: 'at' in event ? event.at : null, event }];
  });
  if (told.length === 0) return null;
  return (
    <>
      <h3 className="runs-title">{t('runs.messages')}</h3>
      <div role="log" aria-label={t('runs.messages')}>
        <ol className="runs-messages">
          {told.map(({ text, at, event }, i) => (
            <li key={i} className={event.event === 'diagnostic' ? event.severity : undefined}>
              <span className="runs-at">{at === null ? '' : format.duration(at)}</span>
              <span>
                {'node' in event && event.node && <strong>{event.node} </strong>}
                {text}
              </span>
            </li>
          ))}
        </ol>
      </div>
    </>
  );
}

/** What an event says to people; null where the table above says it already. */
function message(event: RunEvent, t: Translate): string | null {
  switch (event.event) {
    case 'log':
    case 'diagnostic':
      return event.message;
    case 'checkpoint':
      return t('runs.message.checkpoint', { step: event.step });
    case 'resumed':
      return t('runs.message.resumed', { step: event.step, run: event.run });
    default:
      return null;
  }
}
