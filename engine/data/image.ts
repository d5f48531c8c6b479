// Changes of a picture, by sharp (libvips): what is drawn by chance is drawn here, so that the same seed gives the same picture.
import sharp, { type Color, type Sharp } from 'sharp';
import { normals, type Random } from '../nodes/random.ts';

/** How far each change may go, either way; 0 leaves it out. */
export interface ImageChanges {
  /** Degrees. */
  rotate: number;
  /** Shares: of the size ... */
  scale: number;
  crop: number;
  flip: 'none' | 'horizontal' | 'vertical' | 'both';
  /** ... of the brightness, of the distance from grey, of the colour's strength. */
  brightness: number;
  contrast: number;
  saturation: number;
  /** Degrees on the colour wheel. */
  hue: number;
  /** Standard deviation, as a share of the range from black to white. */
  noise: number;
  /** What comes into view beyond the picture's edge, as "#rrggbb". */
  background: string;
}

/** Pixels in memory, 8 bits a channel: red, green, blue and maybe alpha. */
interface Pixels {
  data: Buffer;
  width: number;
  height: number;
  channels: 3 | 4;
}

/** A picture takes this many bytes at most when unpacked. */
const largest = 1 << 28;

// Pictures are done in several threads already.
sharp.concurrency(1);
sharp.cache(false);

/**
 * A changed copy of a picture, of the same size and in the same format (what is no JPEG, PNG or WebP becomes PNG). All random numbers
 * are drawn whatever is asked for, so that one change more leaves the others as they were.
 * @throws Error in sharp's words for bytes that are no picture
 */
export async function changeImage(bytes: Uint8Array, changes: ImageChanges, draw: Random): Promise<Buffer> {
  const either = () => 2 * draw() - 1;
  const angle = changes.rotate * either();
  const scale = 1 + changes.scale * either();
  const [cropX, cropY, left, top] = [draw() * changes.crop, draw() * changes.crop, draw(), draw()];
  const [flipX, flipY] = [draw() < 0.5, draw() < 0.5];
  const brightness = 1 + changes.brightness * either();
  const contrast = 1 + changes.contrast * either();
  const saturation = 1 + changes.saturation * either();
  const hue = changes.hue * either();

  const opened = sharp(bytes, { limitInputPixels: largest / 4 });
  const { format, space } = await opened.metadata();
  let pixels = await unpack(opened.autoOrient().toColourspace('srgb'));
  const { width, height } = pixels;
  const grey = space === 'b-w' || space === 'grey16';
  const beyond = pixels.channels === 4 ? { r: 0, g: 0, b: 0, alpha: 0 } : changes.background;
  if (angle !== 0) pixels = centred(await unpack(open(pixels).rotate(angle, { background: beyond })), width, height);
  if (scale !== 1) pixels = await scaled(pixels, scale, beyond);
  if (cropX > 0 || cropY > 0) {
    const [w, h] = [Math.max(1, Math.round(width * (1 - cropX))), Math.max(1, Math.round(height * (1 - cropY)))];
    const box = {
      left: Math.floor(left * (width - w + 1)),
      top: Math.floor(top * (height - h + 1)),
      width: w,
      height: h,
    };
    pixels = await unpack(open(pixels).extract(box).resize(width, height, { fit: 'fill' }));
  }
  const across = flipX && (changes.flip === 'horizontal' || changes.flip === 'both');
  const over = flipY && (changes.flip === 'vertical' || changes.flip === 'both');
  if (across || over) pixels = await unpack(open(pixels).flop(across).flip(over));
  if (!grey && (saturation !== 1 || hue !== 0)) {
    pixels = await unpack(open(pixels).modulate({ saturation: Math.max(0, saturation), hue: Math.round(hue) }));
  }
  if (brightness !== 1 || contrast !== 1) {
    pixels = await unpack(open(pixels).linear(brightness * contrast, 128 * brightness * (1 - contrast)));
  }
  if (changes.noise > 0) addNoise(pixels, changes.noise * 255, grey, draw);
  return pack(open(pixels).toColourspace(grey ? 'b-w' : 'srgb'), format);
}

const open = ({ data, width, height, channels }: Pixels): Sharp => sharp(data, { raw: { width, height, channels } });

async function unpack(image: Sharp): Promise<Pixels> {
  const { data, info } = await image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels: info.channels as 3 | 4 };
}

function pack(image: Sharp, format: string | undefined): Promise<Buffer> {
  if (format === 'jpeg') return image.jpeg({ quality: 95 }).toBuffer();
  if (format === 'webp') return image.webp({ quality: 95 }).toBuffer();
  return image.png().toBuffer();
}

/** Larger or smaller, cut or padded to the size it had. */
async function scaled(pixels: Pixels, factor: number, background: Color): Promise<Pixels> {
  const { width, height } = pixels;
  const [w, h] = [Math.max(1, Math.round(width * factor)), Math.max(1, Math.round(height * factor))];
  const resized = await unpack(open(pixels).resize(w, h, { fit: 'fill' }));
  if (w >= width && h >= height) return centred(resized, width, height);
  const [left, top] = [(width - w) >> 1, (height - h) >> 1];
  const padding = { left, top, right: width - w - left, bottom: height - h - top };
  return unpack(open(resized).extend({ ...padding, background }));
}

/** The middle of a picture that is no smaller than this. */
function centred({ data, width, height, channels }: Pixels, w: number, h: number): Pixels {
  const [left, top] = [(width - w) >> 1, (height - h) >> 1];
  const middle = Buffer.alloc(w * h * channels);
  for (let y = 0; y < h; y++) {
    const start = ((top + y) * width + left) * channels;
    data.copy(middle, y * w * channels, start, start + w * channels);
  }
  return { data: middle, width: w, height: h, channels };
}

/** In place; a grey picture stays grey, and what is transparent stays so. */
function addNoise({ data, channels }: Pixels, deviation: number, grey: boolean, draw: Random): void {
  const count = data.length / channels;
  const noise = normals(grey ? count : count * 3, deviation, draw);
  for (let i = 0; i < count; i++) {
    for (let channel = 0; channel < 3; channel++) {
      const at = i * channels + channel;
      const value = (data[at] as number) + (noise[grey ? i : 3 * i + channel] as number);
      data[at] = Math.min(255, Math.max(0, Math.round(value)));
    }
  }
}
