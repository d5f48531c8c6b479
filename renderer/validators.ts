// Validators of the kinds' parameters, compiled when the page is built: the page's security policy forbids making code out of
// text, which ajv does. A plugin of the bundler; runs in Node.
import { fileURLToPath } from 'node:url';
import standalone from 'ajv/dist/standalone/index.js';
import type { Plugin } from 'vite';
import { readKinds } from '../engine/graph/kinds.ts';
import { paramsSchema } from '../engine/graph/schema.ts';
import { newAjv } from '../engine/graph/validators.ts';

const replaced = fileURLToPath(new URL('../engine/graph/validators.ts', import.meta.url));
const id = '\0dsk-validators';

/** Puts precompiled validators in the place of engine/graph/validators.ts. */
export function validators(): Plugin {
  return {
    name: 'dsk-validators',
    enforce: 'pre',
    async resolveId(source, importer) {
      if (!source.endsWith('/validators.ts')) return null;
      const found = await this.resolve(source, importer, { skipSelf: true });
      return found?.id === replaced ? id : null;
    },
    load: (wanted) => (wanted === id ? source() : null),
  };
}

async function source(): Promise<string> {
  const { list } = await readKinds({ folders: [] });
  const ajv = newAjv({ code: { source: true, esm: true } });
  for (const kind of list) ajv.addSchema(paramsSchema(kind), kind.kind);
  const make = standalone as unknown as (ajv: object, names: Record<string, string>) => string;
  const code = make(ajv, Object.fromEntries(list.map(({ kind }) => [exported(kind), kind])));
  // ajv writes `require` for its few runtime functions even into ES modules.
  const imports: string[] = [];
  const body = code.replace(/require\("([^"]+)"\)\.default/g, (_, name: string) => {
    imports.push(`import runtime${imports.length} from '${name}.js';`);
    return `(runtime${imports.length - 1}.default ?? runtime${imports.length - 1})`;
  });
  if (body.includes('require(')) throw new Error('a precompiled validator needs a module that is not provided for');
  const table = list.map(({ kind }) => `  ${JSON.stringify(kind)}: ${exported(kind)},`).join('\n');
  return `${imports.join('\n')}
${body}
const byKind = {\n${table}\n};
export function validator({ kind }) {
  const found = byKind[kind];
  if (!found) throw new Error('the page was built without the kind ' + kind);
  return found;
}
`;
}

/** A kind's name may be a reserved word of JavaScript. */
function exported(kind: string): string {
  return `kind_${kind}`;
}
