// Options that several commands take.
import { Exit } from './exit.ts';

/** Collects `--set name=value`. Throws Exit (2) where there is no name. */
export function collectSet(value: string, before: Record<string, string> = {}): Record<string, string> {
  const at = value.indexOf('=');
  const name = value.slice(0, Math.max(at, 0)).trim();
  if (name === '') throw new Exit(2, `--set takes NAME=VALUE, such as --set steps=1000, not \`${value}\``);
  return { ...before, [name]: value.slice(at + 1).trim() };
}

/** Collects an option that may be given several times. */
export function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}
