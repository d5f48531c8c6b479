// Tensors of a GGUF file as float32, under Hugging Face's names and in its order of rows.

import { readGguf, wrong } from '../../nodes/gguf/header.ts';
import { placed } from '../../nodes/gguf/llama.ts';
import type { FileSource } from '../source.ts';
import { blockOf, decodeBlocks } from './blocks.ts';

const PIECE = 1 << 22;

export interface GgufTensors {
  tensors: ReadonlyMap<string, { dtype: string; shape: number[]; begin: number; end: number }>;
  /** Fills `out` with a tensor's values. */
  fill(name: string, out: Float32Array): void;
}

/** Throws InputError for a file that is damaged or holds types that are not read. */
export function ggufTensors(source: FileSource): GgufTensors {
  const tensors = placed(readGguf(source));
  return {
    tensors: new Map([...tensors].map(([name, { type, ...place }]) => [name, { dtype: type, ...place }])),
    fill(name, out) {
      const tensor = tensors.get(name);
      const block = tensor && blockOf(tensor.type);
      if (!tensor || !block) throw new Error(`no tensor ${name} of a known type`);
      const { type, shape, heads, begin, end } = tensor;
      // One row after another where they are reordered; else as many blocks as fit.
      const row = heads === null ? block.values : shape.slice(1).reduce((a, b) => a * b, 1);
      if (row % block.values !== 0)
        throw wrong(source.name, `holds ${name} as ${type}, which reorders its rows within blocks`);
      const rowBytes = (row / block.values) * block.bytes;
      const piece = Math.max(1, Math.floor(PIECE / rowBytes)) * rowBytes;
      const half = heads === null ? 0 : (shape[0] as number) / heads / 2;
      for (let at = begin; at < end; at += piece) {
        const bytes = source.read(at, Math.min(piece, end - at));
        const first = (at - begin) / rowBytes;
        const part = (from: number, length: number): DataView =>
          new DataView(bytes.buffer, bytes.byteOffset + from, Math.min(length, bytes.length - from));
        if (heads === null) decodeBlocks(type, part(0, bytes.length), out, first * row);
        else
          for (let r = 0; r * rowBytes < bytes.length; r++)
            decodeBlocks(type, part(r * rowBytes, rowBytes), out, unturned(first + r, half) * row);
      }
    },
  };
}

/** Where a row belongs whose head's two halves were put together row by row: 0, h, 1, h + 1, ... (llama.cpp's permutation). */
function unturned(row: number, half: number): number {
  const within = row % (2 * half);
  return row - within + (within % 2) * half + Math.floor(within / 2);
}
