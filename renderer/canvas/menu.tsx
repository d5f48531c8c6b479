// The menus of pane, node and wire, made of the same commands as the keys, which stand beside them.
import { ContextMenu } from 'radix-ui';
import type { ReactNode } from 'react';
import { useState } from 'react';
import { shownKeys } from '../app/command.ts';
import { carryOut, commands } from '../app/commands.ts';
import { select, useDocument } from '../document/document.ts';
import { useWords } from '../words/index.ts';
import { clipboardKeys } from './commands.ts';
import type { FlowEdge, FlowNode } from './flow.ts';
import { useFlow } from './state.ts';
import { refreshEdges } from './sync.ts';

const line = null;
/** Ids of commands; null is a line between them. */
const menus = {
  pane: [
    'canvas.add',
    'canvas.paste',
    line,
    'canvas.all',
    'canvas.tidy',
    'canvas.fit',
    line,
    'canvas.snap',
    'canvas.map',
    line,
    'undo',
    'redo',
  ],
  node: [
    'run.to',
    'show.result',
    line,
    'canvas.rename',
    'canvas.inspect',
    'canvas.connect',
    'canvas.note',
    line,
    'canvas.copy',
    'canvas.cut',
    'canvas.duplicate',
    line,
    'canvas.skip',
    'canvas.moveOut',
    'canvas.moveIn',
    'canvas.group',
    'canvas.tidy',
    'canvas.zoomSelection',
    line,
    'canvas.delete',
    'canvas.deleteAlone',
  ],
  wire: ['canvas.delete'],
} as const;

let target: keyof typeof menus = 'pane';

/** Notes what was clicked with the other button; commands then act on it. */
export const showMenuFor = {
  node(_: unknown, { id, type }: FlowNode): void {
    if (type === 'frame') {
      target = 'pane';
      return;
    }
    target = 'node';
    if (!useDocument.getState().selection.includes(id)) select([id], 'canvas');
  },
  wire(_: unknown, edge: FlowEdge): void {
    target = edge.data?.wire.inline ? 'pane' : 'wire';
    select([], 'canvas');
    useFlow.setState({ picked: [edge.id] });
    refreshEdges();
  },
  selection(): void {
    target = 'node';
  },
  pane(): void {
    target = 'pane';
  },
};

export function CanvasMenu({ children }: { children: ReactNode }) {
  const t = useWords();
  const [open, setOpen] = useState(target);
  return (
    <ContextMenu.Root onOpenChange={(shown) => shown && setOpen(target)}>
      <ContextMenu.Trigger asChild>
        <div className="canvas-ground">{children}</div>
      </ContextMenu.Trigger>
      <ContextMenu.Portal>
        <ContextMenu.Content className="menu canvas-menu" aria-label={t('canvas.menu')}>
          <Items ids={menus[open]} />
        </ContextMenu.Content>
      </ContextMenu.Portal>
    </ContextMenu.Root>
  );
}

function Items({ ids }: { ids: readonly (string | null)[] }) {
  const t = useWords();
  const optional = new Set(['canvas.moveIn', 'canvas.moveOut']);
  const items: ReactNode[] = [];
  for (const id of ids) {
    if (id === null) {
      if (items.length > 0) items.push(<ContextMenu.Separator key={`line-${items.length}`} className="menu-line" />);
      continue;
    }
    const command = commands.find((each) => each.id === id);
    if (!command) continue;
    const enabled = command.enabled?.() ?? true;
    if (!enabled && optional.has(id)) continue;
    const keys = command.keys?.[0] ?? clipboardKeys[id];
    items.push(
      <ContextMenu.Item
        key={id}
        className="menu-item"
        disabled={!enabled}
        onSelect={() => setTimeout(() => carryOut(command), 0)}
      >
        {t(command.title)}
        {keys && <span className="keys">{shownKeys(keys)}</span>}
      </ContextMenu.Item>,
    );
  }
  return items;
}
