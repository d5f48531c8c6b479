// What the heads have in common: the last norm, and how states of all positions become one vector.
import type { InferContext, Param } from './kind.ts';
import type { Architecture, Head, NormKind, Pool, Pooled } from './values.ts';

export interface EndParams {
  eps: number;
  norm?: NormKind | 'none';
}

export const endParams: Record<keyof EndParams, Param> = {
  eps: { type: 'number', exclusiveMinimum: 0, default: 1e-6, description: "The last norm's epsilon.", advanced: true },
  norm: {
    type: 'string',
    enum: ['rms', 'layer', 'none'],
    description: 'The last norm. Default: as in the last block; none where its norms stand behind its parts.',
    advanced: true,
  },
};

/** The last norm of a head, left out where it is RMSNorm. */
export function lastNorm({ blocks }: Architecture, { eps, norm }: EndParams): Pick<Head, 'eps' | 'norm'> {
  const last = blocks.at(-1);
  const kind = norm ?? (last?.place === 'post' ? 'none' : (last?.norm ?? 'rms'));
  return { eps, ...(kind !== 'rms' && { norm: kind }) };
}

export interface PoolParams extends EndParams {
  pool?: Pool;
  dense?: boolean;
  dropout?: number;
}

export const poolParams: Record<keyof PoolParams, Param> = {
  pool: {
    type: 'string',
    enum: ['first', 'last', 'mean'],
    description:
      "How the states of all positions become one vector: the first's, the last's, or their mean; padding is left out. Default: last where positions see only those before them, else mean.",
  },
  dense: {
    type: 'boolean',
    description: "A linear layer and tanh behind the pooling, as BERT's pooler. Default: false.",
    advanced: true,
  },
  dropout: {
    type: 'number',
    minimum: 0,
    exclusiveMaximum: 1,
    description: 'Share of the pooled vector dropped while training. Default: 0.',
    advanced: true,
  },
  ...endParams,
};

/** Common parts of a head over whole rows; null after a complaint. */
export function pooledHead(
  architecture: Architecture,
  params: PoolParams,
  error: InferContext<unknown>['error'],
): (Pooled & Pick<Head, 'eps' | 'norm'>) | null {
  const { dense = false, dropout = 0 } = params;
  const both = architecture.blocks.length === 0 || architecture.blocks.every((block) => block.both);
  const pool = params.pool ?? (both ? 'mean' : 'last');
  if (pool === 'first' && architecture.blocks.some((block) => !block.both)) {
    error({
      code: 'pool-blind',
      at: 'pool',
      message: 'the first position sees nothing but itself in layers where positions see only those before them',
      suggest: { value: 'last', title: 'use the last position' },
    });
    return null;
  }
  return {
    ...lastNorm(architecture, params),
    tied: false,
    pool,
    ...(dense && { dense }),
    ...(dropout > 0 && { dropout }),
  };
}
