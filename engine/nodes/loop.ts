// The loop of a training: step after step, with validation, checkpoints, what stands out, and where to stop.
import { averageShare } from './averaging.ts';
import { likelyCauses } from './causes.ts';
import type { RunContext } from './context.ts';
import {
  type Feeds,
  NonFiniteError,
  type OptimizerRule,
  type Schedule,
  type StepResult,
  type TrainingSession,
} from './module.ts';
import { along, type SpikeOptions, spikeLimits } from './spikes.ts';
import { atStart, backName, bestName, measured, type Standing, standingOf } from './standing.ts';
import { refuses, type Watching } from './watching.ts';

/** What it needs of a kind's parameters. */
export interface Looping extends Watching {
  steps: number;
  batch: number;
  accumulate?: number;
  clip: number;
  ema?: number;
  seed: number;
}

/** What a training loop moves. */
export interface Trainee {
  session: TrainingSession;
  optimizer: OptimizerRule;
  schedule: Schedule;
  /** The weights as they result. */
  results(): Iterable<{ name: string; shape: number[]; values: Float32Array }>;
  /** Lets the model write, as it is at this step; null where nobody asked for it. */
  sample: ((step: number) => void) | null;
}

/** What a training run looks through. */
export interface Source {
  /** What is counted, and how much of it a step goes through. */
  unit: 'tokens' | 'rows';
  size: number;
  /** The batches of step 1, 2, ...: they depend on nothing but the step. */
  at(step: number): Feeds[];
  /** Batches to measure on, the same at each time; null: none. */
  held: (() => Iterable<Feeds>) | null;
}

/** Spikes in a row, or goings back from one place, after which it is no single bad batch any more. */
const MOST_SPIKES = 10;
/** Spikes that are told of one by one where nothing is done about them. */
const TOLD = 5;

type Context = Omit<RunContext<unknown>, 'params'> & { params: Looping };

/** What becomes of a training, besides its weights. */
export interface Outcome {
  /** Step whose weights result, kept under `bestName`; null: the last. */
  best: number | null;
  report: Record<string, unknown>;
}

/**
 * Trains to the end, or to where it stops by itself.
 * @throws TrainingFailure when numbers are not finite, or spikes do not end; the signal's reason when the user interrupts
 */
