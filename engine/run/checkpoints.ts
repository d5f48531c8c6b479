// Checkpoints of a step under way: `.dsk/checkpoints/KEY/STEP/` with `weights.safetensors` and `state.json`. KEY is the step's
// content key, so a later run of the same work finds them. A checkpoint appears whole (folder renamed into place) and is checked
// by its digest before it is used; the newest two are kept. One that is saved again at its step is `STEP.SERIAL`: the old one stays
// until the new one is there.
import { existsSync, mkdirSync, readFileSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { discardFolder, publishFolder, TEMPORARY, temporaryName, writeFile } from '../data/atomic.ts';
import { hashFile } from '../data/hash.ts';
import type { Checkpoints, WeightFiles } from '../nodes/context.ts';
import { type Folders, names } from './folders.ts';

const newest = 2;

const KEPT = 'kept-';
const ENDING = '.safetensors';

/** A checkpoint and the name of its folder. */
interface Found {
  name: string;
  saved: Saved;
}

/** What state.json holds: the kind's own state, and what it takes to trust and order checkpoints. */
interface Saved {
  format: 1;
  /** Counts saves of this key over all runs; the highest is the newest, whatever its step. */
  serial: number;
  step: number;
  run: string;
  weights: { sha256: string; bytes: number };
  state: Record<string, unknown>;
  /** Files beside the checkpoints that it goes on with. */
  kept?: string[];
}

export interface CheckpointOptions {
  where: Folders;
  key: string;
  run: string;
  weights: WeightFiles;
  /** Whether this run was started with `--resume`. */
  resume: boolean;
  warn(message: string): void;
  log(message: string): void;
  saved(step: number): void;
  resumed(step: number, run: string): void;
}

/** The service a running kind sees, for one step of the plan. */
export function openCheckpoints(options: CheckpointOptions): Checkpoints {
  const folder = join(options.where.checkpoints, options.key);
  return {
    async resume() {
      const found = list(folder);
      if (!options.resume) {
        if (found[0])
          options.warn(`there is a checkpoint at step ${found[0].saved.step}: \`--resume\` goes on from it`);
        return null;
      }
      for (const name of damagedNames(folder)) {
        options.warn(`checkpoint ${join(folder, name)} cannot be read and is left out`);
      }
      for (const { name, saved } of found) {
        const weights = join(folder, name, 'weights.safetensors');
        const damage = await findDamage(weights, saved);
        if (damage === null) {
          options.resumed(saved.step, saved.run);
          return { step: saved.step, state: saved.state, weights };
        }
        options.warn(`the checkpoint at step ${saved.step} is damaged (${damage}) and is left out`);
      }
      options.log('there is no checkpoint to go on from: begins at the first step');
      return null;
    },

    async save(step, state, tensors, kept = []) {
      const serial = (list(folder)[0]?.saved.serial ?? 0) + 1;
      const first = join(folder, String(step));
      const place = existsSync(first) ? `${first}.${serial}` : first;
      const draft = temporaryName(place);
      try {
        mkdirSync(draft, { recursive: true });
        const weights = join(draft, 'weights.safetensors');
        await options.weights.write(weights, tensors);
        const saved: Saved = {
          format: 1,
          serial,
          step,
          run: options.run,
          weights: { sha256: await hashFile(weights), bytes: statSync(weights).size },
          state,
          ...(kept.length > 0 && { kept: [...kept] }),
        };
        await writeFile(join(draft, 'state.json'), `${JSON.stringify(saved)}\n`);
        await publishFolder(draft, place);
      } catch (error) {
        rmSync(draft, { recursive: true, force: true });
        throw error;
      }
      for (const { name } of list(folder).slice(newest)) await discardFolder(join(folder, name));
      const named = namedBy(folder);
      for (const name of names(folder)) {
        if (name.startsWith(KEPT) && !named.has(name.slice(KEPT.length, -ENDING.length))) rmSync(join(folder, name));
      }
      options.saved(step);
    },

    async keep(name, tensors, instead = null) {
      mkdirSync(folder, { recursive: true });
      await options.weights.write(join(folder, `${KEPT}${name}${ENDING}`), tensors);
      if (instead === null || instead === name || namedBy(folder).has(instead)) return;
      rmSync(join(folder, `${KEPT}${instead}${ENDING}`), { force: true });
    },
    kept(name) {
      const path = join(folder, `${KEPT}${name}${ENDING}`);
      if (existsSync(path)) return path;
      throw new Error(`${path} is missing: the run cannot go on as it was`);
    },
  };
}

/** What the checkpoints go on with. */
function namedBy(folder: string): Set<string> {
  return new Set(list(folder).flatMap(({ saved }) => saved.kept ?? []));
}

/** Forgets the checkpoints of a step that is done. */
export function dropCheckpoints(where: Folders, key: string): void {
  rmSync(join(where.checkpoints, key), { recursive: true, force: true });
  if (existsSync(where.checkpoints) && names(where.checkpoints).length === 0) rmdirSync(where.checkpoints);
}

/** The readable ones, newest first. */
function list(folder: string): Found[] {
  return names(folder)
    .flatMap((name) => {
      const saved = read(join(folder, name), name);
      return saved ? [{ name, saved }] : [];
    })
    .sort((a, b) => b.saved.serial - a.saved.serial);
}

function damagedNames(folder: string): string[] {
  return names(folder).filter(
    (name) => !name.startsWith(TEMPORARY) && !name.startsWith(KEPT) && read(join(folder, name), name) === null,
  );
}

function read(folder: string, name: string): Saved | null {
  try {
    const saved = JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8')) as Saved;
    const named = name === String(saved.step) || name === `${saved.step}.${saved.serial}`;
    const sound = saved.format === 1 && named && typeof saved.weights?.sha256 === 'string';
    return sound ? saved : null;
  } catch {
    return null; // missing, cut off or unreadable: `resume` says so
  }
}

async function findDamage(weights: string, saved: Saved): Promise<string | null> {
  if (!existsSync(weights)) return `${weights} is missing`;
  const bytes = statSync(weights).size;
  if (bytes !== saved.weights.bytes) return `weights.safetensors has ${bytes} bytes, not ${saved.weights.bytes}`;
  return (await hashFile(weights)) === saved.weights.sha256 ? null : 'weights.safetensors does not match its digest';
}
