// package-lock.json names every optional package of every package, those for other platforms included: `npm ci` refuses a lock
// that does not, and npm leaves out what the registry at hand does not carry. `--fix` adds what is missing; npm then takes the
// integrity from the registry of whoever installs on that platform.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../engine/native/paths.ts';

interface Entry {
  version?: string;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
}

const CPUS: Record<string, string> = { armv7l: 'arm', armv7: 'arm', armhf: 'arm', loong64: 'loong64' };

/** The platform a package is for, by the custom of naming it: NAME-linux-x64-musl, NAME-win32-arm64-msvc. */
function platformOf(name: string): Partial<Entry> {
  const os = /(?:^|[-/])(aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32)(?=-)/.exec(name)?.[1];
  const cpu =
    /-(arm64|armv7l|armv7|armhf|arm|ia32|x64|loong64|mips64el|ppc64|riscv64|s390x|wasm32|universal)(?=-|$)/.exec(
      name,
    )?.[1];
  const libc = /-(musl|gnu)/.exec(name)?.[1]?.replace('gnu', 'glibc');
  return {
    ...(os ? { os: [os] } : {}),
    ...(cpu && cpu !== 'universal' ? { cpu: [CPUS[cpu] ?? cpu] } : {}),
    ...(libc && os === 'linux' ? { libc: [libc] } : {}),
  };
}

const file = join(root, 'package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, Entry> };
const missing: [path: string, entry: Entry][] = [];
for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const places = [`${path}/node_modules/${name}`, `node_modules/${name}`];
    if (places.some((place) => lock.packages[place]) || !/^\d/.test(version)) continue;
    const dev = entry.dev ? { dev: true } : {};
    missing.push([`node_modules/${name}`, { version, ...platformOf(name), ...dev, optional: true }]);
  }
}

if (process.argv.includes('--fix')) {
  const packages = { ...lock.packages, ...Object.fromEntries(missing) };
  const sorted = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en')));
  writeFileSync(file, `${JSON.stringify({ ...lock, packages: sorted }, null, 2)}\n`);
  console.log(`package-lock.json: ${missing.length} optional packages added`);
} else if (missing.length > 0) {
  for (const [path, entry] of missing) console.log(`package-lock.json: ${path} ${entry.version} is missing`);
  console.log('Remedy: npx tsx test/check/lock.ts --fix');
  process.exitCode = 1;
}
