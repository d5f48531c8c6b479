// Who may talk to the studio in a browser. The address that is printed holds a token that works once: whoever opens it gets a
// cookie, and only connections with the cookie are served. The cookie is bound to a path of its own, since browsers send cookies of
// 127.0.0.1 to every port there, other people's servers included.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export interface Access {
  /** First part of all addresses, such as /s/k3...; anybody may load the page below it, which holds no secrets. */
  readonly home: string;
  /** A token for one more browser. */
  token(): string;
  /** Takes a token: the cookie to set, or null where it is wrong or was used. */
  redeem(token: string): string | null;
  /** Whether the request brings the cookie. */
  knows(request: IncomingMessage): boolean;
}

const name = 'dsk';
const secret = () => randomBytes(24).toString('base64url');

export function openAccess(): Access {
  const home = `/s/${randomBytes(9).toString('base64url')}`;
  const session = secret();
  const tokens = new Set<string>();
  return {
    home,
    token() {
      const token = secret();
      tokens.add(token);
      return token;
    },
    redeem(given) {
      const token = [...tokens].find((each) => same(each, given));
      if (token === undefined) return null;
      tokens.delete(token);
      return `${name}=${session}; HttpOnly; SameSite=Strict; Path=${home}/`;
    },
    knows(request) {
      const cookies = (request.headers.cookie ?? '').split(';').map((each) => each.trim());
      return cookies.some((each) => each.startsWith(`${name}=`) && same(each.slice(name.length + 1), session));
    },
  };
}

/** A page of another site whose name was made to mean 127.0.0.1 (DNS rebinding) has its own name there. The port may differ: that
 *  of an SSH tunnel's near end. */
export function isLocalHost(host: string | undefined): boolean {
  return /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/.test(host ?? '');
}

/** Whether a WebSocket is opened by the page that this server sent: browsers tell where every such request comes from. */
export function isOwnOrigin({ headers }: IncomingMessage): boolean {
  return headers.origin === `http://${headers.host}`;
}

function same(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