export async function train(context: Context, trainee: Trainee, source: Source): Promise<Outcome> {
  const { session, optimizer, schedule, results, sample } = trainee;
  const { params, signal, checkpoints } = context;
  const { steps, patience, min_delta = 0, spike_sigma: sigma = 6, spike_window: window = 100 } = params;
  const tenth = Math.max(1, Math.round(steps / 10));
  const { validate_every: validateEvery = tenth, checkpoint_every: checkpointEvery = tenth } = params;
  const { sample_every: sampleEvery = tenth, roll_back_every: backEvery = tenth } = params;
  const { unit, size } = source;
  const spikes: SpikeOptions = { window, sigma };

  let done = 0;
  let standing: Standing = atStart;
  const load = async (path: string): Promise<void> => {
    const reader = await context.weights.open([path]);
    const state = new Map<string, Float32Array>();
    for (const name of reader.tensors.keys()) state.set(name, reader.read(name));
    reader.close();
    session.load(state);
  };
  const save = (): Promise<void> => {
    const { best, back } = standing;
    const kept = [
      ...(best && params.keep === 'best' ? [bestName(best.step)] : []),
      ...(back ? [backName(back.step)] : []),
    ];
    return checkpoints.save(done, { ...standing }, session.state(), kept);
  };
  /** Keeps this place to go back to. */
  const mark = async (): Promise<void> => {
    const { skipped, course, back } = standing;
    await checkpoints.keep(backName(done), session.state(), back && backName(back.step));
    standing = { ...standing, back: { step: done, skipped, course } };
  };
  const resumed = await checkpoints.resume();
  if (resumed !== null) {
    await load(resumed.weights);
    done = resumed.step;
    standing = standingOf(resumed.state);
  }
  if (params.spikes === 'roll_back' && standing.back === null) await mark();

  let told = 0;
  let recent: { at: number; step: number }[] = [];
  while (done < steps) {
    if (signal.aborted) {
      await save();
      signal.throwIfAborted();
    }
    const step = done + 1;
    const factor = schedule(step, steps);
    // As torch counts: a step that was refused is none to the optimizer.
    const update = step - standing.skipped;
    const scalars = {
      ...optimizer.scalars(update, factor),
      ...(params.ema !== undefined && { average: averageShare(params.ema, update) }),
    };
    const rate = optimizer.rate(update, factor);
    const feeds = source.at(step + standing.passed_over);
    const failure = (what: string): TrainingFailure =>
      explained(session, feeds, `at step ${step} ${what}`, {
        losses: standing.course.losses,
        rate,
        clip: params.clip,
        step,
        rows: `${(step + standing.passed_over - 1) * params.batch * (params.accumulate ?? 1)} on, in the order of seed ${params.seed}`,
      });
    const limits = spikeLimits(standing.course, spikes);
    const result = attempt(() => session.step(feeds, scalars, refuses(params) ? limits : undefined));
    if (result.broken !== undefined && !refuses(params)) throw failure(`the ${result.broken} is not a finite number`);

    const { refused } = result;
    const { loss, gradientNorm } = result;
    const stands = (what: 'loss' | 'gradient'): string => {
      const [name, value] = what === 'loss' ? ['the loss', loss] : ["the gradient's norm", gradientNorm];
      return `${name}${result.broken ? ' is not a finite number' : `, ${short(value)}, is beyond ${short(limits[what])}`}`;
    };
    if (refused !== undefined && params.spikes === 'roll_back' && standing.back !== null) {
      const { back } = standing;
      const place = step + standing.passed_over;
      const backs = place > standing.spike + MOST_SPIKES ? 1 : standing.backs + 1;
      if (backs > MOST_SPIKES) throw failure(`${stands(refused)}, and so again after going back ${MOST_SPIKES} times`);
      context.log(`step ${step}: ${stands(refused)}: back to step ${back.step}, and on with the batches behind it`);
      await load(checkpoints.kept(backName(back.step)));
      const { skipped, course } = back;
      standing = { ...standing, skipped, course, passed_over: place - back.step, backs, spike: place };
      done = back.step;
      recent = [];
      context.back(done);
      await breathe();
      continue;
    }
    if (refused !== undefined) {
      const in_row = standing.in_row + 1;
      if (in_row >= MOST_SPIKES) throw failure(`${stands(refused)}, for the ${in_row}th step in a row`);
      context.log(`step ${step}: ${stands(refused)}: skipped`);
      standing = { ...standing, in_row, skipped: standing.skipped + 1 };
    } else if (result.skipped) {
      if (told++ < TOLD)
        context.log(`step ${step}: a gradient does not fit float16: skipped, the loss scale is halved`);
      standing = { ...standing, skipped: standing.skipped + 1 };
    } else {
      const spike = loss > limits.loss ? 'loss' : gradientNorm > limits.gradient ? 'gradient' : null;
      if (spike !== null && told++ < TOLD) {
        const more = told === TOLD ? '; no further ones are told' : '';
        context.log(
          `step ${step}: ${stands(spike)}, ${sigma} deviations above the steps before; spikes: "skip" skips such steps${more}`,
        );
      }
      standing = { ...standing, loss, in_row: 0, course: along(standing.course, loss, gradientNorm, spikes) };
    }

    done = step;
    const now = performance.now();
    recent = [...recent.slice(-20), { at: now, step }];
    const span = recent[recent.length - 1].at - recent[0].at;
    const speed = span > 0 ? (1000 * size * (step - recent[0].step)) / span : 0;
    const measures = source.held !== null && (step % validateEvery === 0 || step === steps);
    if (source.held !== null && measures) {
      const before = standing.best;
      standing = measured(standing, step, validation(session, source.held, step), min_delta);
      if (params.keep === 'best' && standing.best?.step === step)
        await checkpoints.keep(bestName(step), results(), before && bestName(before.step));
    }
    const { valid_loss: validLoss } = standing;
    const loads = expertLoads(result.reports);
    context.step({
      step,
      ...(!result.skipped && { loss, gradient_norm: gradientNorm }),
      learning_rate: rate,
      ...(speed > 0 && { [`${unit}_per_second`]: Math.round(speed) }),
      ...(measures && validLoss !== null && { valid_loss: validLoss }),
      ...expertImbalance(loads),
      ...(standing.skipped > 0 && { skipped_steps: standing.skipped }),
    });
    if (Object.keys(loads).length > 0 && showsLoads(step, steps)) context.experts(step, loads);
    context.progress({
      done: step,
      total: steps,
      unit: 'steps',
      note: `loss ${standing.loss?.toFixed(3) ?? 'not known yet'}${validLoss === null ? '' : ` · valid ${validLoss.toFixed(3)}`}${speed > 0 ? ` · ${Math.round(speed).toLocaleString('en')} ${unit}/s` : ''}`,
    });
    if (sample !== null && (step % sampleEvery === 0 || step === steps)) sample(step);
    if (patience !== undefined && standing.waited >= patience) {
      const { best } = standing;
      context.log(
        `stopped at step ${step}: the loss on the validation text is best at step ${best?.step ?? 0}, ${short(best?.loss ?? 0)}`,
      );
      break;
    }
    if (params.spikes === 'roll_back' && step % backEvery === 0 && step < steps) await mark();
    if (step % checkpointEvery === 0 && step < steps) await save();
    await breathe();
  }
  const best = params.keep === 'best' ? standing.best : null;
  const validLoss = best?.loss ?? standing.valid_loss;
  return {
    best: best?.step ?? null,
    report: {
      loss: standing.loss,
      ...(validLoss !== null && { valid_loss: validLoss }),
      ...(best && { best_step: best.step }),
      steps: done,
      [unit]: done * size,
    },
  };
}

