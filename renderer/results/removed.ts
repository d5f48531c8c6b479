// How many rows a step removed; null for steps that make other rows of their input, and until it is known.
import type { RemovedRows } from '../../engine/host/contract.ts';
import { useAnswer } from './use-answer.ts';

export function useRemoved(path: string, key: string): RemovedRows | null {
  return useAnswer('table.removed', { path, key, offset: 0, limit: 1 }).value;
}
