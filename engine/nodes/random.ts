// Random numbers that are the same on every machine and backend: seeded by words, so that what is drawn for one thing does not
// depend on what was drawn before for another.

/** Uniform numbers in [0, 1) with 32 bits. */
export type Random = () => number;

/** xoshiro128** (Blackman & Vigna 2018), its state filled by splitmix32 over the seed's characters. */
export function random(seed: string | number): Random {
  let mix = 0x9e3779b9;
  for (const character of String(seed)) mix = Math.imul(mix ^ character.charCodeAt(0), 0x85ebca6b) ^ (mix >>> 13);
  const next = (): number => {
    mix = (mix + 0x9e3779b9) | 0;
    let z = mix;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  let [a, b, c, d] = [next(), next(), next(), next() | 1];
  return () => {
    const product = Math.imul(b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9);
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return (result >>> 0) / 4294967296;
  };
}

/** Independent draws from a normal distribution with mean 0 (Box & Muller 1958). */
export function normals(count: number, deviation: number, draw: Random): Float32Array {
  const values = new Float32Array(count);
  for (let i = 0; i < count; i += 2) {
    const radius = deviation * Math.sqrt(-2 * Math.log(1 - draw()));
    const angle = 2 * Math.PI * draw();
    values[i] = radius * Math.cos(angle);
    if (i + 1 < count) values[i + 1] = radius * Math.sin(angle);
  }
  return values;
}

/** A random order of 0 .. count-1 (Fisher & Yates). */
export function permutation(count: number, draw: Random): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(draw() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
