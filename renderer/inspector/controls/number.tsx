// A number: typed as the language writes it, stepped by arrow keys, dragged by its name.
import { type PointerEvent, useRef } from 'react';
import { useLanguage, useWords } from '../../words/index.ts';
import { unitWord } from '../../words/kinds.ts';
import { showDraft, useTyping } from '../drafts.ts';
import { type FieldModel, holding, reset, write } from '../model.ts';
import { complaintOf, readTyped, stepped } from '../values.ts';
import type { ControlProps } from './control.tsx';
import { Fault, TypedInput } from './typed.tsx';

export function NumberControl({ field, labels }: ControlProps) {
  const t = useWords();
  const language = useLanguage((state) => state.language);
  const { id, kind, name, param, control, required, source, fallback } = field;
  const integer = control.type === 'number' && control.integer;
  const typing = useTyping(
    id,
    source,
    source ?? '',
    (text) => {
      if (text.trim() === '') return { source: null, fault: required ? t('inspector.needed') : null };
      const reading = readTyped(text);
      if ('fault' in reading) return { source: null, fault: reading.fault };
      return { source: reading.source, fault: complaintOf(kind, name, reading) };
    },
    (next) => (next === null ? reset(field) : write(field, next)),
  );
  const value = Number(holding(field) ?? Number.NaN);
  return (
    <>
      <div className={fallback === null ? 'inspector-number wordy' : 'inspector-number'}>
        <TypedInput
          {...labels}
          typing={typing}
          role="spinbutton"
          inputMode="decimal"
          aria-valuenow={Number.isFinite(value) ? value : undefined}
          aria-valuemin={param.minimum}
          aria-valuemax={param.maximum}
          placeholder={field.mixed ? t('inspector.mixed') : (fallback ?? (required ? '' : t('inspector.automatic')))}
          onKeyDown={(event) => {
            if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
            event.preventDefault();
            const from = typing.fault === null && typing.shown !== '' ? typing.shown : (holding(field) ?? '0');
            const direction = event.key === 'ArrowUp' ? 1 : -1;
            typing.type(stepped(from, param, integer, direction, event.shiftKey ? 10 : 1));
          }}
        />
        <span className="inspector-suffix" aria-hidden>
          {source === null && fallback !== null && !field.mixed && (
            <span className="inspector-default-word">{t('inspector.default')}</span>
          )}
          {param.unit && param.unit !== name && <span>{unitWord(param.unit, language)}</span>}
        </span>
      </div>
      <Fault text={typing.fault} />
    </>
  );
}

/** Pixels that the pointer goes for one step. */
const stride = 4;

/** Lets a number's name be dragged: shown while it moves, written as one step when it is let go. */
export function useScrub(field: FieldModel) {
  const drag = useRef<{ x: number; from: string; text: string; moved: boolean } | null>(null);
  if (field.control.type !== 'number' || field.bound || field.mixed) return {};
  const { integer } = field.control;
  const end = (event: PointerEvent, keep: boolean) => {
    const { current } = drag;
    drag.current = null;
    if (!current?.moved) return;
    event.preventDefault();
    showDraft(field.id, null, field.source);
    if (keep && current.text !== current.from) write(field, current.text);
  };
  return {
    onPointerDown: (event: PointerEvent) => {
      if (event.button !== 0) return;
      const from = holding(field) ?? String(field.param.minimum ?? 0);
      drag.current = { x: event.clientX, from, text: from, moved: false };
      event.currentTarget.setPointerCapture(event.pointerId);
    },
    onPointerMove: (event: PointerEvent) => {
      const { current } = drag;
      if (!current) return;
      const steps = Math.trunc((event.clientX - current.x) / stride);
      if (steps === 0) return;
      current.moved = true;
      current.x += steps * stride;
      for (let i = 0; i < Math.abs(steps); i++) {
        current.text = stepped(current.text, field.param, integer, steps > 0 ? 1 : -1, event.shiftKey ? 10 : 1);
      }
      showDraft(field.id, current.text, field.source);
    },
    onPointerUp: (event: PointerEvent) => end(event, true),
    onPointerCancel: (event: PointerEvent) => end(event, false),
  };
}
