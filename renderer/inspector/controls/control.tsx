// Which control shows a field: the one its schema asks for, or its source text where the text gives something else.
import type { Expression } from '../../../grammar/index.ts';
import type { Control } from '../fields.ts';
import type { FieldModel } from '../model.ts';
import { numeric, textsOf } from '../values.ts';
import { ChoiceControl, SwitchControl } from './choice.tsx';
import { ColumnControl, ColumnsControl } from './column.tsx';
import { NumbersControl, TextsControl } from './list.tsx';
import { NumberControl } from './number.tsx';
import { PathControl } from './path.tsx';
import { SourceControl, TextControl } from './text.tsx';

/** What connects a control to its row. */
interface Labels {
  readonly id: string;
  readonly 'aria-labelledby': string;
  readonly 'aria-describedby': string;
  readonly 'aria-invalid': boolean;
}

export interface ControlProps {
  readonly field: FieldModel;
  readonly labels: Labels;
}

/** The control for what the text gives now. */
export function controlFor({ control, expression }: Pick<FieldModel, 'control' | 'expression'>): Control {
  return expression === null || shows(control, expression) ? control : { type: 'source' };
}

function shows(control: Control, expression: Expression): boolean {
  switch (control.type) {
    case 'number':
      return expression.type === 'number';
    case 'switch':
      return expression.type === 'boolean';
    case 'choice':
      return (expression.type === 'text' || expression.type === 'number') && control.options.includes(expression.value);
    case 'numbers':
      return numeric(expression);
    case 'columns':
    case 'texts':
      return textsOf(expression) !== null;
    case 'source':
      return true;
    default:
      return expression.type === 'text';
  }
}

/** Whether a control needs the whole width. */
export function isWide(control: Control): boolean {
  return !['number', 'switch', 'choice', 'column'].includes(control.type);
}

export function ControlOf(props: ControlProps) {
  switch (controlFor(props.field).type) {
    case 'number':
      return <NumberControl {...props} />;
    case 'choice':
      return <ChoiceControl {...props} />;
    case 'switch':
      return <SwitchControl {...props} />;
    case 'column':
      return <ColumnControl {...props} />;
    case 'columns':
      return <ColumnsControl {...props} />;
    case 'path':
      return <PathControl {...props} />;
    case 'numbers':
      return <NumbersControl {...props} />;
    case 'texts':
      return <TextsControl {...props} />;
    case 'text':
    case 'expression':
      return <TextControl {...props} />;
    case 'source':
      return <SourceControl {...props} />;
  }
}
