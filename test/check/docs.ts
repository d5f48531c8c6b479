// What the documents name exists: files and folders they link or quote, npm scripts, dsk commands. And README names every
// command. So a rename or a new command that forgets them is noticed. (The reference of the kinds is compared as a golden.)
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from '../../engine/cli/program.ts';
import { root } from '../../engine/native/paths.ts';

const DOCUMENTS = ['README.md', 'ARCHITECTURE.md', 'CHANGELOG.md', 'LICENSE'];
const FOLDERS = /^(grammar|engine|test|examples|renderer|electron)\//;

/** Everything a document names that has to exist: where, and what kind of thing. */
export function namesIn(text: string): { line: number; kind: 'path' | 'script' | 'command'; name: string }[] {
  const found: ReturnType<typeof namesIn> = [];
  text.split('\n').forEach((content, index) => {
    const add = (kind: 'path' | 'script' | 'command', name: string | undefined) => {
      if (name) found.push({ line: index + 1, kind, name });
    };
    for (const [, link] of content.matchAll(/\]\((?![a-z]+:|#)([^)\s#]+)/g)) add('path', link);
    for (const [, quoted] of content.matchAll(/`([\w@./-]+)`/g))
      if (quoted && FOLDERS.test(quoted)) add('path', quoted);
    for (const [, script] of content.matchAll(/\bnpm run ([a-z][\w:-]*)/g)) add('script', script);
    for (const [, command] of content.matchAll(/(?:`|^\s*(?:\$ )?|npx )dsk ([a-z]+)\b/g)) add('command', command);
  });
  return found;
}

function check(): number {
  const scripts = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object }).scripts;
  const exists = {
    path: (name: string) => existsSync(join(root, name)),
    script: (name: string) => name in scripts,
    command: (name: string) => name === 'help' || existsSync(join(root, 'engine/cli', `${name}.ts`)),
  };
  let failed = 0;
  const say = (text: string) => {
    console.log(text);
    failed++;
  };
  for (const document of DOCUMENTS) {
    if (!existsSync(join(root, document))) {
      say(`${document}: missing`);
      continue;
    }
    // The change log tells of things that are gone.
    if (document === 'LICENSE' || document === 'CHANGELOG.md') continue;
    for (const { line, kind, name } of namesIn(readFileSync(join(root, document), 'utf8'))) {
      if (!exists[kind](name)) say(`${document}:${line}: ${kind} ${name} does not exist`);
    }
  }
  const readme = existsSync(join(root, 'README.md')) ? readFileSync(join(root, 'README.md'), 'utf8') : '';
  const named = new Set(namesIn(readme).map(({ kind, name }) => `${kind} ${name}`));
  for (const command of build().commands.map((each) => each.name())) {
    if (!named.has(`command ${command}`)) say(`README.md: does not name the command dsk ${command}`);
  }
  console.log(`docs: ${DOCUMENTS.length} documents, ${failed} failures`);
  return failed;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href)
  process.exitCode = check() === 0 ? 0 : 1;
