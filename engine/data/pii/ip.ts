// IP addresses, version 4 and 6. Public ones tell who someone is; private and reserved ones are told apart by the registries of RFC
// 6890 and its followers, as Python's ipaddress.is_global has it.
import { isIPv4, isIPv6 } from 'node:net';
import { matches, type Span, whole } from './spans.ts';

const v4 = /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?!\d|\.\d)/g;
const v6 =
  /(?<![\w:.])(?=[0-9A-Fa-f]*:[0-9A-Fa-f]*:)[0-9A-Fa-f:]{2,39}(?:(?<=:)(?:\d{1,3}\.){3}\d{1,3})?(?![\w:]|\.\d)/g;

/** @param all private and reserved ones as well */
export function* ips(text: string, all: boolean): Generator<Span> {
  const found = [
    ...matches(text, v4, (address) => whole(address, isIPv4(address) && (all || isPublic4(address)))),
    ...(text.includes(':')
      ? matches(text, v6, (address) => whole(address, isIPv6(address) && (all || isPublic6(address))))
      : []),
  ];
  found.sort((a, b) => a.start - b.start);
  let done = 0;
  for (const span of found) {
    // An IPv4 address at the end of an IPv6 one.
    if (span.start < done) continue;
    done = span.end;
    yield span;
  }
}

const number = (address: string) => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

/** Blocks that are not public, as address and length of the prefix. */
const reserved = (
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.168.0.0/16 ' +
  '198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 240.0.0.0/4'
)
  .split(' ')
  .map((block) => {
    const [address = '', length = ''] = block.split('/');
    return { first: number(address), size: 2 ** (32 - Number(length)) };
  });

function isPublic4(address: string): boolean {
  const value = number(address);
  // Two addresses of 192.0.0.0/24 are for anyone (RFC 7723, RFC 8155).
  if (value === 0xc0000009 || value === 0xc000000a) return true;
  return !reserved.some(({ first, size }) => value >= first && value < first + size);
}

/** Global unicast (2000::/3) but for documentation (2001:db8::/32) and what is written like C++'s scopes. */
function isPublic6(address: string): boolean {
  const [first = '', second = ''] = address.toLowerCase().split(':');
  return /^[23][0-9a-f]{3}$/.test(first) && !(first === '2001' && Number.parseInt(second || '0', 16) === 0xdb8);
}
