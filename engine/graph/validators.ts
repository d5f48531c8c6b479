// Compiles the JSON Schema of kinds' parameters with ajv. Compiling makes code out of text, which the editor's page must not do:
// there, the build puts validators compiled ahead in the place of this file (renderer/validators.ts).
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Kind } from '../nodes/kind.ts';

/** Keywords of ours in the schemas: annotations for forms and docs, without a say in what is valid. */
export const annotations = [
  'unit',
  'advanced',
  'unkeyed',
  'portType',
  'stage',
  'group',
  'kindVersion',
  'outputs',
  'positional',
];

/** An ajv that knows our keywords, for tests and tools that want to compile what `dsk nodes --json` prints. */
export function newAjv(options: ConstructorParameters<typeof Ajv2020>[0] = {}): Ajv2020 {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true, verbose: true, ...options });
  ajv.addVocabulary(annotations);
  for (const format of ['path', 'expression', 'column']) ajv.addFormat(format, true);
  return ajv;
}

type Schematic = Pick<Kind, 'kind' | 'params' | 'required'>;

let shared: Ajv2020 | null = null;
const compiled = new WeakMap<object, ValidateFunction>();

/** The validator of a kind's parameters; `schema` makes their JSON Schema. Throws where that is not valid. */
export function validator(kind: Schematic, schema: (kind: Schematic) => object): ValidateFunction {
  const known = compiled.get(kind);
  if (known) return known;
  shared ??= newAjv(); // one for all: making one takes as long as compiling a kind
  const made = shared.compile(schema(kind));
  compiled.set(kind, made);
  return made;
}
