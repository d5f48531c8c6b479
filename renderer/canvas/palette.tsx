// The palette: all kinds by stage and group, with a search. Drag one onto the canvas, or press Enter or click to add it.
import { Search as SearchIcon } from 'lucide-react';
import { Fragment, useEffect, useRef, useState } from 'react';
import { shelves, stages } from '../../engine/graph/registry.ts';
import type { Kind } from '../../engine/nodes/kind.ts';
import { kinds } from '../kinds.ts';
import { useLanguage, useWords } from '../words/index.ts';
import { kindDoc, kindSummary } from '../words/kinds.ts';
import { Worded } from '../words/worded.tsx';
import { add } from './gestures.ts';
import { stageIcons } from './icons.tsx';
import { startSync } from './sync.ts';
import './palette.css';

/** What a dragged kind is called among the types of what is dragged. */
export const kindFormat = 'application/x-dsk-kind';

export function Palette() {
  const t = useWords();
  const language = useLanguage((state) => state.language);
  const [query, setQuery] = useState('');
  const list = useRef<HTMLDivElement>(null);
  useEffect(startSync, []);
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = kinds.list.filter((kind) => {
    const text =
      `${kind.kind} ${kind.stage} ${t(`canvas.stage.${kind.stage}`)} ${kind.group ? t(`canvas.group.${kind.group}`) : ''} ${kind.doc} ${kindDoc(kind, language)}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  // Kinds that are called so come before those that only mention it.
  const named = found.filter(({ kind }) => words.every((word) => kind.includes(word)));
  const items = () => [...(list.current?.querySelectorAll<HTMLElement>('.palette-item') ?? [])];
  const go = (from: number, by: number) => items()[Math.max(0, Math.min(items().length - 1, from + by))]?.focus();
  return (
    <div className="palette">
      <div className="palette-search">
        <SearchIcon size={14} aria-hidden />
        <input
          className="field"
          type="search"
          value={query}
          placeholder={t('canvas.palette.search')}
          aria-label={t('canvas.palette.search')}
          onChange={(event) => setQuery(event.target.value)}
          onKeyDown={(event) => {
            if (event.nativeEvent.isComposing) return;
            const first = named[0] ?? found[0];
            if (event.key === 'Enter' && first) add(first, null);
            if (event.key === 'ArrowDown') {
              event.preventDefault();
              go(-1, 1);
            }
            if (event.key === 'Escape' && query !== '') {
              event.stopPropagation();
              setQuery('');
            }
          }}
        />
      </div>
      <div
        className="palette-list"
        ref={list}
        onKeyDown={(event) => {
          const at = items().indexOf(document.activeElement as HTMLElement);
          if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
          event.preventDefault();
          event.stopPropagation();
          go(at, event.key === 'ArrowDown' ? 1 : -1);
        }}
      >
        {stages.map((stage) => (
          <Stage key={stage} stage={stage} list={found.filter((kind) => kind.stage === stage)} />
        ))}
        {found.length === 0 && <p className="palette-none">{t('canvas.palette.none', { query })}</p>}
      </div>
      <p className="palette-hint">{t('canvas.palette.hint')}</p>
    </div>
  );
}

function Stage({ stage, list }: { stage: Kind['stage']; list: readonly Kind[] }) {
  const t = useWords();
  const Icon = stageIcons[stage];
  if (list.length === 0) return null;
  return (
    <section className={`palette-stage stage-${stage}`} aria-label={t(`canvas.stage.${stage}`)}>
      <h2>
        <Icon size={13} aria-hidden />
        {t(`canvas.stage.${stage}`)}
      </h2>
      {shelves(list).map(({ group, kinds: own }) => (
        <Fragment key={group}>
          {group && <h3>{t(`canvas.group.${group}`)}</h3>}
          {own.map((kind) => (
            <Item key={kind.kind} kind={kind} />
          ))}
        </Fragment>
      ))}
    </section>
  );
}

function Item({ kind }: { kind: Kind }) {
  const language = useLanguage((state) => state.language);
  return (
    <button
      type="button"
      className="palette-item"
      draggable
      title={kindDoc(kind, language)}
      onClick={() => add(kind, null)}
      onDragStart={(event) => {
        event.dataTransfer.setData(kindFormat, kind.kind);
        event.dataTransfer.effectAllowed = 'copy';
      }}
    >
      <span className="palette-name">{kind.kind}</span>
      <span className="palette-doc">
        <Worded text={kindSummary(kind, language)} />
      </span>
    </button>
  );
}
