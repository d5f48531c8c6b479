// Pairs of ids, numbered in the order they come: a hash table on flat arrays, for millions of pairs.

export class Pairs {
  count = 0;
  /** By number of the pair. */
  left = new Int32Array(1 << 10);
  right = new Int32Array(1 << 10);
  /** Numbers of pairs, by hash, each in the first free place behind; -1 is free. */
  #places = new Int32Array(1 << 12).fill(-1);

  /** The number of a pair, or -1. */
  find(left: number, right: number): number {
    const places = this.#places;
    const last = places.length - 1;
    for (let at = hash(left, right) & last; ; at = (at + 1) & last) {
      const pair = places[at] as number;
      if (pair < 0 || (this.left[pair] === left && this.right[pair] === right)) return pair;
    }
  }

  /** The number of a pair, a new one where it has none. */
  add(left: number, right: number): number {
    const found = this.find(left, right);
    if (found >= 0) return found;
    if (this.count === this.left.length) {
      this.left = grown(this.left);
      this.right = grown(this.right);
    }
    const pair = this.count++;
    this.left[pair] = left;
    this.right[pair] = right;
    if (this.count * 2 > this.#places.length) this.#spread();
    else this.#put(pair);
    return pair;
  }

  #put(pair: number): void {
    const places = this.#places;
    const last = places.length - 1;
    let at = hash(this.left[pair] as number, this.right[pair] as number) & last;
    while ((places[at] as number) >= 0) at = (at + 1) & last;
    places[at] = pair;
  }

  #spread(): void {
    this.#places = new Int32Array(this.#places.length * 2).fill(-1);
    for (let pair = 0; pair < this.count; pair++) this.#put(pair);
  }
}

function hash(left: number, right: number): number {
  const mixed = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}

/** Twice as long, with what was in it. */
export function grown<A extends Int32Array | Uint32Array | Float64Array | Uint8Array>(array: A): A {
  const longer = new (array.constructor as new (length: number) => A)(array.length * 2);
  longer.set(array);
  return longer;
}
