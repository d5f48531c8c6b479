// Imports point downwards only, and what the editor runs in a browser reaches no Node module and no native library. Prints
// FILE:LINE and the rule for each import that breaks one.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { root } from '../../engine/native/paths.ts';

/** One import statement: where it stands, what it names, and whether it vanishes when compiled. */
export interface Import {
  file: string;
  line: number;
  name: string;
  typeOnly: boolean;
}

// What each folder may import from, besides itself. `types` may be imported as types alone.
const LAYERS: Record<string, { from: string[]; types?: string[] }> = {
  grammar: { from: [] },
  'engine/native': { from: [] },
  'engine/nodes': { from: ['grammar'], types: ['engine/data', 'engine/tensor'] },
  'engine/data': { from: ['grammar', 'engine/nodes'] },
  'engine/tensor': { from: ['grammar', 'engine/nodes', 'engine/data', 'engine/native'] },
  'engine/graph': { from: ['grammar', 'engine/nodes', 'engine/data', 'engine/tensor'] },
  'engine/language': { from: ['grammar', 'engine/nodes', 'engine/graph'] },
  'engine/plan': { from: ['grammar', 'engine/nodes', 'engine/data', 'engine/tensor', 'engine/graph'] },
  'engine/run': {
    from: ['grammar', 'engine/nodes', 'engine/data', 'engine/tensor', 'engine/graph', 'engine/plan', 'engine/native'],
  },
  // Builds the page: whoever serves it may call this, and it touches nothing else.
  'renderer/build.ts': { from: [] },
  'engine/host': { from: ['grammar', 'engine'] },
  'engine/cli': { from: ['grammar', 'engine', 'renderer/build.ts'] },
  renderer: {
    from: ['grammar', 'engine/nodes', 'engine/graph', 'engine/language'],
    types: ['engine/host', 'engine/run'],
  },
  electron: { from: ['engine/host', 'renderer/build.ts'] },
};

// These run in a browser too: neither they nor anything they import may need Node or a native library.
const PORTABLE = ['grammar', 'engine/nodes', 'engine/graph', 'engine/language', 'renderer'];
// What of them reads the disk, for Node alone; a page is given the same by its bundler and its host. No other portable file
// may import these.
const NODE_SIDE = [
  'engine/graph/kinds.ts',
  'engine/graph/files.ts',
  'renderer/validators.ts',
  'renderer/vite.config.ts',
];
const NATIVE_PACKAGES = /^(@tensorflow\/|@duckdb\/|node-gyp|electron)/;

const layerOf = (file: string): string | undefined =>
  Object.keys(LAYERS).find((layer) => file === layer || file.startsWith(`${layer}/`));

/** The imports of one source text, dynamic ones with a literal name included. */
export function importsOf(file: string, text: string): Import[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: Import[] = [];
  const add = (node: ts.Node, name: ts.Expression | undefined, typeOnly: boolean) => {
    if (!name || !ts.isStringLiteralLike(name)) return;
    const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
    found.push({ file, line, name: name.text, typeOnly });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node, node.moduleSpecifier, isTypeOnly(node.importClause));
    else if (ts.isExportDeclaration(node)) add(node, node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node, node.argument.literal, true);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node, node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const names = clause.namedBindings;
  return !clause.name && !!names && ts.isNamedImports(names) && names.elements.every((element) => element.isTypeOnly);
}

/** The imports that break a rule, one message each. Files are paths relative to the project, with `/`. */
export function brokenRules(sources: Map<string, string>): string[] {
  const imports = [...sources].flatMap(([file, text]) => importsOf(file, text));
  const target = ({ file, name }: Import) =>
    name.startsWith('.') && !name.includes('/node_modules/') ? join(dirname(file), name).replaceAll('\\', '/') : null;
  const wrong: string[] = [];
  const say = (entry: Import, rule: string) =>
    wrong.push(`${entry.file}:${entry.line}: imports ${entry.name}; ${rule}`);

  for (const entry of imports) {
    const layer = layerOf(entry.file);
    const to = target(entry);
    if (!layer || !to) continue;
    const toLayer = layerOf(to) ?? to;
    const { from, types = [] } = LAYERS[layer] ?? { from: [] };
    const allowed = [layer, ...from, ...(entry.typeOnly ? types : [])];
    if (allowed.some((one) => toLayer === one || toLayer.startsWith(`${one}/`))) continue;
    const onlyTypes = types.includes(toLayer) ? ` (from ${toLayer} only types)` : '';
    say(entry, `${layer} may import from ${from.join(', ') || 'nothing outside itself'}${onlyTypes}`);
  }

  // What a file needs when it runs: follow the imports that remain, and report the one that leaves the portable folders.
  const needs = new Map<string, Import[]>();
  for (const entry of imports) if (!entry.typeOnly) needs.set(entry.file, [...(needs.get(entry.file) ?? []), entry]);
  const reach = (file: string, seen: Set<string>): Import[] => {
    if (seen.has(file)) return [];
    seen.add(file);
    return (needs.get(file) ?? []).flatMap((entry) => {
      const to = target(entry);
      if (to) return reach(to, seen);
      return isBuiltin(entry.name) || NATIVE_PACKAGES.test(entry.name) ? [entry] : [];
    });
  };
  for (const layer of PORTABLE) {
    const seen = new Set<string>();
    for (const file of [...sources.keys()].filter((name) => layerOf(name) === layer && !NODE_SIDE.includes(name))) {
      for (const entry of reach(file, seen)) {
        const by = layerOf(entry.file) === layer ? '' : ` (reached from ${file})`;
        say(entry, `${layer} runs in a browser too: no Node module, no native library${by}`);
      }
    }
  }
  return wrong;
}

function readSources(): Map<string, string> {
  const folders = Object.keys(LAYERS).filter((layer) => !layer.includes('.') && existsSync(join(root, layer)));
  const files = folders.flatMap((layer) =>
    readdirSync(join(root, layer), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|tsx|mjs)$/.test(name))
      .map((name) => join(root, layer, name)),
  );
  return new Map(files.map((file) => [relative(root, file).replaceAll('\\', '/'), readFileSync(file, 'utf8')]));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const sources = readSources();
  const wrong = brokenRules(sources);
  for (const line of wrong) console.log(line);
  console.log(`layers: ${sources.size} files, ${wrong.length} imports break a rule`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
}
