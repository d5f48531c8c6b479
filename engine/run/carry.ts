// A run under way: step after step, each result stored under its content key, everything that happens written to the run's
// folder and told to whoever watches. A step that fails or is interrupted leaves nothing behind but its checkpoints.
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { temporaryName, writeFile } from '../data/atomic.ts';
import { openCommands } from '../data/commands.ts';
import type { Graph, Node } from '../graph/graph.ts';
import { atPath, fromComplaint } from '../graph/infer.ts';
import type { KindLookup } from '../nodes/context.ts';
import { type Complaint, InputError, runs } from '../nodes/kind.ts';
import { type Artifact, isView, type Ref } from '../nodes/values.ts';
import { unpackArtifact } from '../plan/cache.ts';
import { type Digests, digestsPath } from '../plan/digests.ts';
import type { Plan, Step } from '../plan/plan.ts';
import { plainPlan } from '../plan/render.ts';
import { dropCheckpoints, openCheckpoints } from './checkpoints.ts';
import { draftFolder, storeEntry } from './entry.ts';
import { diagnosticEvent, type Emit, type Results, type RunEvent, type StepRows } from './events.ts';
import { explain } from './failure.ts';
import type { Folders } from './folders.ts';
import { openFigures } from './machine.ts';
import { memo, type Produce } from './memo.ts';
import { report, results, round, stepRows } from './outcome.ts';
import { peakMemory, resetPeakMemory } from './process.ts';
import { openRunFolder, type RunFolder, type StepRecord } from './record.ts';
import { openScalars, type Scalars } from './scalars.ts';
import { openServices, type Services } from './services.ts';
import { stepContext } from './step.ts';

export interface RunInput {
  /** Absolute path of the graph's file. */
  file: string;
  /** As the user named it, for messages. */
  shown: string;
  text: string;
  graph: Graph;
  plan: Plan;
  kinds: KindLookup;
  /** Those the plan was made with. */
  digests: Digests;
  /** Folders outside the graph's own that it may read and write. */
  allow: string[];
  /** Whether it may run programs. */
  commands: boolean;
  /** Go on from checkpoints. */
  resume: boolean;
  /** What the user types to go on after an interruption. */
  resumeCommand: string;
  /** Dsk's own version. */
  version: string;
}

export interface Outcome {
  status: 'done' | 'failed' | 'interrupted';
  exit: 0 | 1 | 3 | 130;
  results: Results;
  /** The run's folder, absolute. */
  folder: string;
}

export class Carrying {
  readonly #input: RunInput;
  readonly #where: Folders;
  /** The graph's folder. */
  readonly #home: string;
  readonly #signal: AbortSignal;
  readonly #began = new Date();
  readonly #folder: RunFolder;
  readonly #emit: Emit;
  readonly #artifacts = new Map<string, Record<string, Artifact>>();
  readonly #drafts: string[] = [];
  readonly #watch: Emit;
  readonly #commands: ReturnType<typeof openCommands>;
  #services: Services | null = null;
  #current: StepRecord | null = null;
  #figures: ReturnType<typeof openFigures> | null = null;

