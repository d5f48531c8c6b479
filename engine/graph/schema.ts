// JSON Schema (2020-12) of the kinds' parameters, and what it says of given values, in plain words. Everything that checks,
// shows or documents parameters starts here, so that a kind states a range once.
import type { ErrorObject } from 'ajv/dist/2020.js';
import { closest } from '../../grammar/diagnostic.ts';
import type { Complaint, Kind, Param } from '../nodes/kind.ts';
import { validator } from './validators.ts';
import { describeParam, listed, shown, typeNames } from './words.ts';

type JsonSchema = Record<string, unknown>;

/** Whether `null` may be given for a parameter, meaning "not set". */
function allowsNull(kind: Pick<Kind, 'required'>, name: string, param: Param): boolean {
  return (param.default === undefined || param.default === null) && !kind.required?.includes(name);
}

/** JSON Schema of a kind's parameters: an object without other properties. */
export function paramsSchema(kind: Pick<Kind, 'params' | 'required'>): JsonSchema {
  const properties: Record<string, JsonSchema> = {};
  for (const [name, param] of Object.entries(kind.params)) {
    const schema: JsonSchema = { ...param };
    if (allowsNull(kind, name, param)) {
      if (param.type !== undefined) schema.type = [param.type, 'null'].flat();
      if (param.enum !== undefined) schema.enum = [...param.enum, null];
    }
    properties[name] = schema;
  }
  return { type: 'object', properties, required: [...(kind.required ?? [])], additionalProperties: false };
}

/** Why a kind's parameters are no valid schema, or null. */
export function paramsSchemaFault(kind: Pick<Kind, 'kind' | 'params' | 'required'>): string | null {
  try {
    validator(kind, paramsSchema);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The values with the defaults of what was not given, in the kind's order; what is null or has no default is left out. */
export function withDefaults(kind: Pick<Kind, 'params'>, given: Record<string, unknown>): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [name, param] of Object.entries(kind.params)) {
    const fallback = typeof param.default === 'object' ? structuredClone(param.default) : param.default;
    const value = (Object.hasOwn(given, name) ? given[name] : null) ?? fallback;
    if (value !== undefined && value !== null) values[name] = value;
  }
  return values;
}

/** A complaint about a parameter, or about one item of a list. */
export interface ParamComplaint extends Complaint {
  at: string;
  item?: number;
}

/** What is wrong with these parameters, at most one complaint for each. Required ones are not asked for: see `missing`. */
export function checkParams(
  kind: Pick<Kind, 'kind' | 'params' | 'required'>,
  values: Record<string, unknown>,
): ParamComplaint[] {
  const validate = validator(kind, paramsSchema);
  if (validate(values)) return [];
  const byParam = new Map<string, ErrorObject[]>();
  for (const error of validate.errors ?? []) {
    const [, name] = error.instancePath.split('/');
    if (name === undefined) continue; // required and additionalProperties: reported where the arguments are read
    byParam.set(name, [...(byParam.get(name) ?? []), error]);
  }
  return [...byParam].map(([name, errors]) => complaintOf(name, kind.params[name] as Param, errors));
}

/** Required parameters that were not given. */
export function missing(kind: Kind, given: ReadonlySet<string>): string[] {
  return (kind.required ?? []).filter((name) => !given.has(name));
}

