// Contestants of a bench: processes of their own that take turns step by step, so that whatever else the machine does falls on all
// alike. Each says a line of JSON when it is ready, and answers each line with one.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';

/** What a step took (ms), and its loss. */
export interface Sample {
  wall: number;
  cpu: number;
  loss: number;
}

export class Contestant {
  readonly name: string;
  readonly samples: Sample[] = [];
  peak = 0;
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly lines: AsyncIterator<string>;
  private errors = '';

  constructor(name: string, command: string, args: string[]) {
    this.name = name;
    this.child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.child.stderr.on('data', (piece: Buffer) => {
      this.errors = (this.errors + piece.toString()).slice(-2000);
    });
    const reader: Interface = createInterface({ input: this.child.stdout });
    this.lines = reader[Symbol.asyncIterator]();
  }

  async answer(): Promise<Record<string, number>> {
    for (;;) {
      const line = await this.lines.next();
      if (line.done) throw new Error(`${this.name} ended early:\n${this.errors}`);
      if (line.value.startsWith('{')) return JSON.parse(line.value) as Record<string, number>;
    }
  }

  async ask(line: string): Promise<Record<string, number>> {
    this.child.stdin.write(`${line}\n`);
    return this.answer();
  }

  end(): void {
    this.child.stdin.end();
  }
}

/** Lets all take their steps in turn; the first `warmup` do not count. */
export async function race(field: Contestant[], steps: number, warmup: number): Promise<void> {
  await Promise.all(field.map((one) => one.answer()));
  for (let step = 0; step < warmup + steps; step++)
    for (const one of field) {
      const { wall, cpu, loss } = await one.ask('step');
      if (step >= warmup) one.samples.push({ wall, cpu, loss });
    }
  for (const one of field) one.peak = (await one.ask('memory')).peak;
  for (const one of field) one.end();
}

const median = (numbers: number[]): number => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** Prints medians, and ratios to the first of the field, which is ours. */
export function report(model: string, what: string, field: Contestant[], json: boolean): void {
  const [ours] = field;
  // Ratios of neighbours in time, then their median: noise that both saw cancels.
  const ratio = (one: Contestant, of: 'wall' | 'cpu'): number =>
    median(one.samples.map((sample, i) => sample[of] / ours.samples[i][of]));
  const rows = field.map((one) => ({
    model,
    contestant: one.name,
    wall: median(one.samples.map(({ wall }) => wall)),
    cpu: median(one.samples.map(({ cpu }) => cpu)),
    peak: one.peak,
    loss: one.samples.at(-1)?.loss ?? Number.NaN,
    wallRatio: ratio(one, 'wall'),
    cpuRatio: ratio(one, 'cpu'),
    peakRatio: one.peak / ours.peak,
  }));
  if (json) {
    for (const row of rows) console.log(JSON.stringify(row));
    return;
  }
  console.log(`\n${model}: ${what}; ratios are to ours (above 1: slower or larger than ours)`);
  console.log('contestant       wall ms    cpu ms   peak MB   wall x    cpu x   peak x');
  for (const row of rows)
    console.log(
      [
        row.contestant.padEnd(14),
        row.wall.toFixed(1).padStart(9),
        row.cpu.toFixed(1).padStart(9),
        (row.peak / 1e6).toFixed(0).padStart(9),
        row.wallRatio.toFixed(2).padStart(8),
        row.cpuRatio.toFixed(2).padStart(8),
        row.peakRatio.toFixed(2).padStart(8),
      ].join(' '),
    );
}
