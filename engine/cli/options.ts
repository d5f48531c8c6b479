// Options that several commands take.
import { InvalidArgumentError } from 'commander';
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

/** A port number; 0 takes any free one. */
export function portOf(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < 0 || value > 65535) {
    throw new InvalidArgumentError('Give a whole number from 0 to 65535.');
  }
  return value;
}
