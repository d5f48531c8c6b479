// Why a step has to run: what differs between it and the newest cached result of the same node.
import { shown } from '../graph/words.ts';
import type { Entry, FileRecord, Origin } from './cache.ts';

/** Differences in the order: the step itself, its files, its definitions, its inputs. */
export function differences(
  now: Origin & { definitions: readonly Origin[]; files: readonly FileRecord[] },
  before: Entry,
): string[] {
  const reasons = [...own(now, before), ...files(now.files, before.files)];
  const known = new Map(before.definitions.map((origin) => [origin.key, origin]));
  const byNode = new Map(before.definitions.map((origin) => [origin.node, origin]));
  const isDefinition = new Set(now.definitions.map((origin) => origin.node));
  const changedInputs: string[] = [];
  const compareInputs = (origin: Origin, old: Origin) => {
    for (const [port, source] of Object.entries(origin.inputs)) {
      const was = old.inputs[port];
      if (was && was.key === source.key && was.output === source.output) continue;
      if (isDefinition.has(source.node) && was) continue; // said where the definition is compared
      if (!was) changedInputs.push(`input ${port} is connected now`);
      else if (was.node !== source.node || was.output !== source.output) {
        changedInputs.push(`input ${port} was ${wire(was)}, is ${wire(source)}`);
      } else changedInputs.push(`input ${source.node} is new`);
    }
    for (const port of Object.keys(old.inputs)) {
      if (!origin.inputs[port]) changedInputs.push(`input ${port} is not connected any more`);
    }
  };
  compareInputs(now, before);
  for (const definition of now.definitions) {
    if (known.has(definition.key)) continue;
    const old = byNode.get(definition.node);
    if (!old) reasons.push(`${definition.node} is new`);
    else {
      reasons.push(...own(definition, old).map((reason) => `${definition.node}: ${reason}`));
      compareInputs(definition, old);
    }
  }
  return [...new Set([...reasons, ...changedInputs])];
}

const wire = ({ node, output }: { node: string; output: string }) => `${node}.${output}`;

function own(now: Origin, before: Origin): string[] {
  if (now.kind !== before.kind) return [`kind changed ${before.kind} -> ${now.kind}`];
  const reasons = now.version === before.version ? [] : [`kind ${now.kind} has a new version`];
  for (const name of new Set([...Object.keys(now.params), ...Object.keys(before.params)])) {
    const [old, value] = [shown(before.params[name]), shown(now.params[name])];
    if (old !== value) reasons.push(`parameter ${name} changed ${old} -> ${value}`);
  }
  return reasons;
}

/** Files of one kind of change that are named; a glob may bring thousands. */
const NAMED = 3;

function files(now: readonly FileRecord[], before: readonly FileRecord[]): string[] {
  const old = new Map(before.map(({ path, sha256 }) => [path, sha256]));
  const here = new Set(now.map(({ path }) => path));
  const fresh = now.filter(({ path }) => !old.has(path));
  const changed = now.filter(({ path, sha256 }) => old.has(path) && old.get(path) !== sha256);
  const gone = before.filter(({ path }) => !here.has(path));
  return [
    ...told(fresh, 'is new', 'are new'),
    ...told(changed, 'changed', 'changed'),
    ...told(gone, 'is gone', 'are gone'),
  ];
}

function told(files: readonly FileRecord[], one: string, many: string): string[] {
  const named = files.slice(0, NAMED).map(({ path }) => `file ${path} ${one}`);
  const rest = files.length - named.length;
  if (rest === 0) return named;
  return [...named, rest === 1 ? `1 more file ${one}` : `${rest} more files ${many}`];
}
