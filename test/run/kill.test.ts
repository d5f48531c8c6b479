// Killed at any instant, a training loses no more than the steps since its last checkpoint, and ends as one that nothing disturbed, to
// the last bit. Real processes, real TensorFlow, SIGKILL. Ten moments here; `npm run kills` tries a hundred.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { random } from '../../engine/nodes/random.ts';
import type { RunEvent } from '../../engine/run/events.ts';
import { dsk, folder, leftovers, records, start } from './dsk.ts';

const kills = Number(process.env.DSK_KILLS ?? 10);
const seed = process.env.DSK_SEED ?? 'kills';
const steps = 50 * kills;
const every = 25;

const graph = `dsk 1

book    = load("book.txt", rows: "line")
parts   = split(book, valid: 20%)
vocab   = tokenizer(parts.train, size: 300)
block   = transformer_block(embedding(vocab, dim: 16), attention: mla(heads: 2, kv_rank: 8, rope_dim: 4),
            ffn: moe(experts: 4, active: 2, shared: 1, dim: 16))
trained = train(lm_head(block), parts.train, valid: parts.valid, optimizer: adamw(lr: 5e-4), context: 16, batch: 4,
            steps: ${steps}, checkpoint_every: ${every}, validate_every: 20, keep: "best", spikes: "skip",
            spike_sigma: 3, spike_window: 40)
saved   = export(trained, format: "hf", path: "out")
`;
const nouns = ['whale', 'sea', 'ship', 'captain', 'harpoon', 'wind', 'rope'];
const book = Array.from({ length: 300 }, (_, i) => {
  const [a, b, c] = [nouns[i % 7], nouns[(i * 3) % 7], nouns[(i * 5 + 2) % 7]];
  return `The ${a} and the ${b} saw the ${c} ${i} times.`;
}).join('\n');

const weights = (here: string) =>
  createHash('sha256')
    .update(readFileSync(join(here, 'out/model.safetensors')))
    .digest('hex');

/** Events of a run that may have been killed in the midst of a line. */
function eventsOf(here: string, run: string): RunEvent[] {
  const lines = readFileSync(join(here, '.dsk/runs', run, 'events.jsonl'), 'utf8').split('\n');
  return lines.flatMap((line, i) => {
    try {
      return [JSON.parse(line) as RunEvent];
    } catch (error) {
      if (i < lines.length - 1) throw error; // only the last line may be cut off
      return [];
    }
  });
}

/** Steps with their losses. */
const done = (events: readonly RunEvent[]) =>
  events.flatMap((event) => (event.event === 'step' ? [[event.step, event.loss, event.skipped_steps ?? 0]] : []));

test(`killed at ${kills} random moments, it ends as if nothing had been`, {
  timeout: 60_000 + 20_000 * kills,
}, async () => {
  const whole = folder({ 'g.dsk': graph, 'book.txt': book });
  expect((await dsk(whole, 'run', 'g.dsk', '--json')).code).toBe(0);
  const undisturbed = done(eventsOf(whole, records(whole)[0]?.run ?? ''));
  expect(undisturbed).toHaveLength(steps);

  const here = folder({ 'g.dsk': graph, 'book.txt': book });
  const draw = random(seed);
  let [killed, late] = [0, 0];
  const seen = new Set<string>();
  let saved = 0; // step of the last checkpoint that was told of
  while (killed < kills) {
    const running = start(here, ['run', 'g.dsk', '--resume', '--json']);
    // Most moments lie in the training, a few steps or milliseconds apart; some anywhere from the start on.
    if (draw() < 0.75) {
      await running.says(`"step":${saved + 1 + Math.floor(draw() * 40)},`).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, draw() * 15));
    } else await new Promise((resolve) => setTimeout(resolve, draw() * 1500));
    running.child.kill('SIGKILL');
    const ended = await running.done;
    if (ended.signal !== 'SIGKILL') {
      late++; // it was through already
      break;
    }
    killed++;
    const run = existsSync(join(here, '.dsk/runs'))
      ? records(here).find((each) => !seen.has(each.run))?.run
      : undefined;
    if (run === undefined) continue; // killed before there was one
    seen.add(run);
    const events = eventsOf(here, run);
    const resumed = events.find((event) => event.event === 'resumed');
    if (events.some((event) => event.event === 'step')) {
      // No more is lost than what came after the last checkpoint.
      expect(resumed?.step ?? 0, `after kill ${killed}`).toBeGreaterThanOrEqual(saved);
      // And what it does then is what the undisturbed run did there.
      const own = done(events);
      const first = (own[0]?.[0] as number) - 1;
      expect(own, `the steps before kill ${killed}`).toEqual(undisturbed.slice(first, first + own.length));
    }
    for (const event of events) if (event.event === 'checkpoint') saved = event.step;
  }
  expect(late, 'the training is long enough for all kills').toBe(0);
  const last = await dsk(here, 'run', 'g.dsk', '--resume', '--json');
  expect(last.code).toBe(0);
  expect(weights(here)).toBe(weights(whole));
  expect(leftovers(here)).toEqual([]);
  expect(existsSync(join(here, '.dsk/checkpoints'))).toBe(false);
});
