// Texts: free ones over lines, expressions with the columns at hand, and source text for anything.
import { type AriaAttributes, useRef } from 'react';
import { printText } from '../../../grammar/index.ts';
import { useWords } from '../../words/index.ts';
import { useColumns } from '../columns.ts';
import { type Read, type Typing, useTyping } from '../drafts.ts';
import { type FieldModel, reset, write } from '../model.ts';
import { complaintOf, readSource, textSource } from '../values.ts';
import type { ControlProps } from './control.tsx';
import { Fault, TypedInput, typingKeys } from './typed.tsx';

/** What a text field of a parameter reads and writes. Nothing typed means that nothing is given. */
export function useText(field: FieldModel): Typing {
  const t = useWords();
  const { id, kind, name, source, expression, required, param } = field;
  const read: Read = (text) => {
    if (text === '' && (required || param.default !== '')) {
      return { source: null, fault: required ? t('inspector.needed') : null };
    }
    const written = source === null ? printText(text) : textSource(text, source);
    return { source: written, fault: complaintOf(kind, name, { value: text, source: written }) };
  };
  const plain = expression?.type === 'text' ? expression.value : '';
  return useTyping(id, source, plain, read, (next) => (next === null ? reset(field) : write(field, next)));
}

/** What an empty text field shows. */
export function usePlaceholder({ mixed, param, required }: FieldModel): string {
  const t = useWords();
  if (mixed) return t('inspector.mixed');
  if (typeof param.default === 'string' && param.default !== '') return param.default;
  return required ? '' : t(param.default === '' ? 'inspector.empty' : 'inspector.unset');
}

export function TextControl({ field, labels }: ControlProps) {
  const typing = useText(field);
  const area = useRef<HTMLTextAreaElement>(null);
  const expression = field.control.type === 'expression';
  const placeholder = usePlaceholder(field);
  return (
    <>
      <textarea
        {...labels}
        ref={area}
        className={`field inspector-area ${expression ? 'mono' : ''}`}
        rows={Math.min(12, Math.max(expression ? 2 : 1, typing.shown.split('\n').length))}
        value={typing.shown}
        placeholder={placeholder}
        spellCheck={!expression}
        aria-invalid={typing.fault !== null || labels['aria-invalid']}
        onChange={({ target }) => typing.type(target.value)}
        onBlur={typing.finish}
        onKeyDown={typingKeys(typing, true)}
      />
      {expression && <ColumnChips field={field} insert={(column) => insert(area.current, column, typing)} />}
      <Fault text={typing.fault} />
    </>
  );
}

function insert(area: HTMLTextAreaElement | null, column: string, typing: Typing): void {
  if (!area) return;
  const name = /^[a-z_][a-z0-9_]*$/.test(column) ? column : `"${column.replaceAll('"', '""')}"`;
  area.focus();
  // Through the browser, so that the cursor ends behind the name.
  area.setRangeText(name, area.selectionStart, area.selectionEnd, 'end');
  typing.type(area.value);
}

function ColumnChips({ field, insert }: { field: FieldModel; insert: (column: string) => void }) {
  const t = useWords();
  const columns = useColumns(field);
  if (!columns) return null;
  return (
    <div className="inspector-chips" role="group" aria-label={t('inspector.columns')}>
      {Object.entries(columns).map(([column, type]) => (
        <button
          key={column}
          type="button"
          className="inspector-chip"
          title={type}
          // The field keeps the keyboard, and its cursor.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => insert(column)}
        >
          {column}
        </button>
      ))}
    </div>
  );
}

export function SourceControl({ field, labels }: ControlProps) {
  const typing = useSource(field, field.id, field.source, (next) =>
    next === null ? reset(field) : write(field, next),
  );
  return <SourceInput typing={typing} labels={labels} placeholder={field.fallback ?? ''} />;
}

/** A field that takes any value of the language, as written. */
export function useSource(
  field: Pick<FieldModel, 'required'>,
  id: string,
  source: string | null,
  put: (source: string | null) => string | null,
): Typing {
  const t = useWords();
  const read: Read = (text) => {
    if (text.trim() === '') return { source: null, fault: field.required ? t('inspector.needed') : null };
    const reading = readSource(text);
    return 'fault' in reading ? { source: null, fault: reading.fault } : { source: reading.source, fault: null };
  };
  return useTyping(id, source, source ?? '', read, put);
}

export function SourceInput(props: { typing: Typing; labels: AriaAttributes & { id?: string }; placeholder: string }) {
  const { typing, labels, placeholder } = props;
  return (
    <>
      <TypedInput {...labels} typing={typing} className="mono" placeholder={placeholder} />
      <Fault text={typing.fault} />
    </>
  );
}
