// One of a few values: side by side where they are short, otherwise a list. And true or false.
import { Check, ChevronDown } from 'lucide-react';
import { Select, Switch, ToggleGroup } from 'radix-ui';
import { printNumber, printText } from '../../../grammar/index.ts';
import { useWords } from '../../words/index.ts';
import { type FieldModel, holding, reset, write } from '../model.ts';
import type { ControlProps } from './control.tsx';

/** Characters of all options that find room side by side, a few for the space around each. */
const room = 20;
const around = 4;
/** No option is empty text. */
const unset = '\u0000';

const sourceOf = (option: string | number) => (typeof option === 'number' ? printNumber(option) : printText(option));

export function ChoiceControl(props: ControlProps) {
  const { control, required, fallback } = props.field;
  const values = control.type === 'choice' ? control.options : [];
  const options = values.map(String);
  const sources = new Map(values.map((option) => [String(option), sourceOf(option)]));
  const open = !required && fallback === null;
  const length = options.reduce((sum, option) => sum + option.length + around, 0);
  const few = options.length > 1 && length <= room && !open;
  const choose = (option: string) => {
    const source = sources.get(option);
    if (source === undefined) reset(props.field);
    else write(props.field, source);
  };
  const current = [...sources].find(([, source]) => source === holding(props.field))?.[0];
  const Shown = few ? Segments : List;
  return <Shown {...props} options={options} open={open} current={current} choose={choose} />;
}

interface Chosen extends ControlProps {
  options: readonly string[];
  /** Nothing may be chosen too. */
  open: boolean;
  current: string | undefined;
  choose: (option: string) => void;
}

function Segments({ field, labels, options, current, choose }: Chosen) {
  return (
    <ToggleGroup.Root
      {...labels}
      type="single"
      className={`inspector-segments ${field.source === null ? 'fallback' : ''}`}
      value={field.mixed ? '' : (current ?? '')}
      onValueChange={(option) => option && choose(option)}
    >
      {options.map((option) => (
        <ToggleGroup.Item key={option} value={option} className="inspector-segment">
          {option}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}

function List({ field, labels, options, open, current, choose }: Chosen) {
  const t = useWords();
  return (
    <Select.Root value={field.mixed ? '' : (current ?? (open ? unset : ''))} onValueChange={choose}>
      <Select.Trigger {...labels} className={`field inspector-select ${field.source === null ? 'fallback' : ''}`}>
        <Select.Value placeholder={field.mixed ? t('inspector.mixed') : t('inspector.choose')} />
        <ChevronDown size={14} aria-hidden />
      </Select.Trigger>
      <Select.Portal>
        <Select.Content className="menu inspector-menu" position="popper" sideOffset={4} align="end">
          <Select.Viewport>
            {open && <Option value={unset} text={t('inspector.automatic')} />}
            {options.map((option) => (
              <Option key={option} value={option} text={option} />
            ))}
          </Select.Viewport>
        </Select.Content>
      </Select.Portal>
    </Select.Root>
  );
}

function Option({ value, text }: { value: string; text: string }) {
  return (
    <Select.Item value={value} className="menu-item">
      <Select.ItemText>{text}</Select.ItemText>
      <Select.ItemIndicator className="inspector-check">
        <Check size={14} />
      </Select.ItemIndicator>
    </Select.Item>
  );
}

export function SwitchControl({ field, labels }: ControlProps) {
  const t = useWords();
  const on = isOn(field);
  return (
    <div className={`inspector-toggle ${field.source === null ? 'fallback' : ''}`}>
      <Switch.Root
        {...labels}
        className="inspector-switch"
        checked={on}
        onCheckedChange={(checked) => write(field, String(checked))}
      >
        <Switch.Thumb className="inspector-thumb" />
      </Switch.Root>
      <span aria-hidden>{field.mixed ? t('inspector.mixed') : t(on ? 'inspector.on' : 'inspector.off')}</span>
    </div>
  );
}

function isOn(field: FieldModel): boolean {
  return holding(field) === 'true';
}
