// The node kinds, as the bundler finds them: every file of engine/nodes/STAGE/, like engine/graph/kinds.ts on Node's side.
import { type Kinds, registry } from '../engine/graph/registry.ts';

declare global {
  interface ImportMeta {
    glob<T>(patterns: string, options: { eager: true; import: 'default' }): Record<string, T>;
  }
}

const files = import.meta.glob<unknown>('../engine/nodes/{data,model,train,deliver}/*.ts', {
  eager: true,
  import: 'default',
});

export const kinds: Kinds = registry(Object.entries(files).map(([file, kind]) => ({ file, kind })));
