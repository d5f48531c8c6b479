// JSON Schema of each method's parameters. What a page sends is checked before a handler sees it; nothing is left out or let
// through unnamed.
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Method } from './contract.ts';

type Schema = Record<string, unknown>;

const string: Schema = { type: 'string', maxLength: 10_000 };
const path: Schema = { type: 'string', minLength: 1, maxLength: 10_000 };
const text: Schema = { type: 'string', maxLength: 16 << 20 };
const boolean: Schema = { type: 'boolean' };
const count: Schema = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER };
// These become names of files.
const key: Schema = { type: 'string', pattern: '^[0-9a-f]{64}$' };
const run: Schema = { type: 'string', pattern: '^[0-9]{8}-[0-9]{6}-[0-9a-z]{3}$' };
const nothing = object({});

function object(properties: Record<string, Schema>): Schema {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}

function optional(schema: Schema): Schema {
  return { ...schema, type: [schema.type, 'null'] };
}

const layout: Schema = object({
  format: { const: 1 },
  nodes: {
    type: 'object',
    maxProperties: 100_000,
    additionalProperties: {
      type: 'object',
      properties: { x: { type: 'number' }, y: { type: 'number' } },
      required: ['x', 'y'],
      additionalProperties: false,
    },
  },
});

const settings: Schema = {
  type: 'object',
  properties: {
    theme: { enum: ['system', 'light', 'dark'] },
    language: { enum: ['system', 'en', 'zh'] },
    autosave: boolean,
    view: { type: 'object' },
  },
  additionalProperties: false,
};

const table = { path, key, output: string };
const limit: Schema = { type: 'integer', minimum: 1, maximum: 1000 };

export const schemas: Record<Method, Schema> = {
  'host.hello': nothing,
  'host.settings': object({ settings }),
  'examples.list': nothing,
  'file.open': object({ path }),
  'file.save': object({ path, text, base: optional(string) }),
  'file.layout': object({ path, layout }),
  'file.draft': object({ path, text: optional(text), base: string }),
  'file.close': object({ path }),
  'file.list': object({ folder: optional(path), extensions: { type: 'array', maxItems: 100, items: string } }),
  'file.create': object({ example: optional(string), path: optional(path) }),
  'file.recent': nothing,
  'graph.check': object({ path, text }),
  'graph.plan': object({ path, text, to: optional(string), fresh: boolean }),
  'trust.grant': object({ folder: path }),
  'run.start': object({
    path,
    to: optional(string),
    fresh: boolean,
    resume: boolean,
    set: { type: 'object', maxProperties: 1000, additionalProperties: string },
  }),
  'run.stop': object({ path, run, hard: boolean }),
  'run.list': object({ path }),
  'run.read': object({ path, run }),
  'run.follow': object({ path, run, from: count }),
  'run.unfollow': object({ path, run }),
  'run.series': object({ path, run, node: string }),
  'result.read': object({ path, key }),
  'table.rows': object({ ...table, offset: count, limit, from: count }),
  'table.statistics': object({ ...table, from: count }),
  'table.removal': object({ path, key }),
  'table.removed': object({ path, key, reason: optional(string), offset: count, limit, from: count }),
  'tokenizer.encode': object({ ...table, text: { type: 'string', maxLength: 100_000 } }),
  'generate.start': object({
    ...table,
    prompt: { type: 'string', maxLength: 1_000_000 },
    temperature: { type: 'number', minimum: 0, maximum: 100 },
    topP: { type: 'number', minimum: 0, maximum: 1 },
    maxTokens: { type: 'integer', minimum: 1, maximum: 1_000_000 },
    seed: { type: 'integer', minimum: 0, maximum: 2 ** 32 - 1 },
  }),
  'generate.stop': object({ id: string }),
};

const ajv = new Ajv2020({ allowUnionTypes: true });
const compiled = new Map<string, ValidateFunction>();

/** What is wrong with a request's parameters, with its place; null when they are sound. */
export function paramsFault(method: Method, params: unknown): string | null {
  let validate = compiled.get(method);
  if (!validate) {
    validate = ajv.compile(schemas[method]);
    compiled.set(method, validate);
  }
  if (validate(params)) return null;
  const [error] = validate.errors ?? [];
  const place = (error?.instancePath ?? '').slice(1).replaceAll('/', '.');
  const extra = (error?.params as { additionalProperty?: string } | undefined)?.additionalProperty;
  const what = `${error?.message ?? 'not valid'}${extra === undefined ? '' : ` (${extra})`}`;
  return `${method}: ${place === '' ? 'the parameters' : place} ${what}`;
}
