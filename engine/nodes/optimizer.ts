// How weights are moved: rules written once, in an arithmetic that is recorded into the native graph or carried out op by op.
import type { Weight } from './module.ts';
import type { Tensor } from './ops.ts';

/** What a rule is told of the tensor that it moves. */
export interface Moved {
  name: string;
  shape: number[];
  /** As in Weight. */
  use?: 'table' | 'head';
}

/** Scalars and state of an optimizer, and its update. */
export interface OptimizerRule {
  /** Learning rate at a step for this factor of the schedule, for reports. */
  rate(step: number, factor: number): number;
  /**
   * Whether it does the same to each scalar, whatever stands beside it. Otherwise what one weight holds several of (`parts`: q, k
   * and v) is moved part by part, as if each were a weight of its own.
   */
  elementwise: boolean;
  /** Shapes of what it keeps for a weight, by name; all start at zero. */
  slots(weight: Moved): Record<string, number[]>;
  /** Scalars fed at step 1, 2, ... for this learning-rate factor: always the same names. */
  scalars(step: number, factor: number): Record<string, number>;
  /** One weight's update. */
  update(u: Updates, weight: Moved): void;
}

/** What a rule moves one by one: the weight, or the parts that it holds. */
export function movedBy(rule: OptimizerRule, { name, shape, parts, use }: Weight): Moved[] {
  if (rule.elementwise || parts === undefined) return [{ name, shape, use }];
  return parts.map((part) => ({ name: part.name, shape: [part.rows, ...shape.slice(1)], use }));
}

/** All slots of a weight. */
export function slotsOf(rule: OptimizerRule, weight: Weight): { name: string; shape: number[] }[] {
  return movedBy(rule, weight).flatMap((moved) =>
    Object.entries(rule.slots(moved)).map(([slot, shape]) => ({ name: `${moved.name}/${slot}`, shape })),
  );
}

/** Whether weight decay acts on a weight: on matrices, not on norms' gains and biases. */
export function decays({ shape }: Moved): boolean {
  return shape.length > 1;
}

/** What a rule computes in. Nothing is differentiated. Scalars broadcast. */
export interface Arithmetic {
  number(value: number): Tensor;
  add(a: Tensor, b: Tensor): Tensor;
  sub(a: Tensor, b: Tensor): Tensor;
  mul(a: Tensor, b: Tensor): Tensor;
  div(a: Tensor, b: Tensor): Tensor;
  maximum(a: Tensor, b: Tensor): Tensor;
  sqrt(x: Tensor): Tensor;
  rsqrt(x: Tensor): Tensor;
  square(x: Tensor): Tensor;
  mean(x: Tensor, axes: number[], keep?: boolean): Tensor;
  /** Sum of squares of all elements, scalar. */
  sumOfSquares(x: Tensor): Tensor;
  /** Of matrices. */
  matmul(a: Tensor, b: Tensor, transposeA?: boolean, transposeB?: boolean): Tensor;
  reshape(x: Tensor, shape: number[]): Tensor;
  /** `a` where the condition x > 0 holds, else `b`. */
  where(x: Tensor, a: Tensor, b: Tensor): Tensor;
}

/** The weight at hand. What is read is as it was left by what was called before. */
export interface Updates extends Arithmetic {
  /** Mean over what counts, clipped. */
  readonly gradient: Tensor;
  weight(): Tensor;
  slot(name: string): Tensor;
  /** A scalar that is fed. */
  scalar(name: string): Tensor;
  /** w -= change. */
  subtract(change: Tensor): void;
  /** Sets a slot. */
  keep(name: string, value: Tensor): void;
  /** w -= amount * w. */
  decay(amount: Tensor): void;
  /**
   * Adam (Kingma & Ba 2015) on slots `m` and `v`, one native operation:
   * m += (g - m)(1 - beta1); v += (g^2 - v)(1 - beta2); w -= rate * m / (sqrt(v) + epsilon).
   * Bias correction is the caller's, inside `rate` and `epsilon`.
   */
  adam(m: string, v: string, scalars: { rate: Tensor; beta1: number; beta2: number; epsilon: Tensor }): void;
}

/** Factor on the learning rate at step 1 .. steps. */
export type Schedule = (step: number, steps: number) => number;
