// The loss of multi-token prediction: modules behind the model foretell the tokens after the next one (DeepSeek-V3, arXiv 2412.19437,
// section 2.2).
import { tokenLoss } from './learning.ts';
import type { Program, ProgramForward, Tensor } from './module.ts';

/**
 * Adds `weight` times the mean of all modules' mean losses to what is minimised. A token counts for a module where it counts for the
 * model, and lies in the same window and document as the position that foretells it.
 * @param hidden the model's last states
 * @param targets the next tokens, int32 [batch * time]
 */
export function foretellFurther(
  program: Program,
  f: ProgramForward,
  hidden: Tensor,
  targets: Tensor,
  { learned, smoothing }: { learned: Tensor | null; smoothing: number },
): void {
  const { further } = program;
  if (further === null || !f.training) return;
  const { ops, batch, time, documents } = f;
  const n = batch * time;
  /** What stands so many places further on; at the end of a window, what stands last in it. */
  const later = (x: Tensor, by: number): Tensor =>
    ops.embed(
      x,
      ops.constant(
        Int32Array.from({ length: n }, (_, i) => i - (i % time) + Math.min((i % time) + by, time - 1)),
        [n],
      ),
    );
  let states = hidden;
  for (let k = 1; k <= Math.min(further.depth, time - 1); k++) {
    const module = further.module(f, k, states, later(targets, k - 1));
    states = module.states;
    const within = ops.constant(
      Float32Array.from({ length: n }, (_, i) => (i % time < time - k ? 1 : 0)),
      [n],
    );
    let counted = learned === null ? within : ops.mul(within, later(learned, k));
    if (documents) counted = ops.mul(counted, ops.same(documents.starts, later(documents.starts, k)));
    const sum = tokenLoss(program, f, module.top, later(targets, k), { learned: counted, smoothing });
    const mean =
      learned === null && documents === null
        ? ops.scale(sum, 1 / (batch * (time - k)))
        : ops.div(sum, ops.atLeast(ops.total(counted), 1));
    f.penalty(ops.scale(mean, further.weight / further.depth));
  }
}
