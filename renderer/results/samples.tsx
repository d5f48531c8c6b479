// What a model writes in the midst of its training: the newest first, each with the step it was at.
import type { RunEvent } from '../../engine/run/events.ts';
import { useFormat } from '../runs/format.ts';
import { useWords } from '../words/index.ts';

type Sample = Extract<RunEvent, { event: 'sample' }>;

export function samplesOf(events: readonly RunEvent[], node: string): Sample[] {
  return events.filter((event): event is Sample => event.event === 'sample' && event.node === node).reverse();
}

export function Samples({ samples }: { samples: readonly Sample[] }) {
  const t = useWords();
  const format = useFormat();
  return (
    <section className="curves-card curves-samples" aria-label={t('samples.title')}>
      <header className="curves-card-head">
        <h3>{t('samples.title')}</h3>
      </header>
      <ol>
        {samples.map(({ step, prompt, text, at }) => (
          <li key={`${at} ${step} ${prompt}`}>
            <span className="runs-quiet">{t('curves.at.step', { step: format.number(step) })}</span>
            <p>
              <b>{prompt}</b>
              {text}
            </p>
          </li>
        ))}
      </ol>
    </section>
  );
}
