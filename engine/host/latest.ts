// Requests of which only the newest matters, such as a check at every keystroke: while one is under way, those that wait behind it
// give way to the next.
import { HostError } from './fault.ts';

interface Lane {
  waiting: { start(lane: Lane): void; drop(): void } | null;
}

/** Returns a function that lets at most one `work` of a name run and one wait; who is replaced fails with `outdated`. */
export function latestOnly(): <T>(name: string, work: () => Promise<T>) => Promise<T> {
  const lanes = new Map<string, Lane>();
  const enter = (name: string): Lane => {
    const lane: Lane = { waiting: null };
    lanes.set(name, lane);
    return lane;
  };
  return async (name, work) => {
    const busy = lanes.get(name);
    busy?.waiting?.drop();
    const lane = busy
      ? await new Promise<Lane>((start, fail) => {
          const drop = () => fail(new HostError('outdated', 'a newer request took the place of this one'));
          busy.waiting = { start, drop };
        })
      : enter(name);
    try {
      return await work();
    } finally {
      if (lane.waiting) lane.waiting.start(enter(name));
      else lanes.delete(name);
    }
  };
}
