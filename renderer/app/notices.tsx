// Short notices in the corner: what happened by itself, or what could not be done. Errors stay until they are closed.
import { CircleAlert, Info, TriangleAlert, X } from 'lucide-react';
import { create } from 'zustand';
import { useWords } from '../words/index.ts';
import './notices.css';

export interface Notice {
  kind: 'info' | 'warning' | 'error';
  text: string;
  /** One thing to do about it. */
  action?: { title: string; run: () => void };
}

const useNotices = create<{ list: readonly (Notice & { id: number })[] }>()(() => ({ list: [] }));
let next = 0;

/** Shows a notice; the same text is not shown twice. */
export function notify(notice: Notice): void {
  const id = next++;
  const others = useNotices.getState().list.filter(({ text }) => text !== notice.text);
  useNotices.setState({ list: [...others, { ...notice, id }].slice(-4) });
  if (notice.kind !== 'error') setTimeout(() => dismiss(id), notice.action ? 12_000 : 6_000);
}

/** What an error says, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Does something that may fail, and shows how it failed. */
export function attempt(work: Promise<unknown>): void {
  work.catch((error: unknown) => notify({ kind: 'error', text: messageOf(error) }));
}

function dismiss(id: number): void {
  useNotices.setState(({ list }) => ({ list: list.filter((each) => each.id !== id) }));
}

const icons = { info: Info, warning: TriangleAlert, error: CircleAlert };

export function Notices() {
  const t = useWords();
  const list = useNotices((state) => state.list);
  return (
    <div className="notices" role="status" aria-live="polite">
      {list.map(({ id, kind, text, action }) => {
        const Icon = icons[kind];
        return (
          <div key={id} className={`notice ${kind}`}>
            <Icon size={16} aria-hidden />
            <span className="notice-text">{text}</span>
            {action && (
              <button
                type="button"
                className="button"
                onClick={() => {
                  dismiss(id);
                  action.run();
                }}
              >
                {action.title}
              </button>
            )}
            <button type="button" className="button quiet icon" aria-label={t('app.close')} onClick={() => dismiss(id)}>
              <X size={14} />
            </button>
          </div>
        );
      })}
    </div>
  );
}
