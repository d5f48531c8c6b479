// The studio in a browser: serves the built page and one WebSocket a page, on 127.0.0.1 alone. See access.ts for who gets in.
import { createReadStream, realpathSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, sep } from 'node:path';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Access, isLocalHost, isOwnOrigin, openAccess } from './access.ts';
import { openLine } from './rpc.ts';
import type { Service } from './service.ts';

export interface Web {
  port: number;
  /** An address that lets one browser in. */
  address(): string;
  close(): Promise<void>;
}

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};
/** What a page may send at once: a large graph with room to spare. */
const largestMessage = 64 << 20;
/** A page that does not read what it is sent is let go before its backlog fills the memory. */
const largestBacklog = 256 << 20;
const beat = 30_000;
/** Of the application's own, so that the page can tell "not allowed" from "gone". */
const unauthorized = 4401;

/**
 * @param page folder of the built page
 * @param port 0: any free one
 * @throws the listening error, such as EADDRINUSE
 */
export async function serveWeb(service: Service, page: string, port: number): Promise<Web> {
  const access = openAccess();
  const root = realpathSync(page);
  const server = createServer((request, response) => serve(request, response, root, access));
  const sockets = new WebSocketServer({ noServer: true, maxPayload: largestMessage });
  server.on('upgrade', (request, socket, head) => upgrade(request, socket, head, sockets, access));
  sockets.on('connection', (socket: WebSocket, request: IncomingMessage) => {
    socket.on('error', () => socket.terminate()); // too large a message, or no text
    if (access.knows(request)) connect(socket, service);
    else socket.close(unauthorized, 'this browser was not let in');
  });
  await listen(server, port);
  const { port: own } = server.address() as AddressInfo;
  return {
    port: own,
    address: () => `http://127.0.0.1:${own}/?token=${access.token()}`,
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((done, fail) => {
    server.once('error', fail);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', fail);
      done();
    });
  });
}

function connect(socket: WebSocket, service: Service): void {
  const line = openLine(service, (message) => {
    if (socket.bufferedAmount > largestBacklog) socket.terminate();
    else socket.send(message);
  });
  let answered = true;
  const pulse = setInterval(() => {
    if (!answered) return socket.terminate();
    answered = false;
    socket.ping();
  }, beat);
  socket.on('pong', () => {
    answered = true;
  });
  socket.on('message', (data, binary) => {
    answered = true;
    if (!binary) line.receive((data as Buffer).toString('utf8'));
  });
  socket.on('close', () => {
    clearInterval(pulse);
    line.close();
  });
}

function upgrade(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  sockets: WebSocketServer,
  access: Access,
): void {
  socket.on('error', () => socket.destroy());
  const { pathname } = addressOf(request);
  if (!isLocalHost(request.headers.host) || !isOwnOrigin(request)) return refuse(socket, '403 Forbidden');
  // An unknown path gets the same word as a missing cookie: the address of a studio that has ended.
  if (!/^\/s\/[^/]+\/socket$/.test(pathname)) return refuse(socket, '404 Not Found');
  sockets.handleUpgrade(request, socket, head, (opened) => {
    if (pathname === `${access.home}/socket`) sockets.emit('connection', opened, request);
    else opened.close(unauthorized, 'this studio has ended');
  });
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function serve(request: IncomingMessage, response: ServerResponse, root: string, access: Access): void {
  const { host } = request.headers;
  for (const [header, value] of Object.entries(headers(host ?? ''))) response.setHeader(header, value);
  if (!isLocalHost(host)) return say(response, 403, 'Dsk studio answers to 127.0.0.1 only.');
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    return say(response, 405, 'Only GET and HEAD.');
  }
  const { pathname, searchParams } = addressOf(request);
  if (pathname === '/') return enter(response, searchParams.get('token'), access);
  if (pathname === access.home) return go(response, `${access.home}/`);
  if (!pathname.startsWith(`${access.home}/`)) {
    return say(
      response,
      404,
      'Nothing here. If this was the address of a studio, it has ended: run `dsk studio` again.',
    );
  }
  const file = fileOf(root, pathname.slice(access.home.length + 1) || 'index.html');
  if (file === null) return say(response, 404, 'There is no such file.');
  response.setHeader('Content-Type', types[extname(file)] ?? 'application/octet-stream');
  response.setHeader('Content-Length', statSync(file).size);
  // Names of assets change with their content.
  const lasting = file.startsWith(join(root, 'assets') + sep);
  response.setHeader('Cache-Control', lasting ? 'private, max-age=31536000, immutable' : 'no-store');
  if (request.method === 'HEAD') return void response.end();
  createReadStream(file)
    .on('error', () => response.destroy())
    .pipe(response);
}

/** A token is good for one browser; one that was used leads to the page as well, which only that browser can use. */
function enter(response: ServerResponse, token: string | null, access: Access): void {
  if (token === null) return say(response, 403, 'Open the address that `dsk studio` printed; it holds a token.');
  const cookie = access.redeem(token);
  if (cookie !== null) response.setHeader('Set-Cookie', cookie);
  go(response, `${access.home}/`);
}

function go(response: ServerResponse, location: string): void {
  response.setHeader('Location', location);
  say(response, 303, '');
}

function say(response: ServerResponse, status: number, text: string): void {
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.setHeader('Cache-Control', 'no-store');
  response.statusCode = status;
  response.end(text === '' ? '' : `${text}\n`);
}

function addressOf(request: IncomingMessage): URL {
  try {
    return new URL(request.url ?? '/', 'http://127.0.0.1');
  } catch {
    return new URL('http://127.0.0.1/-'); // no address: nothing is found there
  }
}

/** A file of the page's folder, links resolved; null where there is none. */
function fileOf(root: string, path: string): string | null {
  let name: string;
  try {
    name = decodeURIComponent(path);
  } catch {
    return null;
  }
  if (name.includes('\0') || name.includes('\\')) return null;
  try {
    const real = realpathSync(join(root, name));
    return real.startsWith(root + sep) && statSync(real).isFile() ? real : null;
  } catch {
    return null;
  }
}

function headers(host: string): Record<string, string> {
  const socket = isLocalHost(host) ? ` ws://${host}` : '';
  return {
    'Content-Security-Policy': [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self' 'unsafe-inline'",
      "img-src 'self' data:",
      "font-src 'self' data:",
      `connect-src 'self'${socket}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
  };
}
