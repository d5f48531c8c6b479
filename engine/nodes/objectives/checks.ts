// What objectives check alike, and parameters that several have.
import type { Param } from '../kind.ts';
import type { Head } from '../values.ts';
import type { Check } from './objective.ts';

export type HeadKind = NonNullable<Head['kind']>;

/** The kind of node that makes each head. */
const makers: Record<HeadKind, string> = {
  tokens: 'lm_head',
  classes: 'class_head',
  values: 'value_head',
  vector: 'vector_head',
};

export const headKind = (head: Head | null): HeadKind | null => head && (head.kind ?? 'tokens');

/** Complains where a model ends in another head than an objective needs. */
export function wrongHead({ architecture, error }: Check, objective: string, needed: HeadKind): boolean {
  const found = headKind(architecture.head);
  if (found === needed) return false;
  error({
    code: 'objective-wrong',
    at: 'objective',
    message: `\`${objective}\` needs a model that ends in ${makers[needed]}, and this one ends in ${found === null ? 'no head' : makers[found]}`,
    note: `build it as MODEL = ${makers[needed]}(BLOCKS), or give another objective`,
  });
  return true;
}

export const smoothingParam: Param = {
  type: 'number',
  minimum: 0,
  exclusiveMaximum: 1,
  default: 0,
  description:
    'Share of each target that is spread evenly over all of them, so that a model does not grow too sure (label smoothing, Szegedy et al., arXiv 1512.00567).',
};
