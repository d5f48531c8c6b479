// One search over every command and every node of the graph (Ctrl+K).
import { defaultFilter, Command as Search } from 'cmdk';
import { Dialog } from 'radix-ui';
import { useState } from 'react';
import type { Checked } from '../../engine/graph/graph.ts';
import { select, useDocument } from '../document/document.ts';
import { useWords } from '../words/index.ts';
import { type Command, shownKeys } from './command.ts';
import { carryOut, commands } from './commands.ts';
import { useDialogs } from './dialogs.ts';
import { useFocusBack } from './focus-back.ts';

export function CommandSearch() {
  const t = useWords();
  const open = useDialogs((state) => state.commands);
  const focus = useFocusBack();
  const setOpen = (commands: boolean) => useDialogs.setState({ commands });
  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Dialog.Portal>
        <Dialog.Overlay className="dialog-back" />
        <Dialog.Content className="dialog command-search" aria-describedby={undefined} {...focus}>
          <Dialog.Title className="visually-hidden">{t('app.commands')}</Dialog.Title>
          <Choices close={() => setOpen(false)} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Choices({ close }: { close: () => void }) {
  const t = useWords();
  const [query, setQuery] = useState('');
  const good = useDocument((state) => state.good);
  const nodes = good ? nodesOf(good) : [];
  const call = (command: Command) => {
    close();
    // After the dialog has given the focus back.
    setTimeout(() => carryOut(command));
  };
  const commandGroup = (
    <Search.Group key="commands">
      {commands
        .filter(({ id, enabled }) => id !== 'commands' && (enabled?.() ?? true))
        .map((command) => (
          <Search.Item
            key={command.id}
            className="menu-item"
            value={`${t(command.title)} ${command.id}`}
            onSelect={() => call(command)}
          >
            {t(command.title)}
            {command.keys?.[0] && <span className="keys">{shownKeys(command.keys[0])}</span>}
          </Search.Item>
        ))}
    </Search.Group>
  );
  const nodeGroup = nodes.length > 0 && (
    <Search.Group key="nodes" heading={t('app.nodes')}>
      {nodes.map(({ path, kind }) => (
        <Search.Item
          key={path}
          className="menu-item"
          value={path}
          keywords={[kind]}
          onSelect={() => {
            close();
            select([path], 'command');
          }}
        >
          {path}
          <span className="keys">{kind}</span>
        </Search.Item>
      ))}
    </Search.Group>
  );
  // Whoever types the name of a node means it, not a command that happens to have these letters.
  const named = query !== '' && nodes.some(({ path }) => path.startsWith(query.trim()));
  return (
    <Search label={t('app.commands')} filter={rank}>
      <Search.Input placeholder={t('app.commands')} value={query} onValueChange={setQuery} />
      <Search.List>
        <Search.Empty>{t('app.commands.empty')}</Search.Empty>
        {named ? [nodeGroup, commandGroup] : [commandGroup, nodeGroup]}
      </Search.List>
    </Search>
  );
}

/** All nodes of the text: those of the graph, and those of a kind that nobody knows. */
function nodesOf({ graph, document }: Checked): { path: string; kind: string }[] {
  const known = graph.nodes.map(({ path, kind }) => ({ path, kind: kind.kind }));
  const unknown = document.statements.flatMap(({ type, name, value }) =>
    type === 'node' && value.type === 'call' && !graph.byPath.has(name.text)
      ? [{ path: name.text, kind: value.kind.text }]
      : [],
  );
  return [...known, ...unknown];
}

/** As cmdk ranks, but what is called exactly so comes first: `trained` before `trained.optimizer`. */
function rank(value: string, query: string, keywords?: string[]): number {
  return value === query.trim() ? 2 : defaultFilter(value, query, keywords);
}
