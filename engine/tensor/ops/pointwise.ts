// Operations on each element alone, and dropout.
import type { Ops } from '../../nodes/ops.ts';
import type { Kernels, T } from '../kernels.ts';
import { Value } from '../tape.ts';
import { dropped, kept, type Making, shrink, value } from './making.ts';

type Pointwise = Pick<
  Ops,
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'same'
  | 'atLeast'
  | 'scale'
  | 'swiglu'
  | 'gelu'
  | 'relu'
  | 'tanh'
  | 'sigmoid'
  | 'round'
  | 'softmax'
  | 'dropout'
>;

export function pointwise({ k, one }: Making): Pointwise {
  /** Of a result that the backward pass needs alone: f(x), and the gradient from f(x) and that of the result. */
  const byResult =
    (forward: (x: T) => T, backward: (y: T, g: T) => T): Ops['tanh'] =>
    (x) =>
      one([x], () => {
        const y = forward(value(x).data);
        return { outputs: [y], backward: ([g]) => [backward(y, g)] };
      });
  /** Of one that is as soon computed again as kept: f(x), and the gradient from x and that of the result. */
  const byInput =
    (forward: (x: T) => T, backward: (x: T, g: T) => T): Ops['tanh'] =>
    (x) =>
      one([x], () => {
        const again = (): T => forward(value(x).data);
        return { outputs: [again()], remake: again, backward: ([g]) => [backward(value(x).data, g)] };
      });
  const [exact, byTanh] = [geluExact(k), geluTanh(k)].map(({ forward, backward }) => byInput(forward, backward));

  return {
    add: (a, b) =>
      one([a, b], () => ({
        outputs: [k.add(value(a).data, value(b).data)],
        backward: ([g]) => [shrink(k, g, a.shape), shrink(k, g, b.shape)],
      })),

    sub: (a, b) =>
      one([a, b], () => ({
        outputs: [k.sub(value(a).data, value(b).data)],
        backward: ([g]) => [shrink(k, g, a.shape), shrink(k, k.neg(g), b.shape)],
      })),

    mul: (a, b) =>
      one([a, b], () => {
        const [x, y] = [value(a), value(b)];
        return {
          outputs: [k.mul(x.data, y.data)],
          backward: ([g]) => [
            x.tracked ? shrink(k, k.mul(g, y.data), a.shape) : null,
            y.tracked ? shrink(k, k.mul(g, x.data), b.shape) : null,
          ],
        };
      }),

    round: (x, step) =>
      one([x], () => {
        const a = value(x).data;
        const each =
          step === null
            ? k.maximum(k.div(k.topk(k.mul(a, k.sign(a)), 1).values, k.scalar(127)), k.scalar(1e-30)) // [n, 1]
            : k.split(
                value(step).data,
                [1, step.shape[0] - 1].filter((size) => size > 0),
                0,
              )[0];
        const whole = k.minimum(k.maximum(k.round(k.div(a, each)), k.scalar(-128)), k.scalar(127));
        return { outputs: [k.mul(whole, each)], backward: () => [null] };
      }),

    div: (a, b) =>
      one([a, b], () => {
        const [x, y] = [value(a), value(b)];
        return {
          outputs: [k.div(x.data, y.data)],
          // d(a / b) = da / b - (a / b) db / b
          backward: ([g]) => [
            x.tracked ? shrink(k, k.div(g, y.data), a.shape) : null,
            y.tracked ? shrink(k, k.neg(k.div(k.mul(g, k.div(x.data, y.data)), y.data)), b.shape) : null,
          ],
        };
      }),

    same: (a, b) =>
      new Value(
        k.tidy(() => k.toFloat(k.equal(value(a).data, value(b).data))),
        false,
      ),
    atLeast: (x, least) =>
      new Value(
        k.tidy(() => k.maximum(value(x).data, k.scalar(least))),
        false,
      ),

    scale: (x, factor) =>
      one([x], () => ({
        outputs: [k.mul(value(x).data, k.scalar(factor))],
        backward: ([g]) => [k.mul(g, k.scalar(factor))],
      })),

    swiglu: (gate, up) =>
      one([gate, up], () => {
        const [a, b] = [value(gate).data, value(up).data];
        const forward = (): T => swiglu(k, a, b);
        return { outputs: [forward()], remake: forward, backward: ([g]) => swigluGradient(k, g, a, b) };
      }),

    gelu: (x, approximate) => (approximate === 'tanh' ? byTanh(x) : exact(x)),
    relu: byInput(
      (x) => k.maximum(x, k.scalar(0)),
      (x, g) => k.select(k.greater(x, k.scalar(0)), g, k.scalar(0)),
    ),
    tanh: byResult(k.tanh, (y, g) => k.mul(g, k.sub(k.scalar(1), k.square(y)))),
    sigmoid: byResult(k.sigmoid, (y, g) => k.sigmoidGradient(y, g)),
    softmax: byResult(k.softmax, (y, g) => {
      const axis = y.shape.length - 1;
      return k.mul(y, k.sub(g, k.sum(k.mul(g, y), [axis], true)));
    }),

    dropout(x, draw) {
      if (draw === null) return x;
      return one([x], () => {
        const mask = kept(k, draw, x.shape);
        const forward = (): T => dropped(k, value(x).data, mask, draw.rate);
        return {
          outputs: [forward()],
          saved: [mask],
          remake: forward,
          backward: ([g]) => [dropped(k, g, mask, draw.rate)],
        };
      });
    },
  };
}