  constructor(input: RunInput, where: Folders, watch: Emit, signal: AbortSignal) {
    this.#input = input;
    this.#where = where;
    this.#home = dirname(input.file);
    this.#signal = signal;
    this.#watch = watch;
    this.#commands = openCommands({ folder: this.#home, commands: input.commands }, signal);
    const folder = openRunFolder(where, {
      file: basename(input.file),
      text: input.text,
      plan: plainPlan(input.plan),
      now: this.#began,
      versions: { dsk: input.version, node: process.versions.node },
      steps: input.plan.steps.map(({ node, kind, key, status, cost }) => ({
        node,
        kind,
        key,
        status: status === 'cached' ? 'cached' : 'waiting',
        ...(cost.memory === undefined ? {} : { expectedMemory: cost.memory }),
      })),
    });
    this.#folder = folder;
    this.#emit = (event) => {
      folder.append(event);
      watch(event);
    };
  }

  async carryOut(): Promise<Outcome> {
    const { steps } = this.#input.plan;
    try {
      this.#emit({
        event: 'started',
        run: this.#folder.id,
        folder: this.#folder.path,
        file: basename(this.#input.file),
        time: this.#began.toISOString(),
        steps: steps.map(({ node, kind, key, status, why }) => ({ node, kind, key, status, why: why.join('; ') })),
      });
      for (const step of steps) if (step.fault) this.#refuse(step);
      for (const step of steps) if (step.status === 'cached') this.#reuse(step);
      for (const step of steps) {
        if (step.status === 'cached') continue;
        this.#signal.throwIfAborted();
        await this.#perform(step);
      }
      this.#current = null;
      await writeFile(digestsPath(this.#where.cache), this.#input.digests.text());
      const { record } = this.#folder;
      record.results = results(this.#artifacts);
      this.#emit({ event: 'finished', run: record.run, results: record.results, seconds: this.#at() });
      return this.#close('done', 0);
    } catch (error) {
      const stopped = this.#signal.aborted && error === this.#signal.reason;
      return stopped ? this.#interrupted() : await this.#failed(error);
    } finally {
      for (const draft of this.#drafts) rmSync(draft, { recursive: true, force: true });
      this.#commands.end();
      this.#figures?.close();
      await this.#services?.close();
    }
  }

  /** Takes a stored result; planning has compared it with its digests. */
  #reuse(step: Step): void {
    const { entry } = step;
    if (!entry) throw new Error(`the plan calls ${step.node} cached and has no result of it`);
    const artifacts: Record<string, Artifact> = {};
    for (const [output, artifact] of Object.entries(entry.artifacts)) {
      artifacts[output] = unpackArtifact(artifact, this.#home);
    }
    this.#artifacts.set(step.node, artifacts);
    this.#emit({ event: 'cached', node: step.node, kind: step.kind, ...this.#rows(step), at: this.#at() });
  }

  /** A step's key speaks of its files as they were when the plan was made: what came of others must not be stored under it. */
  async #unchanged({ files }: Step): Promise<void> {
    for (const { path, sha256 } of files) {
      if (path.startsWith('npm:')) continue; // packages stay as they were installed
      const full = resolve(this.#home, path);
      if (existsSync(full) && (await this.#input.digests.of(full)) === sha256) continue;
      throw new InputError({
        code: 'file-changed',
        message: `${path} changed while the run was under way`,
        at: null,
        note: 'run again once nothing writes to it; the result was not stored',
      });
    }
  }

  /** A stored result that is not what was stored stops the run: somebody should know, before it is made again. */
  #refuse(step: Step): void {
    this.#current = this.#record(step);
    throw new InputError({
      code: 'cache-damaged',
      message: `the stored result of \`${step.node}\` cannot be trusted: ${step.fault}`,
      at: null,
      note: `it is ${join(this.#where.cache, step.key)}; \`dsk clean --entry ${step.key.slice(0, 12)}\` removes it, \`dsk run --fresh\` makes all results again`,
    });
  }

  async #perform(step: Step): Promise<void> {
    const node = this.#node(step);
    const { kind } = node;
    if (!runs(kind)) throw new Error(`${step.node} is no step: the kind ${kind.kind} does not run`);
    const record = this.#record(step);
    this.#current = record;
    record.status = 'running';
    this.#folder.save();
    this.#emit({ event: 'begin', node: step.node, kind: step.kind, why: step.why.join('; '), at: this.#at() });
    const draft = draftFolder(this.#where, step.key);
    this.#drafts.push(draft);
    const began = performance.now();
    resetPeakMemory();
    const scalars = openScalars(join(this.#folder.path, 'tensorboard', step.node));
    let artifacts: Record<string, Artifact>;
    try {
      artifacts = await kind.run(await this.#context(step, node, record, draft, scalars));
      await this.#unchanged(step);
    } catch (error) {
      // What a changed file led to is no news: that it changed is.
      await this.#unchanged(step);
      // A full disk has nothing to do with the path that was given.
      if (!(error instanceof InputError) || error.complaint.code === 'disk-full') throw error;
      throw new InputError(atPath(error.complaint, node));
    } finally {
      await scalars.close();
    }
    record.seconds = round((performance.now() - began) / 1000);
    record.memory = peakMemory();
    if (kind.cached !== false) {
      const measured = { seconds: record.seconds, memory: record.memory };
      artifacts = await storeEntry(this.#where, this.#home, step, draft, artifacts, measured);
    }
    dropCheckpoints(this.#where, step.key);
    rmSync(join(this.#where.parts, step.key), { recursive: true, force: true });
    this.#artifacts.set(step.node, artifacts);
    record.status = 'done';
    this.#folder.save();
    const { seconds, memory } = record;
    this.#emit({
      event: 'end',
      node: step.node,
      kind: step.kind,
      seconds,
      memory,
      ...this.#rows(step),
      at: this.#at(),
    });
  }

  /** Rows of the tables a step read and made; nothing where it has to do with none. */
  #rows(step: Step): { rows?: StepRows } {
    const rows = stepRows(this.#node(step), this.#artifacts);
    return rows ? { rows } : {};
  }

  async #context(step: Step, node: Node, record: StepRecord, draft: string, scalars: Scalars) {
    const { graph, kinds, allow, resume } = this.#input;
    const { record: run } = this.#folder;
    this.#services ??= await openServices(
      temporaryName(join(this.#where.root, 'spill')),
      ({ tensorflow, route, threads }) => {
        run.versions.tensorflow = `${tensorflow} (${route})`;
        run.threads = threads;
        run.oneDnn = process.env.TF_ENABLE_ONEDNN_OPTS !== '0';
        this.#folder.save();
      },
    );
    const log = (message: string) => this.#emit({ event: 'log', node: step.node, message, at: this.#at() });
    const warn = (message: string) => this.#diagnose({ code: 'run-warning', message, at: null }, node, 'warning');
    return stepContext({
      node,
      graph,
      kinds,
      services: this.#services,
      checkpoints: openCheckpoints({
        where: this.#where,
        key: step.key,
        run: run.run,
        weights: this.#services.weights,
        resume,
        warn,
        log,
        saved: (at) => this.#emit({ event: 'checkpoint', node: step.node, step: at, at: this.#at() }),
        resumed: (at, from) => {
          record.resumed = { run: from, step: at };
          record.step = at;
          this.#emit({ event: 'resumed', node: step.node, step: at, run: from, at: this.#at() });
        },
      }),
      paths: { folder: this.#home, allow },
      commands: this.#commands,
      draft,
      parts: join(this.#where.parts, step.key),
      artifacts: await this.#given(node, this.#services.tables, warn),
      memo: (name, of, produce) => this.#memo(name, of, produce, warn),
      progress: (progress) => this.#emit({ event: 'progress', node: step.node, ...progress, at: this.#at() }),
      step: (event) => {
        record.step = event.step;
        if (event.loss !== undefined) record.loss = event.loss;
        this.#figures ??= openFigures(this.#where.root);
        const measured = { ...event, ...this.#figures.due() };
        scalars.add(measured);
        this.#emit({ event: 'step', node: step.node, ...measured, at: this.#at() });
      },
      back: (at) => {
        record.step = at;
        this.#emit({ event: 'back', node: step.node, step: at, at: this.#at() });
      },
      sample: (at, prompt, text) => {
        scalars.text('sample', at, prompt, text);
        this.#emit({ event: 'sample', node: step.node, step: at, prompt, text, at: this.#at() });
      },
      experts: (at, load) => this.#emit({ event: 'experts', node: step.node, step: at, load, at: this.#at() }),
      log,
      warn,
      signal: this.#signal,
    });
  }

  #memo(name: string, of: readonly Ref[], produce: Produce, warn: (message: string) => void): Promise<string> {
    const keys = of.map((ref) => `${this.#keyOf(ref.node)}.${ref.output}`);
    return memo(this.#where, this.#input.digests, name, keys, produce, warn);
  }

  /** What the steps before have made; of what comes in here, tables that are views are stored first where the kind needs that. */
  async #given(node: Node, tables: Services['tables'], warn: (message: string) => void) {
    const { kind } = node;
    if (!runs(kind) || kind.views?.(node.params)) return this.#artifacts;
    const given = new Map(this.#artifacts);
    for (const ref of Object.values(node.inputs)) {
      const table = given.get(ref.node)?.[ref.output];
      if (table?.type !== 'table' || !isView(table)) continue;
      const file = 'table.parquet';
      const folder = await this.#memo(
        'table',
        [ref],
        async (place) => {
          await tables.stored(table, join(place, file), { signal: this.#signal });
        },
        warn,
      );
      const { type, rows, columns } = table;
      given.set(ref.node, { ...given.get(ref.node), [ref.output]: { type, rows, columns, path: join(folder, file) } });
    }
    return given;
  }

  /** The process ends in the middle: what was under way is noted, and the next run sweeps up. */
  abandon(code: number): void {
    const status = code === 130 ? 'interrupted' : 'failed';
    if (this.#current) this.#current.status = status;
    Object.assign(this.#folder.record, { status, exit: code, ended: new Date().toISOString() });
    this.#attempt(() => this.#folder.save());
  }

  #interrupted(): Outcome {
    if (this.#current) this.#current.status = 'interrupted';
    const node = this.#current ? { node: this.#current.node } : {};
    const resume = this.#input.resumeCommand;
    this.#say({ event: 'interrupted', run: this.#folder.id, ...node, resume, seconds: this.#at() });
    return this.#close('interrupted', 130);
  }

  async #failed(error: unknown): Promise<Outcome> {
    const at = this.#current;
    if (at) at.status = 'failed';
    const step = at && this.#input.plan.steps.find(({ node }) => node === at.node);
    const failure = await explain(error, this.#where.root, { disk: step?.cost?.disk, step: at?.step });
    const node = step && this.#node(step);
    if (failure.complaint && node) {
      this.#attempt(() => this.#diagnose(failure.complaint as Complaint, node, 'error'));
    }
    const details = join(this.#folder.path, 'error.log');
    this.#attempt(() => writeFileSync(details, report(error, at)));
    this.#folder.record.message = failure.message;
    this.#say({
      event: 'failed',
      run: this.#folder.id,
      ...(at ? { node: at.node } : {}),
      ...(at?.step === undefined ? {} : { step: at.step }),
      message: failure.message,
      ...(failure.notes.length > 0 ? { notes: failure.notes } : {}),
      exit: failure.exit,
      ...(failure.exit === 3 ? { details } : {}),
      seconds: this.#at(),
    });
    return this.#close('failed', failure.exit);
  }
  #close(status: Outcome['status'], exit: Outcome['exit']): Outcome {
    const { record, path, save } = this.#folder;
    Object.assign(record, { status, exit, ended: new Date().toISOString() });
    if (status === 'done') save();
    else this.#attempt(save);
    return { status, exit, results: record.results, folder: path };
  }

  /** A last word, which a full disk must not keep from whoever watches. */
  #say(event: RunEvent): void {
    this.#attempt(() => this.#folder.append(event));
    this.#watch(event);
  }

  /** What is done on the way out of a failure: where this fails as well, the first reason is the one to report. */
  #attempt(act: () => void): void {
    try {
      act();
    } catch {
      // The disk is full, most likely: the terminal still gets the message.
    }
  }

  #diagnose(complaint: Complaint, node: Node, severity: 'error' | 'warning'): void {
    const diagnostic = fromComplaint(severity, complaint, node);
    this.#say(diagnosticEvent(diagnostic, { file: this.#input.shown, text: this.#input.text }, node.path, this.#at()));
  }

  #node(step: Step): Node {
    const node = this.#input.graph.byPath.get(step.node);
    if (!node) throw new Error(`the plan has a step ${step.node}, which the graph does not have`);
    return node;
  }

  #keyOf(node: string): string {
    const step = this.#input.plan.steps.find((other) => other.node === node);
    if (!step) throw new Error(`the plan has no step ${node}`);
    return step.key;
  }

  #record(step: Step): StepRecord {
    return this.#folder.record.steps[this.#input.plan.steps.indexOf(step)] as StepRecord;
  }

  /** Seconds since the run began. */
  #at(): number {
    return round((Date.now() - this.#began.getTime()) / 1000);
  }
}