function complaintOf(name: string, param: Param, errors: ErrorObject[]): ParamComplaint {
  const weight = (error: ErrorObject) => (error.keyword === 'type' ? 0 : error.keyword === 'enum' ? 1 : 2);
  const error = [...errors].sort((a, b) => weight(a) - weight(b))[0] as ErrorObject;
  const item = /\/(\d+)$/.exec(error.instancePath)?.[1];
  const subject = item === undefined ? `\`${name}\`` : `item ${Number(item) + 1} of \`${name}\``;
  const found = error.data;
  const note = describeParam(name, param);
  const place = item === undefined ? { at: name } : { at: name, item: Number(item) };
  const complaint = (code: string, says: string, suggest?: unknown): ParamComplaint => ({
    code,
    message: `${subject} must ${says}, not ${shown(found)}`,
    ...place,
    note,
    ...(suggest === undefined ? {} : { suggest: { value: suggest, title: `use ${shown(suggest)}` } }),
  });
  const limit = (error.params as { limit?: number }).limit as number;
  switch (error.keyword) {
    case 'type':
      return complaint(
        'param-type',
        `be ${typeNames(error.schema)}`,
        converted(item === undefined ? param.type : param.items?.type, param, found),
      );
    case 'enum':
      return complaint('param-choice', `be ${listed((param.enum ?? []).map(shown), 'or')}`, nearest(param, found));
    case 'minimum':
      return complaint('param-range', `be at least ${limit}`, limit);
    case 'maximum':
      return complaint('param-range', `be at most ${limit}`, limit);
    case 'exclusiveMinimum':
      return complaint('param-range', `be more than ${limit}`);
    case 'exclusiveMaximum':
      return complaint('param-range', `be less than ${limit}`);
    case 'minLength':
      return limit === 1
        ? { code: 'param-range', message: `${subject} must not be empty`, ...place, note }
        : complaint('param-range', `have at least ${limit} characters`);
    case 'minItems':
    case 'maxItems': {
      const exact = param.minItems === param.maxItems;
      const count = `${exact ? 'exactly' : error.keyword === 'minItems' ? 'at least' : 'at most'} ${limit}`;
      return complaint('param-range', `have ${count} ${limit === 1 ? 'item' : 'items'}`);
    }
    default:
      return { code: 'param-type', message: `${subject} ${error.message ?? 'is not valid'}`, ...place, note };
  }
}

/** The number in a text or the nearest whole number, where that is what the parameter takes. */
function converted(type: Param['type'], param: Param, value: unknown): unknown {
  const types = [type].flat();
  const numeric = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof numeric === 'number' && Number.isFinite(numeric)) {
    if (types.includes('number')) return numeric;
    if (types.includes('integer')) return Math.round(numeric);
  }
  if (types.includes('boolean') && (value === 'true' || value === 'false')) return value === 'true';
  if (types.includes('string') && typeof value === 'number') return String(value);
  if (types.includes('array') && (param.minItems ?? 0) <= 1 && typeof value === param.items?.type) return [value];
  return undefined;
}

function nearest(param: Param, value: unknown): unknown {
  if (typeof value !== 'string') return undefined;
  return closest(value, (param.enum ?? []).map(String)) ?? undefined;
}

/** The schema of one node of this kind: what it is called, its inputs as references, and its parameters. */
export function nodeSchema(kind: Kind): JsonSchema {
  const inputs: Record<string, JsonSchema> = {};
  for (const [name, port] of Object.entries(kind.inputs)) {
    inputs[name] = { type: 'string', description: port.doc, portType: port.type };
  }
  const needed = Object.entries(kind.inputs).filter(([, port]) => !port.optional);
  return {
    title: kind.kind,
    description: kind.doc,
    type: 'object',
    properties: {
      kind: { const: kind.kind },
      inputs: {
        type: 'object',
        properties: inputs,
        required: needed.map(([name]) => name),
        additionalProperties: false,
      },
      params: paramsSchema(kind),
    },
    required: ['kind', 'inputs', 'params'],
    additionalProperties: false,
    examples: [kind.example],
    stage: kind.stage,
    ...(kind.group ? { group: kind.group } : {}),
    kindVersion: kind.version,
    outputs: kind.outputs,
    positional: kind.positional ?? Object.keys(kind.inputs),
  };
}

export const dialect = 'https://json-schema.org/draft/2020-12/schema';

/** The schema of the whole language: a node of any kind. Printed by `dsk nodes --json`. */
export function languageSchema(kinds: readonly Kind[]): JsonSchema {
  return {
    $schema: dialect,
    title: 'Dsk nodes',
    description:
      'A node of a Dsk graph: its kind, what its inputs are connected to ("node" or "node.output"), its parameters.',
    type: 'object',
    oneOf: kinds.map((kind) => ({ $ref: `#/$defs/${kind.kind}` })),
    $defs: Object.fromEntries(kinds.map((kind) => [kind.kind, nodeSchema(kind)])),
  };
}
