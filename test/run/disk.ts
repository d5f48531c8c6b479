// A disk that fails on purpose: everything that the process under test changes below a folder is counted, and at one of these
// operations the disk is full, writes half, or the machine stops. It stands beneath all code, in Node's own functions.
import fs from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { sep } from 'node:path';

/**
 * `crash`: the process is gone before the operation, and nothing after it happens. `torn`: so, but half of a write got through.
 * `power`: as `crash`, and what was written and not synced is cut to half. `full`: from here on nothing can be written, though files
 * can be moved and removed. `short`: a write takes half of what it is given, and says so.
 */
export type Fault = 'crash' | 'torn' | 'power' | 'full' | 'short';

export class Crash extends Error {}

export interface Disk {
  /** Operations so far, each as its name and path. */
  readonly operations: string[];
  /** From now on operations are counted, and the one of this number (from 1) goes wrong. */
  arm(at: number, fault: Fault): void;
  /** The disk is sound again. */
  mend(): void;
  readonly crashed: boolean;
  restore(): void;
}

// What makes room necessary, by the name of the function.
const needsRoom = /^(write|append|open|mkdir|copy|cp|link)/;

/** Node's functions as a plain object, so that they can be taken out and put back by name. */
type Functions = Record<string, (...args: never[]) => unknown>;

