// The search for a kind to add, where the pointer is. After dropping a wire it offers only what the wire fits.
import { Command } from 'cmdk';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import type { Kind } from '../../engine/nodes/kind.ts';
import { kinds } from '../kinds.ts';
import { useLanguage, useWords } from '../words/index.ts';
import { kindSummary } from '../words/kinds.ts';
import { Worded } from '../words/worded.tsx';
import { kindsThatFit, whyNot } from './fits.ts';
import { add, connect } from './gestures.ts';
import { stageIcons } from './icons.tsx';
import { useCanvas, useFlow, view } from './state.ts';

export function SearchPopup() {
  const search = useCanvas((state) => state.search);
  const connecting = useCanvas((state) => state.connecting);
  if (search) return <KindSearch key={`${search.screen.x},${search.screen.y}`} />;
  return connecting ? <PortSearch key={connecting.node} /> : null;
}

function KindSearch() {
  const t = useWords();
  const search = useCanvas((state) => state.search);
  if (!search) return null;
  const { wire, inline, at, screen } = search;
  const list =
    wire?.type == null ? kinds.list : kindsThatFit(wire.type, wire.side === 'output' ? 'input' : 'output', kinds);
  const close = () => useCanvas.setState({ search: null });
  const title = wire?.type
    ? t(wire.side === 'output' ? 'canvas.search.takes' : 'canvas.search.gives', { type: t(`canvas.type.${wire.type}`) })
    : t('canvas.search.title');
  const take = (kind: Kind) => {
    close();
    add(kind, at && wire?.side === 'input' ? { x: at.x - 260, y: at.y - 40 } : at, wire, inline);
    view.element?.querySelector<HTMLElement>('.react-flow')?.focus({ preventScroll: true });
  };
  return (
    <Popup screen={screen} close={close} label={title}>
      <Command label={title} loop filter={rank}>
        <Command.Input autoFocus placeholder={title} />
        <Command.List>
          <Command.Empty>{t('canvas.search.none')}</Command.Empty>
          {list.map((kind) => (
            <KindItem key={kind.kind} kind={kind} take={take} />
          ))}
        </Command.List>
      </Command>
    </Popup>
  );
}

/** Names that begin so come first, then those that hold it, then those whose description does. */
function rank(kind: string, query: string, keywords: readonly string[] = []): number {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const text = keywords.join(' ').toLowerCase();
  const scores = words.map((word) => {
    if (kind.startsWith(word)) return 1;
    if (kind.includes(word)) return 0.8;
    return new RegExp(`(^|\\W)${word.replace(/\W/g, '\\$&')}`).test(text) ? 0.3 : 0;
  });
  return Math.min(1, ...scores);
}

function KindItem({ kind, take }: { kind: Kind; take: (kind: Kind) => void }) {
  const t = useWords();
  const language = useLanguage((state) => state.language);
  const Icon = stageIcons[kind.stage];
  return (
    <Command.Item
      className="menu-item canvas-kind-item"
      value={kind.kind}
      keywords={[
        t(`canvas.stage.${kind.stage}`),
        kind.stage,
        kindSummary(kind, language),
        ...kindSummary(kind, 'en').split(' '),
      ]}
      onSelect={() => take(kind)}
    >
      <span className={`canvas-kind-icon stage-${kind.stage}`} aria-hidden>
        <Icon size={14} />
      </span>
      <span className="canvas-kind-words">
        <span className="canvas-kind-name">{kind.kind}</span>
        <span className="canvas-kind-doc">
          <Worded text={kindSummary(kind, language)} />
        </span>
      </span>
    </Command.Item>
  );
}

/** Every port of the graph that an output of a node may go to: how wires are made by the keyboard. */
function PortSearch() {
  const t = useWords();
  const connecting = useCanvas((state) => state.connecting);
  const scene = useFlow((state) => state.scene);
  const source = connecting && scene.byPath.get(connecting.node);
  if (!connecting || !source) return null;
  const close = () => useCanvas.setState({ connecting: null });
  const choices = source.outputs.flatMap((output) =>
    scene.nodes.flatMap((target) =>
      target.inputs
        .map((input) => ({
          from: { node: source.path, port: output.name },
          to: { node: target.path, port: input.name },
        }))
        .filter(({ from, to }) => whyNot(from, to, scene, kinds) === null),
    ),
  );
  const title = t('canvas.connect.title', { node: source.path });
  return (
    <Popup screen={connecting.screen} close={close} label={title}>
      <Command label={title} loop>
        <Command.Input autoFocus placeholder={title} />
        <Command.List>
          <Command.Empty>{t('canvas.connect.none')}</Command.Empty>
          {choices.map(({ from, to }) => (
            <Command.Item
              key={`${from.port} ${to.node} ${to.port}`}
              className="menu-item"
              value={`${to.node} ${to.port} ${from.port}`}
              onSelect={() => {
                close();
                connect(from, to);
              }}
            >
              {to.node} · {to.port}
              {source.outputs.length > 1 && <span className="keys">{from.port}</span>}
            </Command.Item>
          ))}
        </Command.List>
      </Command>
    </Popup>
  );
}

/** A box at a place of the window, moved so that all of it is seen. */
function Popup(props: {
  screen: { x: number; y: number };
  close: () => void;
  label: string;
  children: React.ReactNode;
}) {
  const { screen, close, label, children } = props;
  const box = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState({ left: screen.x, top: screen.y });
  useLayoutEffect(() => {
    const size = box.current?.getBoundingClientRect();
    if (!size) return;
    setPlace({
      left: Math.max(8, Math.min(screen.x, window.innerWidth - size.width - 8)),
      top: Math.max(8, Math.min(screen.y, window.innerHeight - size.height - 8)),
    });
  }, [screen]);
  useEffect(() => {
    const outside = (event: PointerEvent) => {
      if (!(event.target instanceof Node && box.current?.contains(event.target))) close();
    };
    window.addEventListener('pointerdown', outside, true);
    return () => window.removeEventListener('pointerdown', outside, true);
  });
  return createPortal(
    <div
      ref={box}
      className="canvas-search"
      role="dialog"
      aria-label={label}
      data-state="open"
      style={place}
      onKeyDown={(event) => {
        if (event.key === 'Escape' || event.key === 'Tab') {
          event.preventDefault();
          close();
          view.element?.querySelector<HTMLElement>('.react-flow')?.focus({ preventScroll: true });
        }
        event.stopPropagation();
      }}
    >
      {children}
    </div>,
    document.body,
  );
}
