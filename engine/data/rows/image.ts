// Pictures from lists of pixel values.
import sharp from 'sharp';
import { InputError } from '../../nodes/kind.ts';
import { defineRows } from './rows.ts';

/** How lists of numbers become pictures; see the kind `image`. */
export interface PixelParams {
  column: string;
  to: string;
  width: number;
  height?: number;
  channels: 1 | 3;
  black: number;
  white: number;
}

sharp.concurrency(1);

export default defineRows<PixelParams>({
  open({ column, to, width, height, channels, black, white }) {
    const picture = (list: unknown, row: number): Promise<Buffer> => {
      const values = list as (number | null)[];
      const wrong = (message: string, note: string) =>
        new InputError({ code: 'data-few', message: `row ${row + 1}: ${message}`, at: 'width', note });
      const rows = values.length / channels / width;
      if (rows === 0 || !Number.isInteger(rows) || (height !== undefined && rows !== height)) {
        const size = height === undefined ? `rows of ${width}` : `a picture of ${width} x ${height}`;
        throw wrong(
          `\`${column}\` has ${values.length} values, which are no ${channels === 3 ? 'colour ' : ''}${size}`,
          channels === 3 ? 'a pixel has three values: red, green and blue' : 'a pixel has one value',
        );
      }
      const pixels = Buffer.from(
        values.map((value) => {
          const level = (Number(value ?? black) - black) / (white - black);
          return Math.round(255 * Math.min(1, Math.max(0, level)));
        }),
      );
      const raw = sharp(pixels, { raw: { width, height: rows, channels } });
      return raw
        .toColourspace(channels === 1 ? 'b-w' : 'srgb')
        .png()
        .toBuffer();
    };
    return async (batch, first) => {
      const lists = batch[column] as unknown[];
      const pictures: (Buffer | null)[] = [];
      for (const [i, list] of lists.entries()) pictures.push(list === null ? null : await picture(list, first + i));
      return { columns: { [to]: pictures } };
    };
  },
});
