// Files of weights, read by position: Node has no mmap, so what is asked for is read from the system's page cache straight into the
// place where it is needed.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { InputError } from '../nodes/kind.ts';

export interface FileSource {
  /** The file's name without its folder. */
  name: string;
  bytes: number;
  read(at: number, length: number): Uint8Array;
  /** Fills the bytes from a place of the file. Throws InputError where it has become shorter. */
  fill(bytes: Uint8Array, at: number): void;
  close(): void;
}

/** Throws the system's error where the file cannot be opened. */
export function openSource(path: string): FileSource {
  const handle = openSync(path, 'r');
  const name = basename(path);
  const fill = (bytes: Uint8Array, at: number): void => {
    for (let done = 0; done < bytes.length; ) {
      const count = readSync(handle, bytes, done, Math.min(bytes.length - done, 1 << 30), at + done);
      if (count === 0)
        throw new InputError({
          code: 'weights-broken',
          message: `${name} became shorter while it was read`,
          at: null,
          note: 'let no other program write to it during a run',
        });
      done += count;
    }
  };
  return {
    name,
    bytes: fstatSync(handle).size,
    read(at, length) {
      const bytes = new Uint8Array(length);
      fill(bytes, at);
      return bytes;
    },
    fill,
    close: () => closeSync(handle),
  };
}
