// Curves of a training step as TensorBoard reads them: `tensorboard/NODE/` in the run's folder, made at the first number.
import { type Events, openEvents } from '../data/tensorboard.ts';
import type { StepEvent } from '../nodes/context.ts';

export interface Scalars {
  /** Every number of the event under its name. What is no number (NaN) makes no point. */
  add(event: StepEvent): void;
  /** What a model has written. */
  text(name: string, step: number, prompt: string, text: string): void;
  close(): Promise<void>;
}

const between = 2000; // ms between two moments at which TensorBoard sees what is new

export function openScalars(folder: string): Scalars {
  let events: Events | null = null;
  let flushed = performance.now();
  let failed: Error | null = null;
  return {
    add({ step, ...scalars }) {
      if (failed) throw failed;
      events ??= openEvents(folder);
      for (const [name, value] of Object.entries(scalars)) {
        if (Number.isFinite(value)) events.scalar(name, step, value);
      }
      if (performance.now() - flushed < between) return;
      flushed = performance.now();
      // Goes on meanwhile; a full disk is told at the next step.
      events.flush().catch((error: Error) => {
        failed = error;
      });
    },
    text(name, step, prompt, text) {
      events ??= openEvents(folder);
      // Markdown, as TensorBoard shows it.
      events.text(name, step, `**${prompt}**${text}`);
    },
    async close() {
      await events?.close();
    },
  };
}
