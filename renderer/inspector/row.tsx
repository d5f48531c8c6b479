// A row of the form: the parameter's name, its control or the param that feeds it, help, what is wrong, and a menu.
import { Link2, MoreHorizontal, RotateCcw, Unlink } from 'lucide-react';
import { DropdownMenu, Tooltip } from 'radix-ui';
import { useId } from 'react';
import type { Checked } from '../../engine/graph/graph.ts';
import { reveal } from '../text/view.ts';
import { useLanguage, useWords } from '../words/index.ts';
import { paramDoc, unitWord } from '../words/kinds.ts';
import { ControlOf, controlFor, isWide } from './controls/control.tsx';
import { useScrub } from './controls/number.tsx';
import { rangeOf } from './fields.ts';
import { bind, bindNew, type FieldModel, holding, paramName, reset, write } from './model.ts';
import { Problems } from './problems.tsx';
import { Prose } from './prose.tsx';
import { useSections } from './section.tsx';
import { shownValue } from './values.ts';

export function FieldRow({ field, checked }: { field: FieldModel; checked: Checked }) {
  const t = useWords();
  const id = useId();
  const scrub = useScrub(field);
  const language = useLanguage((state) => state.language);
  const help = useSections((state) => state.help === true);
  const { name, param, required, source, mixed, bound, problems } = field;
  const given = source !== null || mixed;
  const wide = !bound && isWide(controlFor(field));
  const unit = param.unit === undefined ? '' : unitWord(param.unit, language);
  const range = [rangeOf(param.items ?? param), unit].filter(Boolean).join(' ');
  const description = paramDoc(field.kind, name, language);
  const labels = {
    id: `${id}control`,
    'aria-labelledby': `${id}label`,
    'aria-describedby': `${id}help ${id}problems`,
    'aria-invalid': problems.some(({ severity }) => severity === 'error'),
  };
  return (
    <div className={`inspector-field ${wide ? 'wide' : ''} ${given ? 'given' : ''}`}>
      <div className="inspector-label">
        <Tooltip.Root>
          <Tooltip.Trigger asChild>
            <label
              id={`${id}label`}
              htmlFor={`${id}control`}
              className={`inspector-name ${'onPointerDown' in scrub ? 'scrub' : ''}`}
              {...scrub}
            >
              {breakable(name)}
            </label>
          </Tooltip.Trigger>
          <Tooltip.Portal>
            <Tooltip.Content className="tooltip inspector-tooltip" side="left" sideOffset={8} collisionPadding={8}>
              <Prose text={description} />
              {range && <p className="inspector-tooltip-range">{range}</p>}
            </Tooltip.Content>
          </Tooltip.Portal>
        </Tooltip.Root>
        {required && (
          <span className="inspector-required" title={t('inspector.required')}>
            *<span className="visually-hidden">{t('inspector.required')}</span>
          </span>
        )}
        {given && !required && (
          <button
            type="button"
            className="inspector-reset"
            aria-label={t('inspector.reset', { name })}
            title={resetTitle(field, t('inspector.reset.plain'))}
            onClick={() => reset(field)}
          >
            <RotateCcw size={12} />
          </button>
        )}
      </div>
      <div className="inspector-control">
        {bound ? <Bound field={field} labels={labels} /> : <ControlOf field={field} labels={labels} />}
      </div>
      <FieldMenu field={field} checked={checked} />
      <div id={`${id}help`} className={help ? 'inspector-help' : 'visually-hidden'}>
        <Prose text={description} />
        {range && <span className="inspector-range">{range}</span>}
      </div>
      <div id={`${id}problems`} className="inspector-problems">
        <Problems list={problems} />
      </div>
    </div>
  );
}

function resetTitle({ fallback }: FieldModel, title: string): string {
  return fallback === null ? title : `${title}: ${fallback}`;
}

/** A name may be broken behind its underscores. */
function breakable(name: string) {
  return name.split('_').flatMap((part, i, all) => {
    const last = i === all.length - 1;
    return last ? [part] : [`${part}_`, <wbr key={`${part}${all.length - i}`} />];
  });
}

/** The param in the control's place, with the value it has. */
function Bound({ field, labels }: { field: FieldModel; labels: object }) {
  const t = useWords();
  const { bound } = field;
  if (!bound) return null;
  const value = shownValue(bound.value);
  return (
    <div {...labels} className="inspector-bound" role="group">
      <Link2 size={13} aria-hidden />
      <span className="inspector-bound-name">{bound.name}</span>
      <span className="inspector-bound-value">{value}</span>
      <button
        type="button"
        className="inspector-reset"
        aria-label={t('inspector.unbind', { value })}
        title={t('inspector.unbind', { value })}
        onClick={() => write(field, value)}
      >
        <Unlink size={12} />
      </button>
    </div>
  );
}

function FieldMenu({ field, checked }: { field: FieldModel; checked: Checked }) {
  const t = useWords();
  const { name, expression, places, bound, source, required } = field;
  const { params } = checked.graph;
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger className="inspector-more" aria-label={t('inspector.more', { name })}>
        <MoreHorizontal size={14} />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="end" sideOffset={4}>
          <DropdownMenu.Item
            className="menu-item"
            disabled={bound !== null || holding(field) === null || places.length !== 1}
            onSelect={() => bindNew(field, paramName(name, checked))}
          >
            {t('inspector.param.make')}
          </DropdownMenu.Item>
          {params.length > 0 && (
            <DropdownMenu.Label className="menu-title">{t('inspector.param.use')}</DropdownMenu.Label>
          )}
          {params.map((param) => (
            <DropdownMenu.CheckboxItem
              key={param.name}
              className="menu-item"
              checked={bound?.name === param.name}
              onCheckedChange={() => bind(field, param.name)}
            >
              <Link2 size={13} aria-hidden />
              {param.name}
              <span className="keys">{shownValue(param.value)}</span>
            </DropdownMenu.CheckboxItem>
          ))}
          <DropdownMenu.Separator className="menu-line" />
          <DropdownMenu.Item
            className="menu-item"
            disabled={required || (source === null && !field.mixed)}
            onSelect={() => reset(field)}
          >
            {t('inspector.reset.plain')}
          </DropdownMenu.Item>
          <DropdownMenu.Item
            className="menu-item"
            disabled={!expression}
            onSelect={() => expression && reveal(expression.span)}
          >
            {t('inspector.show')}
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
