// Changed copies of pictures.

import { type CopyWork, copyValues } from '../../nodes/copies.ts';
import { InputError } from '../../nodes/kind.ts';
import { changeImage, type ImageChanges } from '../image.ts';
import { defineRows } from './rows.ts';

interface Params extends CopyWork, ImageChanges {
  column: string;
}

export default defineRows<Params>({
  open: (params) => (batch, first) =>
    copyValues<Uint8Array>(batch, first, params.column, params, async (bytes, draw, row) => {
      try {
        return await changeImage(bytes, params, draw);
      } catch (error) {
        throw new InputError({
          code: 'file-broken',
          message: `row ${row + 1} of \`${params.column}\` holds no picture that can be read: ${(error as Error).message}`,
          at: 'column',
          note: 'JPEG, PNG, WebP, GIF, TIFF and AVIF can be; a filter before takes out the others',
        });
      }
    }),
});
