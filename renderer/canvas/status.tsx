// How a node stands in the plan or run, as a line at its foot: sign and words, and a bar while it runs.
import {
  Check,
  CircleCheck,
  CircleDashed,
  CircleX,
  Clock,
  LoaderCircle,
  type LucideIcon,
  Pause,
  RefreshCw,
  SkipForward,
} from 'lucide-react';
import type { NodeState } from '../runs/state.ts';
import { type Translate, useWords } from '../words/index.ts';

const icons: Record<NodeState['state'], LucideIcon> = {
  unknown: CircleDashed,
  cached: Check,
  stale: RefreshCw,
  waiting: Clock,
  running: LoaderCircle,
  done: CircleCheck,
  failed: CircleX,
  interrupted: Pause,
  definition: CircleDashed,
  skipped: SkipForward,
};

/** "running 40%", "failed": for labels; nothing where nothing is known. */
export function stateWords({ state, progress }: NodeState, t: Translate): string[] {
  if (state === 'unknown' || state === 'definition') return [];
  return [progress === null ? t(`canvas.state.${state}`) : `${t(`canvas.state.${state}`)} ${percent(progress)}`];
}

const percent = (part: number) => `${Math.round(100 * part)}%`;

export function NodeStateLine({ state: node, skipped }: { state: NodeState; skipped: boolean }) {
  const t = useWords();
  const state = skipped ? 'skipped' : node.state;
  const { progress, left, note, why } = node;
  if (state === 'unknown' || state === 'definition') return null;
  const Icon = icons[state];
  const words = t(`canvas.state.${state}`);
  return (
    <div className={`canvas-foot ${state}`} title={why ?? note ?? undefined}>
      <Icon size={13} aria-hidden className={state === 'running' ? 'turning' : undefined} />
      <span className="canvas-foot-words">{note ?? (why && state !== 'running' ? `${words}: ${why}` : words)}</span>
      {state === 'running' && progress !== null && <span className="canvas-foot-part">{percent(progress)}</span>}
      {state === 'running' && left !== null && <span className="canvas-foot-left">{timeLeft(left, t)}</span>}
      {state === 'running' && (
        <span
          className={`canvas-bar ${progress === null ? 'unknown' : ''}`}
          role="progressbar"
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={progress === null ? undefined : Math.round(100 * progress)}
          aria-label={words}
        >
          <span style={progress === null ? undefined : { width: percent(progress) }} />
        </span>
      )}
    </div>
  );
}

/** The sign alone, large enough for a look from far away. */
export function FarMark({ state: node, skipped }: { state: NodeState; skipped: boolean }) {
  const t = useWords();
  const state = skipped ? 'skipped' : node.state;
  if (state === 'unknown' || state === 'definition') return null;
  const Icon = icons[state];
  const { progress } = node;
  return (
    <span className={`canvas-far-mark ${state}`} title={stateWords({ ...node, state }, t).join(' ')}>
      <Icon size={36} strokeWidth={2.5} aria-hidden />
      {state === 'running' && progress !== null && percent(progress)}
    </span>
  );
}

function timeLeft(seconds: number, t: Translate): string {
  if (seconds < 90) return t('canvas.left.seconds', { seconds: Math.round(seconds) });
  if (seconds < 5400) return t('canvas.left.minutes', { minutes: Math.round(seconds / 60) });
  return t('canvas.left.hours', { hours: Math.round(seconds / 3600) });
}
