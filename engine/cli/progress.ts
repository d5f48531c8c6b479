// A run as people see it: on a terminal one line that updates itself per step, in a pipe a few plain lines. Progress goes to
// stderr, so that stdout holds results only.
import type { Diagnostic } from '../../grammar/diagnostic.ts';
import type { RunEvent, StepRows } from '../run/events.ts';
import { clip, duration, visible } from './words.ts';

export interface Screen {
  write(text: string): void;
  /** Null in a pipe. */
  columns(): number | null;
  color: boolean;
  /** Milliseconds. */
  now(): number;
}

const quickest = 100; // ms between two redraws
const longest = 24; // characters of a node's name, and of the bar

/**
 * Shows events as they come.
 * @param format a diagnostic as `dsk check` prints it
 */
export function showProgress(screen: Screen, format: (diagnostic: Diagnostic) => string): (event: RunEvent) => void {
  const live = screen.columns() !== null;
  const bold = (text: string) => (screen.color ? `\u001b[1m${text}\u001b[22m` : text);
  const dim = (text: string) => (screen.color ? `\u001b[2m${text}\u001b[22m` : text);
  let width = 0;
  let drawn = 0;
  let shown = 0;
  let open = false;
  let told = false;
  let note = '';
  /** Columns for the bar: what the words leave, never growing within a step, so that nothing jumps. */
  let room = longest;
  /** What is counted now: a step may count several things one after another. */
  let phase = { unit: '', total: 0, done: 0 };
  let pace = newPace();

  const clear = () => {
    if (open) screen.write('\r\u001b[2K');
    open = false;
  };
  const line = (text: string) => {
    clear();
    screen.write(`${text}\n`);
  };
  const name = (node: string) => clip(node, longest).padEnd(width);
  const label = (node: string) => bold(name(node));

  return (event) => {
    switch (event.event) {
      case 'started': {
        width = Math.min(longest, Math.max(...event.steps.map((step) => step.node.length), 0));
        const cached = event.steps.filter((step) => step.status === 'cached').length;
        const count = `${event.steps.length} step${event.steps.length === 1 ? '' : 's'}`;
        line(dim(`${event.file}: ${count}${cached ? `, ${cached} already done` : ''} (run ${event.run})`));
        break;
      }
      case 'cached':
        line(dim(`${name(event.node)}  already done${counted(event.rows)}`));
        break;
      case 'begin':
        pace = newPace();
        shown = 0;
        note = '';
        room = longest;
        if (!live) line(`${label(event.node)}  ${event.kind}: ${visible(event.why)}`);
        else {
          clear();
          screen.write(`${label(event.node)}  ${event.kind}`);
          open = true;
        }
        break;
      case 'resumed':
        line(`${label(event.node)}  goes on after step ${event.step}`);
        break;
      case 'progress': {
        note = event.note ?? '';
        const now = screen.now();
        const { unit, total } = event;
        if (unit !== phase.unit || total !== phase.total || event.done < phase.done) {
          pace = newPace();
          shown = 0;
        }
        phase = event;
        const fraction = event.total > 0 ? Math.min(1, event.done / event.total) : 0;
        pace.add(event.done, now);
        const left = pace.left(event.total);
        const tail = [
          event.note ?? `${event.done.toLocaleString('en')} of ${event.total.toLocaleString('en')} ${event.unit}`,
        ];
        if (left !== null && fraction < 1) tail.push(`${duration(left)} left`);
        const columns = screen.columns();
        if (columns !== null) {
          if (now - drawn < quickest && fraction < 1) break;
          drawn = now;
          const words = `${percent(fraction)}  ${visible(tail.join(' · '))}`;
          room = Math.min(room, columns - name(event.node).length - 4 - words.length);
          clear();
          screen.write(clip(`${name(event.node)}  ${bar(fraction, room)}${words}`, columns - 1));
          open = true;
        } else if (tenths(event) > shown && fraction < 1) {
          shown = tenths(event);
          line(`${label(event.node)} ${percent(fraction)}  ${visible(tail.join(' · '))}`);
        }
        break;
      }
      case 'log':
        line(`${label(event.node)}  ${visible(event.message)}`);
        break;
      case 'sample':
        line(
          `${label(event.node)}  step ${event.step} writes: ${visible(`${event.prompt}${event.text}`.replaceAll(/\s*\n\s*/g, ' '))}`,
        );
        break;
      case 'diagnostic':
        told ||= event.severity === 'error';
        line(format(event));
        break;
      case 'end':
        line(
          `${label(event.node)}  done in ${duration(event.seconds)}${note ? ` · ${visible(note)}` : ''}${counted(event.rows)}`,
        );
        break;
      case 'finished':
        line(dim(`done in ${duration(event.seconds)}`));
        break;
      case 'failed':
        if (told) clear();
        else line(`dsk: ${event.node ? `${event.node}: ` : ''}${visible(event.message)}`);
        if (!told) for (const note of event.notes ?? []) line(`  note: ${visible(note)}`);
        if (event.details) line(dim(`details in ${event.details}`));
        break;
      case 'interrupted':
        line(`stopped; \`${event.resume}\` goes on from here`);
        break;
      default: // step, checkpoint: said by the progress line
        break;
    }
  };
}

/** " · 560 rows -> 228 (332 removed)", " · 560 rows -> train 532, valid 28"; empty where there are no tables. */
export function counted(rows: StepRows | undefined): string {
  if (!rows) return '';
  const number = (count: number) => count.toLocaleString('en');
  const aside = { removed: rows.removed ?? 0, rejected: rows.out.rejected ?? 0 };
  const made = Object.entries(rows.out).filter(([output]) => !Object.hasOwn(aside, output));
  const named = made.length > 1 || made[0]?.[0] !== 'table';
  const after = made.map(([output, count]) => (named ? `${output} ${number(count)}` : number(count))).join(', ');
  const left = Object.entries(aside).filter(([, count]) => count > 0);
  const out = left.length > 0 ? ` (${left.map(([what, count]) => `${number(count)} ${what}`).join(', ')})` : '';
  const before = Object.values(rows.in).map(number).join(' + ');
  if (before === '') return named ? ` · ${after} rows${out}` : ` · ${after} ${after === '1' ? 'row' : 'rows'}${out}`;
  return ` · ${before} ${before === '1' ? 'row' : 'rows'} -> ${after}${out}`;
}

/** In a pipe there is a line each. */
function tenths({ done, total }: { done: number; total: number }): number {
  return Math.floor((10 * done) / total);
}

function percent(fraction: number): string {
  return `${Math.floor(fraction * 100)}%`.padStart(4);
}

function bar(fraction: number, width: number): string {
  const full = Math.round(fraction * width);
  return width < 5 ? '' : `${'━'.repeat(full)}${'─'.repeat(width - full)} `;
}

/** Time left, from the time that units took lately: what is long past counts little, so that it follows changes without jumping. */
export function newPace() {
  const memory = 20; // s after which something counts e times less
  let last: { done: number; now: number } | null = null;
  let [seconds, units] = [0, 0]; // lately
  return {
    add(done: number, now: number) {
      if (last && done > last.done) {
        const passed = (now - last.now) / 1000;
        const keep = Math.exp(-passed / memory);
        seconds = seconds * keep + passed;
        units = units * keep + (done - last.done);
      }
      if (!last || done !== last.done) last = { done, now };
    },
    /** Seconds until `total`, or null before it can be told. */
    left(total: number): number | null {
      return units === 0 || last === null ? null : (Math.max(0, total - last.done) * seconds) / units;
    },
  };
}