export function faultyDisk(root: string): Disk {
  const operations: string[] = [];
  let [at, fault, crashed, full, armed] = [0, 'crash' as Fault, false, false, false];
  const paths = new Map<number, string>(); // of open files
  const unsynced = new Set<string>();
  const inside = (path: unknown): path is string =>
    typeof path === 'string' && (path === root || path.startsWith(root + sep));

  /** Counts an operation. @returns whether a write gets half through */
  const touch = (name: string, path: string): boolean => {
    if (!armed) return false;
    if (crashed) throw new Crash('the process is gone');
    operations.push(`${name} ${path.slice(root.length + 1)}`);
    const hit = operations.length === at;
    const writes = name.startsWith('write');
    if (hit && (fault === 'crash' || fault === 'power' || (fault === 'torn' && !writes))) {
      crashed = true;
      if (fault === 'power') lose();
      throw new Crash(`crash at ${name} ${path}`);
    }
    if (hit && fault === 'full') full = true;
    if (full && needsRoom.test(name))
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    return hit && (fault === 'torn' || fault === 'short');
  };
  /** What was not synced when the power went. */
  const lose = () => {
    for (const path of unsynced) {
      if (original.existsSync(path)) original.truncateSync(path, Math.floor(original.statSync(path).size / 2));
    }
  };
  const torn = () => {
    if (fault !== 'torn') return;
    crashed = true;
    throw new Crash('crash after half a write');
  };

  const original = { ...fs };
  const functions = fs as unknown as Functions;
  const promises = fs.promises as unknown as Functions;
  const undo: (() => void)[] = [];
  const patch = (
    target: Functions,
    name: string,
    make: (old: (...args: unknown[]) => unknown) => (...args: unknown[]) => unknown,
  ) => {
    const old = target[name] as unknown as (...args: unknown[]) => unknown;
    target[name] = make((...args) => old.apply(target, args)) as never;
    undo.push(() => void (target[name] = old as never));
  };
  const changes = (flags: unknown) => flags !== undefined && flags !== 'r' && flags !== 0;

  // What takes paths and writes nothing itself.
  for (const name of ['mkdir', 'rename', 'rm', 'rmdir', 'unlink', 'link', 'cp', 'copyFile']) {
    const moved = (args: unknown[]) => {
      const path = args.find(inside);
      if (path !== undefined) touch(name, path);
      if (name === 'rename' && unsynced.delete(args[0] as string)) unsynced.add(args[1] as string);
    };
    patch(functions, `${name}Sync`, (old) => (...args) => {
      moved(args);
      return old(...args);
    });
    patch(promises, name, (old) => async (...args) => {
      moved(args);
      return old(...args);
    });
  }

  // Opening, and writing by number.
  patch(functions, 'openSync', (old) => (path, flags, ...rest) => {
    if (inside(path) && changes(flags)) touch('open', path);
    const file = old(path, flags, ...rest) as number;
    if (inside(path)) paths.set(file, path);
    return file;
  });
  patch(functions, 'open', (old) => (path, ...rest) => {
    const done = rest.pop() as (error: Error | null, file?: number) => void;
    try {
      if (inside(path) && changes(rest[0])) touch('open', path);
    } catch (error) {
      return done(error as Error);
    }
    return old(path, ...rest, (error: Error | null, file: number) => {
      if (!error && inside(path)) paths.set(file, path);
      done(error, file);
    });
  });
  const wrote = (file: unknown): string | null => {
    const path = paths.get(file as number) ?? null;
    if (path !== null && armed) unsynced.add(path);
    return path;
  };
  patch(functions, 'writeSync', (old) => (file, data, ...rest) => {
    const path = wrote(file);
    const half = path !== null && touch('write', path);
    if (!half) return old(file, data, ...rest);
    const bytes = typeof data === 'string' ? Buffer.from(data) : (data as Uint8Array);
    const [start = 0, length = bytes.length - start] = rest as number[];
    const taken = old(file, bytes, start, Math.floor(length / 2));
    torn();
    return taken;
  });
  patch(functions, 'write', (old) => (file, data, start, length, ...rest) => {
    const done = rest.at(-1) as (error: Error | null, count?: number, data?: unknown) => void;
    const path = wrote(file);
    try {
      if (path === null || !touch('write', path)) return old(file, data, start, length, ...rest);
    } catch (error) {
      return done(error as Error);
    }
    return old(file, data, start, Math.floor((length as number) / 2), rest[0], (error: Error | null, count: number) => {
      try {
        torn();
        done(error, count, data);
      } catch (crash) {
        done(crash as Error);
      }
    });
  });
  // A stream puts together what waits, as much as there is by then: one operation.
  patch(functions, 'writev', (old) => (file, pieces, ...rest) => {
    if (!paths.has(file as number)) return old(file, pieces, ...rest);
    const done = rest.at(-1) as (error: Error | null, count?: number, data?: unknown) => void;
    const all = Buffer.concat(pieces as Uint8Array[]);
    const at = rest.length > 1 ? rest[0] : null;
    return functions.write?.(
      ...([
        file,
        all,
        0,
        all.length,
        at,
        (error: Error | null, count: number) => done(error, count, pieces),
      ] as never[]),
    );
  });
  patch(functions, 'fsyncSync', (old) => (file) => {
    const path = paths.get(file as number);
    if (path !== undefined) touch('sync', path);
    unsynced.delete(path ?? '');
    return old(file);
  });
  patch(functions, 'closeSync', (old) => (file) => {
    paths.delete(file as number);
    return old(file);
  });

  // Handles.
  patch(promises, 'open', (old) => async (path, flags, ...rest) => {
    if (!inside(path)) return old(path, flags, ...rest);
    if (changes(flags)) touch('open', path);
    const handle = (await old(path, flags, ...rest)) as FileHandle;
    const own = {
      writeFile: handle.writeFile.bind(handle),
      sync: handle.sync.bind(handle),
      write: handle.write.bind(handle),
    };
    handle.writeFile = async (data) => {
      if (armed) unsynced.add(path);
      const bytes = typeof data === 'string' ? Buffer.from(data) : (data as Uint8Array);
      // Node writes the rest itself where the system takes less.
      const half = touch('write', path) && fault === 'torn';
      await own.writeFile(half ? bytes.subarray(0, Math.floor(bytes.length / 2)) : bytes);
      if (half) torn();
    };
    handle.write = (async (data: Uint8Array, ...where: never[]) => {
      if (armed) unsynced.add(path);
      touch('write', path);
      return own.write(data, ...where);
    }) as never;
    handle.sync = async () => {
      touch('sync', path);
      unsynced.delete(path);
      return own.sync();
    };
    return handle;
  });
  syncBuiltinESMExports();

  return {
    operations,
    get crashed() {
      return crashed;
    },
    arm(number, what) {
      operations.length = 0;
      unsynced.clear();
      [at, fault, crashed, full, armed] = [number, what, false, false, true];
    },
    mend: () => void ([crashed, full, armed] = [false, false, false]),
    restore() {
      for (const each of undo) each();
      syncBuiltinESMExports();
    },
  };
}
