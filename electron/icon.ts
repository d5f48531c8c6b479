// The app's icon as PNG, drawn from renderer/icon.svg, so that there is one source of it and no picture in git. Knows what that
// file uses: a rectangle with round corners, circles, and lines of one cubic curve each.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { deflateSync } from 'node:zlib';

const source = fileURLToPath(new URL('../renderer/icon.svg', import.meta.url));
const SEGMENTS = 40;

/** Signed distance from a point to a shape's edge, in the drawing's units: negative inside. */
type Distance = (x: number, y: number) => number;

interface Shape {
  distance: Distance;
  colour: readonly [number, number, number];
}

/** The icon, `size` pixels square. */
export function iconPng(size: number): Buffer {
  const svg = readFileSync(source, 'utf8');
  const view = Number(/viewBox="0 0 (\d+) \1"/.exec(svg)?.[1]);
  const shapes = [...svg.matchAll(/<(rect|circle|path) ([^>]*)\/>/g)].map(([, name, text]) =>
    shape(name ?? '', text ?? ''),
  );
  if (!view || shapes.length === 0) throw new Error(`${source}: no square viewBox with shapes in it`);
  const scale = view / size;
  const pixels = Buffer.alloc(size * size * 4);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      let [red, green, blue, alpha] = [0, 0, 0, 0];
      for (const { distance, colour } of shapes) {
        // How much of the pixel is covered, from its centre's distance.
        const cover = Math.min(1, Math.max(0, 0.5 - distance((column + 0.5) * scale, (row + 0.5) * scale) / scale));
        if (cover === 0) continue;
        const over = cover + alpha * (1 - cover);
        const mix = (below: number, above: number) => (above * cover + below * alpha * (1 - cover)) / over;
        [red, green, blue, alpha] = [mix(red, colour[0]), mix(green, colour[1]), mix(blue, colour[2]), over];
      }
      pixels.set([red, green, blue, alpha * 255].map(Math.round), (row * size + column) * 4);
    }
  }
  return encode(size, pixels);
}

function shape(name: string, text: string): Shape {
  const attributes = new Map([...text.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, key, value]) => [key, value ?? '']));
  const number = (key: string) => Number(attributes.get(key) ?? 0);
  const colour = colourOf(attributes.get(name === 'path' ? 'stroke' : 'fill') ?? '');
  if (name === 'circle') {
    const [cx, cy, r] = [number('cx'), number('cy'), number('r')];
    return { colour, distance: (x, y) => Math.hypot(x - cx, y - cy) - r };
  }
  if (name === 'rect') return { colour, distance: rectangle(number('width'), number('height'), number('rx')) };
  return { colour, distance: curve(attributes.get('d') ?? '', number('stroke-width') / 2) };
}

function colourOf(text: string): readonly [number, number, number] {
  const value = Number.parseInt(/^#([0-9a-f]{6})$/.exec(text)?.[1] ?? '', 16);
  if (Number.isNaN(value)) throw new Error(`${source}: ${text} is not a colour of the form #rrggbb`);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

function rectangle(width: number, height: number, radius: number): Distance {
  return (x, y) => {
    const dx = Math.abs(x - width / 2) - width / 2 + radius;
    const dy = Math.abs(y - height / 2) - height / 2 + radius;
    return Math.hypot(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(Math.max(dx, dy), 0) - radius;
  };
}

/** `M x y C x y x y x y`, with round ends: the distance to the curve cut into straight pieces. */
function curve(path: string, half: number): Distance {
  const [ax, ay, bx, by, cx, cy, dx, dy] = (path.match(/-?[\d.]+/g) ?? []).map(Number) as [
    ...[number, number, number, number],
    ...[number, number, number, number],
  ];
  const points = Array.from({ length: SEGMENTS + 1 }, (_, i) => {
    const t = i / SEGMENTS;
    const u = 1 - t;
    const at = (a: number, b: number, c: number, d: number) =>
      u * u * u * a + 3 * u * u * t * b + 3 * u * t * t * c + t * t * t * d;
    return [at(ax, bx, cx, dx), at(ay, by, cy, dy)] as const;
  });
  // The curve lies between its four points' bounds; far from them the exact distance does not matter.
  const [left, right] = [Math.min(ax, bx, cx, dx) - half - 1, Math.max(ax, bx, cx, dx) + half + 1];
  const [top, bottom] = [Math.min(ay, by, cy, dy) - half - 1, Math.max(ay, by, cy, dy) + half + 1];
  return (x, y) => {
    if (x < left || x > right || y < top || y > bottom) return 1;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < SEGMENTS; i++) {
      const [px, py] = points[i] as readonly [number, number];
      const [qx, qy] = points[i + 1] as readonly [number, number];
      const [vx, vy] = [qx - px, qy - py];
      const along = Math.min(1, Math.max(0, ((x - px) * vx + (y - py) * vy) / (vx * vx + vy * vy)));
      least = Math.min(least, Math.hypot(x - px - along * vx, y - py - along * vy));
    }
    return least - half;
  };
}

/** A PNG file of red, green, blue and alpha, 8 bits each. */
function encode(size: number, pixels: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 6, 0, 0, 0], 8);
  const rows = Buffer.alloc(size * (size * 4 + 1));
  for (let row = 0; row < size; row++)
    pixels.copy(rows, row * (size * 4 + 1) + 1, row * size * 4, (row + 1) * size * 4);
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(name: string, data: Buffer): Buffer {
  const out = Buffer.alloc(12 + data.length);
  out.writeUInt32BE(data.length, 0);
  out.write(name, 4, 'latin1');
  data.copy(out, 8);
  out.writeUInt32BE(crc32(out.subarray(4, 8 + data.length)), 8 + data.length);
  return out;
}

function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
