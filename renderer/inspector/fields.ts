// The form of a kind: one field for each parameter, with the control that its JSON Schema asks for.
import { paramsSchema } from '../../engine/graph/schema.ts';
import type { Kind, Param } from '../../engine/nodes/kind.ts';

export type Control =
  | { readonly type: 'number'; readonly integer: boolean }
  | { readonly type: 'choice'; readonly options: readonly (string | number)[] }
  | { readonly type: 'switch' }
  | { readonly type: 'text' }
  | { readonly type: 'expression' }
  | { readonly type: 'column' }
  | { readonly type: 'columns' }
  | { readonly type: 'path' }
  | { readonly type: 'numbers'; readonly integer: boolean; readonly least: number; readonly most: number }
  | { readonly type: 'texts' }
  /** Source text: for what no other control shows. */
  | { readonly type: 'source' };

export interface Field {
  readonly name: string;
  readonly param: Param;
  readonly control: Control;
  readonly required: boolean;
}

interface ParamsSchema {
  readonly properties: { readonly [name: string]: Param };
  readonly required: readonly string[];
}

/** The fields of a kind's form, the common ones before the advanced ones, otherwise in the kind's order. */
export function fieldsOf(kind: Pick<Kind, 'params' | 'required'>): { common: Field[]; advanced: Field[] } {
  const { properties, required } = paramsSchema(kind) as unknown as ParamsSchema;
  const fields = Object.entries(properties).map(([name, param]) => ({
    name,
    param,
    control: controlOf(param),
    required: required.includes(name),
  }));
  return {
    common: fields.filter(({ param }) => !param.advanced),
    advanced: fields.filter(({ param }) => param.advanced),
  };
}

/** The control for a parameter's schema, in which `null` says that it need not be set. */
export function controlOf(param: Param): Control {
  const types = [param.type ?? []].flat().filter((type) => (type as string) !== 'null');
  if (param.enum) return { type: 'choice', options: param.enum.filter((option) => option !== null) };
  if (param.format === 'expression') return { type: 'expression' };
  if (param.format === 'path') return { type: 'path' };
  if (param.format === 'column') return { type: types.includes('array') ? 'columns' : 'column' };
  if (types.length !== 1) return { type: 'source' };
  switch (types[0]) {
    case 'integer':
      return { type: 'number', integer: true };
    case 'number':
      return { type: 'number', integer: false };
    case 'boolean':
      return { type: 'switch' };
    case 'string':
      return { type: 'text' };
    case 'array':
      return listControl(param);
    default:
      return { type: 'source' };
  }
}

function listControl({ items, minItems = 0, maxItems = Number.POSITIVE_INFINITY }: Param): Control {
  if (items?.type === 'string') return { type: 'texts' };
  if (items?.type !== 'number' && items?.type !== 'integer') return { type: 'source' };
  return { type: 'numbers', integer: items.type === 'integer', least: minItems, most: maxItems };
}

/** "1 – 64", "≥ 1", "> 0 and ≤ 1" in signs that every language reads; empty where anything goes. */
export function rangeOf({
  minimum,
  maximum,
  exclusiveMinimum,
  exclusiveMaximum,
}: Pick<Param, 'minimum' | 'maximum' | 'exclusiveMinimum' | 'exclusiveMaximum'>): string {
  const plain = (value: number) => (Math.abs(value) < 1e7 ? value.toLocaleString('en') : String(value));
  if (minimum !== undefined && maximum !== undefined) return `${plain(minimum)} – ${plain(maximum)}`;
  const low = minimum !== undefined ? `≥ ${plain(minimum)}` : '';
  const above = exclusiveMinimum !== undefined ? `> ${plain(exclusiveMinimum)}` : '';
  const high = maximum !== undefined ? `≤ ${plain(maximum)}` : '';
  const below = exclusiveMaximum !== undefined ? `< ${plain(exclusiveMaximum)}` : '';
  return [low || above, high || below].filter(Boolean).join(', ');
}
