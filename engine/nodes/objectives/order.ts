// In which order rows are learned from.
import { permutation, random } from '../random.ts';

/** The rows of training step 1, 2, ...: in an order that is drawn anew for each pass over them. Depends on nothing but the step. */
export function orderOf(count: number, batch: number, seed: number): (step: number) => number[] {
  let pass = -1;
  let order: Uint32Array = new Uint32Array();
  return (step) =>
    Array.from({ length: batch }, (_, row) => {
      const drawn = (step - 1) * batch + row;
      const own = Math.floor(drawn / count);
      if (own !== pass) {
        order = permutation(count, random(`order ${seed} ${own}`));
        pass = own;
      }
      return order[drawn % count] as number;
    });
}
