// Lists: numbers in a row of fields, texts as chips.
import { Minus, Plus, X } from 'lucide-react';
import { useState } from 'react';
import { useWords } from '../../words/index.ts';
import { useTyping } from '../drafts.ts';
import { type FieldModel, holding, reset, write } from '../model.ts';
import { complaintOf, itemsOf, readSource, readTyped, stepped, textsOf } from '../values.ts';
import { choose } from './column.tsx';
import type { ControlProps } from './control.tsx';
import { Fault, TypedInput } from './typed.tsx';

export function NumbersControl({ field, labels }: ControlProps) {
  const t = useWords();
  const { control, expression, source } = field;
  const items =
    (expression && source !== null && itemsOf(expression, source, expression.span.start)) || defaults(field);
  const { least, most } = control.type === 'numbers' ? control : { least: 0, most: 0 };
  const put = (next: readonly string[]) => (next.length === 0 ? reset(field) : write(field, `[${next.join(', ')}]`));
  return (
    <div {...labels} className="inspector-numbers" role="group">
      {items.map((item, i) => (
        <NumberItem key={i} field={field} index={i} items={items} item={item} />
      ))}
      {items.length > least && least !== most && (
        <button
          type="button"
          className="button quiet icon"
          aria-label={t('inspector.item.remove')}
          onClick={() => put(items.slice(0, -1))}
        >
          <Minus size={14} />
        </button>
      )}
      {items.length < most && (
        <button
          type="button"
          className="button quiet icon"
          aria-label={t('inspector.item.add')}
          onClick={() => put([...items, items.at(-1) ?? '0'])}
        >
          <Plus size={14} />
        </button>
      )}
    </div>
  );
}

function NumberItem({
  field,
  index,
  items,
  item,
}: {
  field: FieldModel;
  index: number;
  items: string[];
  item: string;
}) {
  const t = useWords();
  const { control, kind, name, source } = field;
  const integer = control.type === 'numbers' && control.integer;
  const typing = useTyping(
    `${field.id} ${index}`,
    source === null ? null : item,
    source === null ? '' : item,
    (text) => {
      if (text.trim() === '') return { source: null, fault: t('inspector.needed') };
      const reading = readTyped(text);
      if ('fault' in reading) return { source: null, fault: reading.fault };
      const list = items.map((each, i) => (i === index ? reading.source : each));
      const whole = readSource(`[${list.join(', ')}]`);
      const value = 'value' in whole ? whole.value : null;
      return { source: reading.source, fault: complaintOf(kind, name, { value, source: '' }) };
    },
    (next) => {
      if (next === null) return null;
      return write(field, `[${items.map((each, i) => (i === index ? next : each)).join(', ')}]`);
    },
  );
  return (
    <div className="inspector-item">
      <TypedInput
        typing={typing}
        inputMode="decimal"
        placeholder={item}
        aria-label={t('inspector.item', { name, number: index + 1 })}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
          event.preventDefault();
          const from = typing.fault === null && typing.shown !== '' ? typing.shown : item;
          const bounds = { ...field.param.items, description: '' };
          typing.type(stepped(from, bounds, integer, event.key === 'ArrowUp' ? 1 : -1, event.shiftKey ? 10 : 1));
        }}
      />
      <Fault text={typing.fault} />
    </div>
  );
}

function defaults(field: FieldModel): string[] {
  const source = holding(field);
  const value = source === null ? null : readSource(source);
  return value && 'value' in value && Array.isArray(value.value) ? value.value.map(String) : [];
}

/** Texts as chips; Enter or a comma adds one. */
export function TextsControl({ field, labels }: ControlProps) {
  const t = useWords();
  const [text, setText] = useState('');
  const texts = field.expression ? (textsOf(field.expression) ?? []) : [];
  const add = () => {
    const added = text.trim();
    if (added === '') return;
    setText('');
    if (!texts.includes(added)) choose(field, [...texts, added]);
  };
  return (
    <div className="inspector-texts field">
      {texts.map((each) => (
        <span key={each} className="inspector-chip" data-set>
          <span className="inspector-chip-text">{each}</span>
          <button
            type="button"
            className="inspector-chip-remove"
            aria-label={t('inspector.remove', { name: each })}
            onClick={() =>
              choose(
                field,
                texts.filter((other) => other !== each),
              )
            }
          >
            <X size={11} />
          </button>
        </span>
      ))}
      <input
        {...labels}
        className="inspector-texts-input"
        value={text}
        placeholder={texts.length === 0 ? t('inspector.texts.add') : ''}
        onChange={({ target }) => setText(target.value)}
        onBlur={add}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === 'Enter' || event.key === ',') {
            event.preventDefault();
            add();
          } else if (event.key === 'Backspace' && text === '' && texts.length > 0) choose(field, texts.slice(0, -1));
        }}
      />
    </div>
  );
}
