// Columns of the table that the node reads: one, or several.
import { Check, ChevronDown, Plus } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { useState } from 'react';
import { printText } from '../../../grammar/index.ts';
import { useWords } from '../../words/index.ts';
import { useColumns } from '../columns.ts';
import { type FieldModel, reset, write } from '../model.ts';
import { textsOf } from '../values.ts';
import type { ControlProps } from './control.tsx';
import { TextsControl } from './list.tsx';
import { usePlaceholder, useText } from './text.tsx';
import { Fault, TypedInput } from './typed.tsx';

export function ColumnControl({ field, labels }: ControlProps) {
  const t = useWords();
  const typing = useText(field);
  const columns = useColumns(field);
  const placeholder = usePlaceholder(field);
  return (
    <>
      <div className="inspector-combo">
        <TypedInput {...labels} typing={typing} placeholder={placeholder} />
        <DropdownMenu.Root>
          <DropdownMenu.Trigger
            className="inspector-combo-button"
            aria-label={t('inspector.columns')}
            disabled={!columns}
          >
            <ChevronDown size={14} aria-hidden />
          </DropdownMenu.Trigger>
          <DropdownMenu.Portal>
            <DropdownMenu.Content className="menu" align="end" sideOffset={4}>
              {Object.entries(columns ?? {}).map(([column, type]) => (
                <DropdownMenu.Item key={column} className="menu-item" onSelect={() => write(field, printText(column))}>
                  {column}
                  <span className="keys">{type}</span>
                </DropdownMenu.Item>
              ))}
            </DropdownMenu.Content>
          </DropdownMenu.Portal>
        </DropdownMenu.Root>
      </div>
      <Fault text={typing.fault} />
    </>
  );
}

/** Chips to press, one for each column; those that the table has not can still be typed. */
export function ColumnsControl(props: ControlProps) {
  const { field, labels } = props;
  const t = useWords();
  const columns = useColumns(field);
  const [typed, setTyped] = useState(false);
  if (!columns || typed) return <TextsControl {...props} />;
  const chosen = chosenOf(field);
  const toggle = (column: string) => {
    choose(field, chosen.includes(column) ? chosen.filter((each) => each !== column) : [...chosen, column]);
  };
  const all = [...new Set([...Object.keys(columns), ...chosen])];
  return (
    <div {...labels} className="inspector-chips" role="group">
      {all.map((column) => (
        <button
          key={column}
          type="button"
          className="inspector-chip"
          aria-pressed={chosen.includes(column)}
          title={columns[column]}
          onClick={() => toggle(column)}
        >
          {chosen.includes(column) && <Check size={12} aria-hidden />}
          {column}
        </button>
      ))}
      <button
        type="button"
        className="inspector-chip quiet"
        aria-label={t('inspector.column.other')}
        onClick={() => setTyped(true)}
      >
        <Plus size={12} />
      </button>
    </div>
  );
}

function chosenOf({ expression }: FieldModel): string[] {
  return expression ? (textsOf(expression) ?? []) : [];
}

/** One column is written as a text where that is allowed, several as a list. */
export function choose(field: FieldModel, chosen: readonly string[]): void {
  const [first, ...more] = chosen;
  const single = [field.param.type ?? []].flat().includes('string');
  if (first === undefined) reset(field);
  else write(field, single && more.length === 0 ? printText(first) : `[${chosen.map(printText).join(', ')}]`);
}
