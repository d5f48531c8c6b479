// The sign of a state: an icon, a word and a colour, never the colour alone.
import {
  CheckCircle2,
  Circle,
  CircleDashed,
  CircleX,
  Clock,
  Database,
  LoaderCircle,
  type LucideIcon,
  Pause,
  RefreshCw,
  Skull,
  Wrench,
} from 'lucide-react';
import type { Status } from '../../engine/run/events.ts';
import { type Key, useWords } from '../words/index.ts';
import type { NodeState } from './state.ts';

type Shown = Status | NodeState['state'];

const signs: Record<Shown, { icon: LucideIcon; tone: 'good' | 'bad' | 'warn' | 'accent' | 'quiet'; word: Key }> = {
  unknown: { icon: CircleDashed, tone: 'quiet', word: 'runs.state.unknown' },
  cached: { icon: Database, tone: 'good', word: 'runs.state.cached' },
  stale: { icon: RefreshCw, tone: 'warn', word: 'runs.state.stale' },
  waiting: { icon: Clock, tone: 'quiet', word: 'runs.state.waiting' },
  running: { icon: LoaderCircle, tone: 'accent', word: 'runs.state.running' },
  done: { icon: CheckCircle2, tone: 'good', word: 'runs.state.done' },
  failed: { icon: CircleX, tone: 'bad', word: 'runs.state.failed' },
  died: { icon: Skull, tone: 'bad', word: 'runs.state.died' },
  interrupted: { icon: Pause, tone: 'warn', word: 'runs.state.interrupted' },
  definition: { icon: Wrench, tone: 'quiet', word: 'runs.state.definition' },
  skipped: { icon: Circle, tone: 'quiet', word: 'runs.state.skipped' },
};

/** @param bare the icon alone, with its word for readers of the screen */
export function StatusSign({ state, bare = false }: { state: Shown; bare?: boolean }) {
  const t = useWords();
  const { icon: Icon, tone, word } = signs[state];
  const label = t(word);
  return (
    <span className={`runs-status ${tone}`} title={bare ? label : undefined}>
      <Icon size={14} className={state === 'running' ? 'runs-spin' : undefined} aria-hidden />
      {bare ? <span className="visually-hidden">{label}</span> : label}
    </span>
  );
}
