// The side of a bench's contestant that runs on Node: a line of JSON when it is ready, then one for each line it reads.
import { createInterface } from 'node:readline';

/** @param run takes step 1, 2, ... and gives its loss */
export async function takeTurns(run: (step: number) => number): Promise<void> {
  const say = (message: object): void => void process.stdout.write(`${JSON.stringify(message)}\n`);
  say({ ready: true });
  let step = 0;
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === 'memory') {
      say({ peak: process.resourceUsage().maxRSS * 1024 });
      continue;
    }
    const cpu = process.cpuUsage();
    const began = performance.now();
    const loss = run(++step);
    const wall = performance.now() - began;
    const { user, system } = process.cpuUsage(cpu);
    say({ wall, cpu: (user + system) / 1000, loss });
  }
}
