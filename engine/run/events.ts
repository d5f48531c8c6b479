// What a run tells whoever watches: plain objects, the same on `--json`, in `events.jsonl` and at the terminal.
import { type Diagnostic, lineColumn, type Span } from '../../grammar/diagnostic.ts';

/** How a run ended, or `running`. `died` is what readers make of a run whose process is gone without a word. */
export type Status = 'running' | 'done' | 'failed' | 'interrupted' | 'died';

/** Report values and file paths by node. */
export type Results = Record<string, Record<string, unknown>>;

/** Rows of the tables that a step read, by input, and of those it made, by output. */
export interface StepRows {
  in: Record<string, number>;
  out: Record<string, number>;
  /** How many it took out of its first table, where it is one that takes some out. */
  removed?: number;
}

export type RunEvent =
  | {
      event: 'started';
      run: string;
      /** Folder of the run, absolute. */
      folder: string;
      file: string;
      /** ISO 8601, UTC. Every later `at` counts from here. */
      time: string;
      steps: { node: string; kind: string; key: string; status: string; why: string }[];
    }
  /** A result that was there already, and is sound. */
  | { event: 'cached'; node: string; kind: string; rows?: StepRows; at: number }
  | { event: 'begin'; node: string; kind: string; why: string; at: number }
  | { event: 'resumed'; node: string; step: number; run: string; at: number }
  | { event: 'progress'; node: string; done: number; total: number; unit: string; note?: string; at: number }
  /** One training step, with whatever numbers the kind reports beside `loss`. */
  | { event: 'step'; node: string; step: number; at: number; [scalar: string]: unknown }
  /** Tokens that each expert got in a training step, by layer ("2"); not at every step. */
  | { event: 'experts'; node: string; step: number; load: { [layer: string]: number[] }; at: number }
  /** Training goes on from this step, an earlier one: what was told of those after it does not count any more. */
  | { event: 'back'; node: string; step: number; at: number }
  /** What a model writes after a prompt, in the midst of its training. */
  | { event: 'sample'; node: string; step: number; prompt: string; text: string; at: number }
  | { event: 'checkpoint'; node: string; step: number; at: number }
  | { event: 'log'; node: string; message: string; at: number }
  | {
      event: 'diagnostic';
      severity: 'error' | 'warning' | 'info';
      code: string;
      message: string;
      file: string;
      /** From 1, columns in code points. */
      line: number;
      column: number;
      span: Span;
      node?: string;
      notes?: Diagnostic['notes'];
      fixes?: Diagnostic['fixes'];
      at: number;
    }
  | { event: 'end'; node: string; kind: string; seconds: number; memory: number; rows?: StepRows; at: number }
  | { event: 'finished'; run: string; results: Results; seconds: number }
  | {
      event: 'failed';
      /** Absent when it stopped before there was one. */
      run?: string;
      /** Where it stopped; absent when no step had begun. */
      node?: string;
      /** Training step, where one was under way. */
      step?: number;
      message: string;
      /** What to try. */
      notes?: string[];
      /** 1: the user's input is at fault; 3: the run failed. */
      exit: 1 | 3;
      /** Full report with stack, in the run's folder. */
      details?: string;
      seconds: number;
    }
  | { event: 'interrupted'; run: string; node?: string; resume: string; seconds: number };

export type Emit = (event: RunEvent) => void;

/** A diagnostic as an event, with its place counted out for readers that have no text at hand. */
export function diagnosticEvent(
  diagnostic: Diagnostic,
  source: { file: string; text: string },
  node?: string,
  at = 0,
): RunEvent {
  const place = lineColumn(source.text, diagnostic.span.start);
  return { event: 'diagnostic', ...diagnostic, file: source.file, ...place, ...(node ? { node } : {}), at };
}
