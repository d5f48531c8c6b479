// A report: its numbers as tiles, its lists as tables, its long texts to be read, everything else as it is.
import { Copy } from 'lucide-react';
import { useState } from 'react';
import { attempt } from '../app/notices.tsx';
import { type Format, useFormat } from '../runs/format.ts';
import { type Key, type Translate, useWords } from '../words/index.ts';
import type { ViewProps } from './views.tsx';

/** Names whose meaning and unit is known wherever they come from. */
const meanings: { readonly [name: string]: { title: Key; unit: Key | null } } = {
  loss: { title: 'report.loss', unit: 'report.nats' },
  valid_loss: { title: 'report.valid_loss', unit: 'report.nats' },
  perplexity: { title: 'report.perplexity', unit: null },
  tokens: { title: 'report.tokens', unit: null },
  steps: { title: 'report.steps', unit: null },
};

export function ReportView({ artifact }: ViewProps<'report'>) {
  const t = useWords();
  const format = useFormat();
  const all = Object.entries(artifact.values);
  const texts = all.filter(([, value]) => typeof value === 'string' && value.length > 40);
  // Generated text comes with the prompt it goes on from.
  const prompt = typeof artifact.values.prompt === 'string' ? artifact.values.prompt : null;
  const lists = all.filter(([, value]) => isRecords(value));
  const below = new Set([...texts, ...lists]);
  const rest = all.filter((entry) => !below.has(entry) && !(entry[0] === 'prompt' && texts.length > 0));
  return (
    <div className="results-report">
      {rest.length > 0 && (
        <dl className="results-report-tiles">
          {rest.map(([name, value]) => (
            <div key={name} className="results-report-tile">
              <dt>{titleOf(name, t)}</dt>
              <dd>{shown(value, format)}</dd>
              {unitOf(name, t) !== '' && <dd className="results-report-note">{unitOf(name, t)}</dd>}
            </div>
          ))}
        </dl>
      )}
      {lists.map(([name, value]) => (
        <Records key={name} title={titleOf(name, t)} records={value as Records} format={format} />
      ))}
      {texts.map(([name, value]) => (
        <Reading key={name} name={name} text={String(value)} prompt={prompt} />
      ))}
    </div>
  );
}

type Records = [Record<string, unknown>, ...Record<string, unknown>[]];

/** Whether a value is a list of things with fields. */
function isRecords(value: unknown): value is Records {
  const all: unknown[] = Array.isArray(value) ? value : [];
  return all.length > 0 && all.every((each) => typeof each === 'object' && each !== null && !Array.isArray(each));
}

function Records({ title, records, format }: { title: string; records: Records; format: Format }) {
  const fields = Object.keys(records[0]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard
    <section className="results-report-list" tabIndex={0} aria-label={title}>
      <table>
        <caption>{title}</caption>
        <thead>
          <tr>
            {fields.map((field) => (
              <th key={field} scope="col">
                {field.replaceAll('_', ' ')}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {records.map((record, row) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a report's list never changes
            <tr key={row}>
              {fields.map((field) => (
                <td key={field} className={typeof record[field] === 'number' ? 'number' : undefined}>
                  {shown(record[field], format)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function titleOf(name: string, t: Translate): string {
  const known = meanings[name];
  return known ? t(known.title) : name.replaceAll('_', ' ');
}

function unitOf(name: string, t: Translate): string {
  const unit = meanings[name]?.unit;
  return unit ? t(unit) : '';
}

function shown(value: unknown, format: Format): string {
  if (typeof value === 'number') return format.number(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A text to be read: as prose or with every space as it is; the part that was given stands out from what was made. */
export function Reading({ name, text, prompt }: { name: string; text: string; prompt: string | null }) {
  const t = useWords();
  const [mono, setMono] = useState(false);
  const given = prompt !== null && prompt !== '' && text.startsWith(prompt) ? prompt : '';
  return (
    <figure className="results-report-text">
      <figcaption>
        <span>{name.replaceAll('_', ' ')}</span>
        <span className="runs-list-buttons">
          <button type="button" className="button quiet" aria-pressed={mono} onClick={() => setMono(!mono)}>
            {t('report.mono')}
          </button>
          <button type="button" className="button quiet" onClick={() => attempt(navigator.clipboard.writeText(text))}>
            <Copy size={14} aria-hidden />
            {t('runs.copy')}
          </button>
        </span>
      </figcaption>
      <blockquote className={mono ? 'mono' : undefined}>
        {given !== '' && (
          <span className="results-report-given" title={t('report.given')}>
            {given}
          </span>
        )}
        {text.slice(given.length)}
      </blockquote>
    </figure>
  );
}
