// The same models as a careful user of stock tfjs would write them: tfjs functions, its own gradients, its own Adam.
import type * as tfjs from '@tensorflow/tfjs';
import type { Architecture } from '../../engine/nodes/values.ts';
import { batch, shape } from './models.ts';

type T = tfjs.Tensor;

/** One training step; returns the loss. (Adam without decoupled decay: tfjs has none, which favours it.) */
export function stockStep(tf: typeof tfjs, architecture: Architecture): (step: number) => number {
  const { vocab, dim, layers, heads, ffn, rank, rope: turn, experts, active, expert, context } = shape;
  const sparse = architecture.blocks.length > 1;
  const nope = dim / heads;
  const matrix = (rows: number, columns: number): tfjs.Variable<tfjs.Rank.R2> =>
    tf.variable(tf.randomNormal([rows, columns], 0, 0.02)) as tfjs.Variable<tfjs.Rank.R2>;
  const gain = (width: number): tfjs.Variable => tf.variable(tf.ones([width]));
  const network = (width: number) => ({ gate: matrix(dim, width), up: matrix(dim, width), down: matrix(width, dim) });
  const layer = (l: number) => ({
    before: gain(dim),
    middle: gain(dim),
    q: matrix(dim, sparse ? heads * (nope + turn) : dim),
    k: matrix(dim, sparse ? rank + turn : dim),
    kv: matrix(sparse ? rank : dim, sparse ? 2 * dim : dim),
    latent: sparse ? gain(rank) : null,
    o: matrix(dim, dim),
    ffn: sparse && l > 0 ? null : network(ffn),
    shared: sparse && l > 0 ? network(expert) : null,
    router: sparse && l > 0 ? matrix(dim, experts) : null,
    experts: sparse && l > 0 ? Array.from({ length: experts }, () => network(expert)) : [],
  });
  const table = matrix(vocab, dim);
  const stack = Array.from({ length: layers }, (_, l) => layer(l));
  const last = gain(dim);
  const head = matrix(dim, vocab);
  const variables = Object.values(tf.engine().registeredVariables);
  const optimizer = tf.train.adam(1e-3, 0.9, 0.95, 1e-8);

  const width = sparse ? turn : nope;
  const angles = tf.tidy(() => {
    const frequencies = Array.from({ length: width / 2 }, (_, i) => 10000 ** ((-2 * i) / width));
    const rows = Array.from({ length: context }, (_, t) => [...frequencies, ...frequencies].map((f) => t * f));
    return tf.tensor2d(rows);
  });
  const [cos, sin] = [tf.cos(angles), tf.sin(angles)].map((x) => tf.reshape(x, [1, 1, context, width]));
  const mask = tf.tidy(() => tf.sub(tf.linalg.bandPart(tf.ones([context, context]), -1, 0), 1).mul(1e9)); // 0 or -1e9

  const norm = (x: T, g: T): T => tf.mul(tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), 1e-6))), g);
  const mlp = (x: T, w: ReturnType<typeof network>): T => {
    const gate = tf.matMul(x as tfjs.Tensor2D, w.gate);
    return tf.matMul(
      tf.mul(tf.mul(gate, tf.sigmoid(gate)), tf.matMul(x as tfjs.Tensor2D, w.up)) as tfjs.Tensor2D,
      w.down,
    );
  };
  const byHead = (x: T, count: number, size: number): T =>
    tf.transpose(tf.reshape(x, [shape.batch, context, count, size]), [0, 2, 1, 3]);
  const turned = (x: T): T => {
    const [a, b] = tf.split(x, 2, 3);
    return tf.add(tf.mul(x, cos), tf.mul(tf.concat([tf.neg(b), a], 3), sin));
  };
  const attend = (q: T, k: T, v: T, size: number): T => {
    const scores = tf.add(tf.mul(tf.matMul(q, k, false, true), size ** -0.5), mask);
    const out = tf.matMul(tf.softmax(scores), v);
    return tf.reshape(tf.transpose(out, [0, 2, 1, 3]), [shape.batch * context, dim]);
  };
  const attention = (x: T, w: ReturnType<typeof layer>): T => {
    const flat = x as tfjs.Tensor2D;
    if (!sparse || w.latent === null) {
      const [q, k, v] = [w.q, w.k, w.kv].map((m) => byHead(tf.matMul(flat, m), heads, nope));
      return tf.matMul(attend(turned(q), turned(k), v, nope) as tfjs.Tensor2D, w.o);
    }
    const [qn, qr] = tf.split(byHead(tf.matMul(flat, w.q), heads, nope + turn), [nope, turn], 3);
    const [latent, kr] = tf.split(tf.matMul(flat, w.k), [rank, turn], 1);
    const [kn, v] = tf.split(byHead(tf.matMul(norm(latent, w.latent) as tfjs.Tensor2D, w.kv), heads, 2 * nope), 2, 3);
    const shared = tf.tile(turned(byHead(kr, 1, turn)), [1, heads, 1, 1]);
    const out = attend(tf.concat([qn, turned(qr)], 3), tf.concat([kn, shared], 3), v, nope + turn);
    return tf.matMul(out as tfjs.Tensor2D, w.o);
  };
  const mixture = (x: T, w: ReturnType<typeof layer>): T => {
    if (w.router === null || w.shared === null) throw new Error('a dense layer');
    const scores = tf.sigmoid(tf.matMul(x as tfjs.Tensor2D, w.router));
    const chosen = tf.topk(scores, active).indices.dataSync();
    let out = mlp(x, w.shared);
    const hot = tf.tensor2d(
      Float32Array.from({ length: x.shape[0] * experts }, (_, i) => {
        const [row, e] = [Math.floor(i / experts), i % experts];
        for (let a = 0; a < active; a++) if (chosen[row * active + a] === e) return 1;
        return 0;
      }),
      [x.shape[0], experts],
    );
    const kept = tf.mul(scores, hot);
    const weights = tf.div(kept, tf.sum(kept, 1, true));
    w.experts.forEach((network, e) => {
      const rows: number[] = [];
      for (let i = 0; i < chosen.length; i++) if (chosen[i] === e) rows.push(Math.floor(i / active));
      if (rows.length === 0) return;
      const index = tf.tensor1d(rows, 'int32');
      const weight = tf.gather(tf.slice(weights, [0, e], [-1, 1]), index);
      const part = tf.mul(mlp(tf.gather(x, index), network), weight);
      out = tf.add(out, tf.unsortedSegmentSum(part, index, x.shape[0]));
    });
    return out;
  };

  return (step) => {
    const { ids, targets } = batch(step);
    const loss = tf.tidy(() => {
      const hot = tf.oneHot(tf.tensor1d(targets, 'int32'), vocab);
      const { value, grads } = tf.variableGrads(() => {
        let x: T = tf.gather(table, tf.tensor1d(ids, 'int32'));
        for (const w of stack) {
          x = tf.add(x, attention(norm(x, w.before), w));
          const middle = norm(x, w.middle);
          x = tf.add(x, w.ffn === null ? mixture(middle, w) : mlp(middle, w.ffn));
        }
        const logits = tf.matMul(norm(x, last) as tfjs.Tensor2D, head);
        return tf.losses.softmaxCrossEntropy(hot, logits) as tfjs.Scalar;
      });
      const size = tf.sqrt(tf.addN(Object.values(grads).map((g) => tf.sum(tf.square(g)))));
      const factor = tf.minimum(tf.div(1, tf.add(size, 1e-6)), 1);
      // Adam keeps its state by position: every weight takes part in every step, with a gradient or without.
      const scaled: tfjs.NamedTensorMap = {};
      for (const { name, shape: size } of variables)
        scaled[name] = grads[name] === undefined ? tf.zeros(size) : tf.mul(grads[name], factor);
      optimizer.applyGradients(scaled as never);
      return value;
    });
    const [value] = loss.dataSync();
    loss.dispose();
    return value;
  };
}
