// The page's address and what may be loaded from it: app://dsk/ serves dist/renderer and nothing else, under a policy that lets no
// script in but the page's own files.
import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import { protocol } from 'electron';

const SCHEME = 'app';
export const pageUrl = `${SCHEME}://dsk/index.html`;

/** No eval, no inline script, no frame, nothing from elsewhere. Styles may stand in the page: libraries set positions so. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const TYPES: { [extension: string]: string } = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

/** Call before the app is ready. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

/** Whether an address belongs to the page itself. */
export function isPage(address: string): boolean {
  return address.startsWith(`${SCHEME}://dsk/`);
}

/** Serves `folder` at app://dsk/. Call when the app is ready. */
export function servePage(folder: string): void {
  protocol.handle(SCHEME, async (request) => {
    const file = fileOf(folder, request.url);
    const type = file === null ? undefined : TYPES[extname(file)];
    if (request.method !== 'GET' || file === null || type === undefined) return new Response(null, { status: 404 });
    const body = await readFile(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'EISDIR') return null;
      throw error;
    });
    if (body === null) return new Response(null, { status: 404 });
    return new Response(body, {
      headers: { 'content-type': type, 'content-security-policy': POLICY, 'x-content-type-options': 'nosniff' },
    });
  });
}

/** The file an address stands for, or null where it is none of the folder's. */
export function fileOf(folder: string, address: string): string | null {
  const { host, pathname } = new URL(address);
  if (host !== 'dsk') return null;
  const path = normalize(join(folder, decodeURIComponent(pathname)));
  return path.startsWith(folder + sep) && !path.includes('\0') ? path : null;
}