interface Activation {
  forward(x: T): T;
  /** From x and the result's gradient. */
  backward(x: T, g: T): T;
}

/** x F(x) with the normal distribution's F(x) = (1 + erf(x / sqrt 2)) / 2; the derivative is F(x) + x f(x). */
function geluExact(k: Kernels): Activation {
  const share = (x: T): T => k.mul(k.add(k.erf(k.mul(x, k.scalar(Math.SQRT1_2))), k.scalar(1)), k.scalar(0.5));
  return {
    forward: (x) => k.mul(x, share(x)),
    backward(x, g) {
      const density = k.mul(k.exp(k.mul(k.square(x), k.scalar(-0.5))), k.scalar(1 / Math.sqrt(2 * Math.PI)));
      return k.mul(g, k.add(share(x), k.mul(x, density)));
    },
  };
}

/** x (1 + tanh u) / 2 with u = sqrt(2 / pi) (x + 0.044715 x^3). */
function geluTanh(k: Kernels): Activation {
  const root = Math.sqrt(2 / Math.PI);
  const bent = (x: T): T => k.tanh(k.mul(x, k.add(k.scalar(root), k.mul(k.square(x), k.scalar(root * 0.044715)))));
  return {
    forward: (x) => k.mul(k.mul(x, k.scalar(0.5)), k.add(bent(x), k.scalar(1))),
    backward(x, g) {
      const t = bent(x);
      const slope = k.add(k.scalar(root), k.mul(k.square(x), k.scalar(3 * root * 0.044715))); // du / dx
      const inner = k.mul(k.mul(x, k.sub(k.scalar(1), k.square(t))), slope);
      return k.mul(g, k.mul(k.add(k.add(t, k.scalar(1)), inner), k.scalar(0.5)));
    },
  };
}

/** All [n, h]. */
export function swiglu(k: Kernels, gate: T, up: T): T {
  return k.mul(k.mul(gate, k.sigmoid(gate)), up);
}

/** Of silu(gate) up: d gate = g up (s + gate s (1 - s)) with s = sigmoid(gate); d up = g gate s. */
export function swigluGradient(k: Kernels, g: T, gate: T, up: T): [T, T] {
  const s = k.sigmoid(gate);
  const gu = k.mul(g, up);
  const dgate = k.add(k.mul(gu, s), k.sigmoidGradient(s, k.mul(gu, gate)));
  return [dgate, k.mul(g, k.mul(gate, s))];
}
