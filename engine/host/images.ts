// Pictures in binary columns, for looking at: PNG, JPEG, GIF and WebP as small pictures that travel inside of an answer.
import type { ImageCell } from './contract.ts';

/** The longer side of what is sent, in pixels, and bytes of a picture that is looked into at all. */
const side = 128;
export const mostBytes = 4 << 20;
/** A picture this large is not decoded: it may be made to fill the memory. */
const mostPixels = 64e6;

/** SQL: whether a BLOB begins like a picture. */
export function isImage(blob: string): string {
  const head = `hex((${blob})[1:12])`;
  const begins = ['89504E470D0A1A0A', 'FFD8FF', '47494638'].map((magic) => `starts_with(${head}, '${magic}')`);
  return `(${begins.join(' OR ')} OR ${head} LIKE '52494646________57454250')`;
}

/** A picture made small, or null where the bytes are none after all. */
export async function thumbnail(bytes: Uint8Array): Promise<Omit<ImageCell, 'bytes'> | null> {
  const { default: sharp } = await import('sharp');
  try {
    const picture = sharp(bytes, { limitInputPixels: mostPixels, failOn: 'none' });
    const { width, height } = await picture.metadata();
    const small = await picture
      .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
      .png({ compressionLevel: 6, palette: width * height > 64 * 64 })
      .toBuffer();
    return { image: `data:image/png;base64,${small.toString('base64')}`, width, height };
  } catch (error) {
    // libvips says so of what is no picture; anything else is a fault of ours.
    if (error instanceof Error && /Input (buffer|image)|pixel limit|corrupt|vips|unsupported/i.test(error.message))
      return null;
    throw error;
  }
}