/** Lets signals and timers in. */
function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Numbers that are not finite as a result as well: nothing was changed then either. */
function attempt(step: () => StepResult): StepResult & { broken?: 'loss' | 'gradient' } {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof NonFiniteError)) throw error;
    const { what } = error;
    return { loss: Number.NaN, gradientNorm: Number.NaN, reports: new Map(), refused: what, broken: what };
  }
}

/** A failure with its likely causes, from what the session says of the batches that led to it. */
function explained(
  session: TrainingSession,
  feeds: readonly Feeds[],
  message: string,
  around: { losses: readonly number[]; rate: number; clip: number; step: number; rows: string },
): TrainingFailure {
  const weights = new Map<string, { norm: number; size: number }>();
  for (const { name, values } of session.state()) {
    const norm = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
    if (!name.includes('/')) weights.set(name, { norm, size: values.length });
  }
  return new TrainingFailure(`${message}; the weights are those after step ${around.step - 1}`, [
    ...likelyCauses({ feeds, inspection: session.inspect(feeds), weights, ...around }),
    `look at the rows around this batch: windows ${around.rows}`,
  ]);
}

function short(value: number): string {
  return Number(value.toPrecision(3)).toString();
}

/** A run that failed for a reason the user can act on. */
export class TrainingFailure extends Error {
  readonly notes: string[];
  constructor(message: string, notes: string[]) {
    super(message);
    this.name = 'TrainingFailure';
    this.notes = notes;
  }
}

/** Mean loss over what counts of held-out batches, after `step` updates. */
function validation(session: TrainingSession, held: () => Iterable<Feeds>, step: number): number {
  let total = 0;
  let counted = 0;
  for (const feeds of held()) {
    const { loss, count } = session.evaluate(feeds);
    total += loss * count;
    counted += count;
  }
  if (!Number.isFinite(total)) {
    throw new TrainingFailure(`after step ${step} the loss on the validation text is not a finite number`, [
      'the weights have run away: a lower learning rate (lr) or a longer warmup usually helps',
    ]);
  }
  return total / Math.max(1, counted);
}

/** Whether what the experts got in a step is reported: evenly, about as often as a picture of it has columns, and at both ends. */
export function showsLoads(step: number, steps: number): boolean {
  return step === 1 || step === steps || step % Math.ceil(steps / 256) === 0;
}

/** Tokens each expert got, by layer. */
function expertLoads(reports: Map<string, Float32Array>): Record<string, number[]> {
  const loads: Record<string, number[]> = {};
  for (const [name, load] of reports) {
    const layer = /layers\.(\d+)\./.exec(name)?.[1];
    if (name.endsWith('.load') && layer !== undefined) loads[layer] = [...load];
  }
  return loads;
}

/** Of each layer with experts: the busiest expert's load over the mean (1 is perfect balance). */
function expertImbalance(loads: Record<string, number[]>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(loads).map(([layer, load]) => {
      const mean = load.reduce((sum, value) => sum + value, 0) / load.length;
      return [`expert_imbalance/layer_${layer}`, Math.max(...load) / mean];
    }),
  );
}
