// Token streams on disk: raw little-endian uint32, read by position.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { TokenFiles } from '../nodes/context.ts';
import { diskError } from './atomic.ts';

const file = (folder: string): string => join(folder, 'tokens.bin');

export const tokenFiles: TokenFiles = {
  async write(folder, batches) {
    const handle = await open(file(folder), 'w');
    let count = 0;
    try {
      for await (const ids of batches) {
        // writeFile goes on from where it is until all is written; write may stop half-way.
        await handle.writeFile(new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength));
        count += ids.length;
      }
      await handle.sync();
    } catch (error) {
      throw await diskError(error, folder, 'tokens.bin');
    } finally {
      await handle.close();
    }
    return { count };
  },

  async open(folder) {
    const descriptor = openSync(file(folder), 'r');
    return {
      count: fstatSync(descriptor).size / 4,
      read(start, count) {
        const ids = new Int32Array(count);
        const bytes = readSync(descriptor, ids, 0, count * 4, start * 4);
        if (bytes !== count * 4) throw new Error(`the token stream ${file(folder)} ends at ${start + bytes / 4}`);
        return ids;
      },
      close: () => closeSync(descriptor),
    };
  },
};
