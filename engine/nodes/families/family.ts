// A model family of the transformers library: how its config.json maps to an architecture and back.
import type { Architecture } from '../values.ts';

export type Config = Record<string, unknown>;

/** What config.json does not say about further training. */
export interface ReadOptions {
  /** Speed of the routers' balancing bias; 0 leaves it as it is. */
  biasSpeed: number;
}

export interface Family {
  /** config.json's model_type. */
  type: string;
  /** config.json's architectures entry. */
  class: string;
  /** Reads a config. Throws ConfigError. */
  read(config: Config, options: ReadOptions): Architecture;
  /** Writes one, or says why this architecture is none of the family. */
  write(architecture: Architecture): Config | { reason: string };
}

export class ConfigError extends Error {
  /** The key of config.json that is at fault. */
  readonly key: string;
  constructor(key: string, message: string) {
    super(message);
    this.name = 'ConfigError';
    this.key = key;
  }
}

/** A number of the config; `fallback` stands for what transformers assumes where it is missing. */
export function number(config: Config, key: string, fallback?: number): number {
  const value = config[key] ?? fallback;
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw new ConfigError(
      key,
      `config.json needs a number for ${key}; it has ${JSON.stringify(config[key]) ?? 'none'}`,
    );
  return value;
}

/** A whole number of at least `least`. */
export function whole(config: Config, key: string, fallback?: number, least = 1): number {
  const value = number(config, key, fallback);
  if (!Number.isInteger(value) || value < least || value > 2 ** 31)
    throw new ConfigError(key, `config.json needs a whole number of at least ${least} for ${key}; it has ${value}`);
  return value;
}

/** Most layers, and most experts of a layer, that a file can make us list: several times those of any known model. */
const most = 1024;

/** How many layers or experts: a whole number of at least `least`. */
export function count(config: Config, key: string, least = 1): number {
  const value = whole(config, key, undefined, least);
  if (value > most) throw new ConfigError(key, `config.json has ${value} for ${key}; at most ${most} are supported`);
  return value;
}

export function truth(config: Config, key: string, fallback: boolean): boolean {
  const value = config[key] ?? fallback;
  if (typeof value !== 'boolean') throw new ConfigError(key, `config.json needs true or false for ${key}`);
  return value;
}

/** Refuses a setting that this engine does not compute, rather than ignoring it. */
export function only(config: Config, key: string, allowed: unknown[]): void {
  const value = config[key];
  if (value === undefined || value === null || allowed.includes(value)) return;
  throw new ConfigError(
    key,
    `config.json sets ${key} to ${JSON.stringify(value)}, which is not supported (only ${allowed.map((v) => JSON.stringify(v)).join(', ')})`,
  );
}

/** rope_parameters (transformers 5) or rope_theta and rope_scaling (before). */
export function ropeSettings(config: Config): { theta: number; scaling: Config | null } {
  const parameters = (config.rope_parameters ?? config.rope_scaling ?? null) as Config | null;
  const theta = number({ rope_theta: parameters?.rope_theta ?? config.rope_theta }, 'rope_theta', 10000);
  const type = parameters?.rope_type ?? parameters?.type ?? 'default';
  return { theta, scaling: parameters === null || type === 'default' ? null : { ...parameters, rope_type: type } };
}

/** Whether two pieces of an architecture say the same. */
export function equal(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** A number that readers of config.json in Python must take for a float: 1 is written as 1.0. */
export class Float {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** JSON text, indented, with `Float`s as floats. */
export function configText(config: Config): string {
  const mark = '\u0001float ';
  const text = JSON.stringify(
    config,
    (_, value: unknown) => {
      if (!(value instanceof Float)) return value;
      return `${mark}${Number.isInteger(value.value) ? value.value.toFixed(1) : value.value}`;
    },
    2,
  );
  return `${text.replaceAll(/"\\u0001float ([^"]+)"/g, '$1')}\n`;
}
