// The set of node kinds a graph may use. Kinds are checked when they enter it, so that a mistake in a kind's file is reported
// there, with the file's name, and not as a puzzling error in someone's graph.
import { type Group, groups, type Kind, runs } from '../nodes/kind.ts';
import { portTypes } from '../nodes/values.ts';
import { checkParams, paramsSchemaFault, withDefaults } from './schema.ts';

export const stages = ['data', 'model', 'train', 'deliver'] as const;
export type Stage = (typeof stages)[number];

/** Kinds by name. `list` is in reading order: by stage, group and name. */
export interface Kinds {
  readonly list: readonly Kind[];
  get(kind: string): Kind | undefined;
}

/** One or more kinds' files are wrong; `faults` says what, one line each, beginning with the file. */
export class KindError extends Error {
  readonly faults: string[];
  constructor(faults: string[]) {
    super(`a node kind is not well defined:\n  ${faults.join('\n  ')}`);
    this.name = 'KindError';
    this.faults = faults;
  }
}

/**
 * Makes a registry of what kinds' files export.
 * @param modules each kind with the file it comes from (any name that tells the reader where to look); `known`: it is Dsk's own,
 *   which a test has looked through: making validators for a hundred kinds takes half a second
 * @throws KindError listing everything that is wrong with the kinds
 */
export function registry(modules: readonly { file: string; kind: unknown; known?: boolean }[]): Kinds {
  const faults: string[] = [];
  const byName = new Map<string, { file: string; kind: Kind }>();
  for (const { file, kind, known } of modules) {
    const own = known ? [] : kindFaults(kind, file);
    faults.push(...own.map((fault) => `${file}: ${fault}`));
    if (own.length > 0) continue;
    const checked = kind as Kind;
    const other = byName.get(checked.kind);
    if (other) faults.push(`${file}: the kind "${checked.kind}" is already defined in ${other.file}`);
    else byName.set(checked.kind, { file, kind: checked });
  }
  if (faults.length > 0) throw new KindError(faults);
  const list = [...byName.values()].map(({ kind }) => kind);
  list.sort((a, b) => place(a) - place(b) || (a.kind < b.kind ? -1 : 1));
  return { list, get: (name) => byName.get(name)?.kind };
}

/** Kinds of one stage and group, under one heading; `group` is null for those of a stage that have none. */
export interface Shelf {
  readonly stage: Stage;
  readonly group: Group | null;
  readonly kinds: readonly Kind[];
}

/** Kinds under their headings, in reading order; empty ones are left out. */
export function shelves(kinds: readonly Kind[]): Shelf[] {
  return stages.flatMap((stage) =>
    [...groups, null].flatMap((group) => {
      const own = kinds.filter((kind) => kind.stage === stage && (kind.group ?? null) === group);
      return own.length > 0 ? [{ stage, group, kinds: own }] : [];
    }),
  );
}

function place({ stage, group }: Kind): number {
  return stages.indexOf(stage) * (groups.length + 1) + (group ? groups.indexOf(group) : groups.length);
}

const namePattern = /^[a-z][a-z0-9_]*$/;

/** What is wrong with a kind's definition; empty when it is sound. */
export function kindFaults(value: unknown, file: string): string[] {
  if (typeof value !== 'object' || value === null)
    return ['has no kind as its default export (see engine/nodes/kind.ts)'];
  const kind = value as Partial<Kind>;
  const faults: string[] = [];
  const need = (sound: boolean, fault: string) => {
    if (!sound) faults.push(fault);
  };
  need(typeof kind.kind === 'string' && namePattern.test(kind.kind), '`kind` must be a lower-case name, such as "moe"');
  const base = file
    .split(/[\\/]/)
    .pop()
    ?.replace(/\.[a-z]+$/, '');
  need(base === kind.kind, `the file of the kind "${kind.kind}" must be named ${kind.kind}.ts`);
  need(stages.includes(kind.stage as Stage), `\`stage\` must be one of ${stages.join(', ')}`);
  need(kind.group === undefined || groups.includes(kind.group), `\`group\` must be one of ${groups.join(', ')}`);
  need(Number.isInteger(kind.version) && (kind.version as number) >= 1, '`version` must be a whole number from 1 on');
  need(typeof kind.doc === 'string' && kind.doc.trim() !== '', '`doc` is missing');
  need(
    typeof kind.example === 'string' && kind.example.includes(`${kind.kind}(`),
    '`example` must show the kind in use',
  );
  need(typeof kind.infer === 'function', '`infer` is missing');
  for (const field of ['inputs', 'outputs', 'params'] as const) {
    need(typeof kind[field] === 'object' && kind[field] !== null, `\`${field}\` is missing`);
  }
  if (faults.length > 0) return faults;
  return definitionFaults(kind as Kind);
}

function definitionFaults(kind: Kind): string[] {
  const faults: string[] = [];
  for (const name of [...Object.keys(kind.inputs), ...Object.keys(kind.outputs), ...Object.keys(kind.params)]) {
    if (!namePattern.test(name)) faults.push(`"${name}" must be a lower-case name`);
  }
  for (const [name, port] of Object.entries(kind.inputs)) {
    if (!portTypes.includes(port.type)) faults.push(`input "${name}" has the unknown type "${port.type}"`);
    if (!port.doc) faults.push(`input "${name}" needs a doc`);
    if (Object.hasOwn(kind.params, name)) faults.push(`"${name}" is both an input and a parameter`);
  }
  for (const [name, type] of Object.entries(kind.outputs)) {
    if (!portTypes.includes(type)) faults.push(`output "${name}" has the unknown type "${type}"`);
  }
  if (Object.keys(kind.outputs).length === 0) faults.push('has no output');
  for (const [name, param] of Object.entries(kind.params)) {
    if (!param.description) faults.push(`parameter "${name}" needs a description`);
  }
  for (const name of kind.required ?? []) {
    const param = kind.params[name];
    if (!param) faults.push(`required parameter "${name}" is not among its parameters`);
    else if (param.default !== undefined) faults.push(`parameter "${name}" is required and has a default as well`);
  }
  for (const name of kind.positional ?? []) {
    if (!Object.hasOwn(kind.inputs, name) && !Object.hasOwn(kind.params, name)) {
      faults.push(`positional argument "${name}" is neither an input nor a parameter`);
    }
  }
  if (!runs(kind) && 'cost' in kind) faults.push('has a cost but no run');
  const fault = paramsSchemaFault(kind);
  if (fault) faults.push(`its parameters are no valid JSON Schema: ${fault}`);
  else {
    for (const complaint of checkParams({ ...kind, required: [] }, withDefaults(kind, {}))) {
      faults.push(`default of a parameter is not valid: ${complaint.message}`);
    }
  }
  return faults;
}
