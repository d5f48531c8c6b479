// The inputs of a node: what feeds each one, and a menu of what could.
import { ChevronDown, CornerDownRight } from 'lucide-react';
import { DropdownMenu, Tooltip } from 'radix-ui';
import type { Checked, Node } from '../../engine/graph/graph.ts';
import type { Kind, Port } from '../../engine/nodes/kind.ts';
import { offeredInputs, runs } from '../../engine/nodes/kind.ts';
import type { Diagnostic } from '../../grammar/index.ts';
import { notify } from '../app/notices.tsx';
import { editPath, positionOf } from '../canvas/places.ts';
import { change, select } from '../document/document.ts';
import { kinds } from '../kinds.ts';
import { useLanguage, useWords } from '../words/index.ts';
import { portDoc } from '../words/kinds.ts';
import { givenAt } from './argument.ts';
import { problemsOf } from './model.ts';
import { Problems } from './problems.tsx';
import { Prose } from './prose.tsx';
import { sourcesFor } from './sources.ts';

interface Props {
  node: Node;
  checked: Checked;
  diagnostics: readonly Diagnostic[];
}

export function Inputs({ node, checked, diagnostics }: Props) {
  return offeredInputs(node.kind.inputs, (name) => node.given.has(name)).map((name) => (
    <InputRow
      key={name}
      name={name}
      port={node.kind.inputs[name] as Port}
      node={node}
      checked={checked}
      diagnostics={diagnostics}
    />
  ));
}

function InputRow({ name, port, node, checked, diagnostics }: Props & { name: string; port: Port }) {
  const t = useWords();
  const language = useLanguage((state) => state.language);
  const problems = problemsOf(checked, node.path, name, diagnostics);
  const input = node.inputs[name];
  const source = input && checked.graph.byPath.get(input.node);
  const inline = source?.owner?.node === node.path && source.owner.port === name ? source : null;
  return (
    <div className="inspector-field inspector-input">
      <div className="inspector-label">
        <Tooltip.Root>
          <Tooltip.Trigger asChild>
            <span className="inspector-name">
              <Dot type={port.type} />
              {name}
            </span>
          </Tooltip.Trigger>
          <Tooltip.Portal>
            <Tooltip.Content className="tooltip inspector-tooltip" side="left" sideOffset={8} collisionPadding={8}>
              <Prose text={portDoc(node.kind, name, language)} />
              <p className="inspector-tooltip-range">{port.type}</p>
            </Tooltip.Content>
          </Tooltip.Portal>
        </Tooltip.Root>
        {!port.optional && (
          <span className="inspector-required" title={t('inspector.required')}>
            *<span className="visually-hidden">{t('inspector.required')}</span>
          </span>
        )}
      </div>
      <div className="inspector-control inspector-source-row">
        <SourceMenu name={name} port={port} node={node} checked={checked} inline={inline?.kind ?? null} />
        {inline && (
          <button
            type="button"
            className="button icon"
            aria-label={t('inspector.open', { name: inline.path })}
            title={t('inspector.open', { name: inline.path })}
            onClick={() => select([inline.path], 'inspector')}
          >
            <CornerDownRight size={14} />
          </button>
        )}
      </div>
      <div className="inspector-problems">
        <Problems list={problems} />
      </div>
    </div>
  );
}

export function Dot({ type }: { type: string }) {
  return <span className="inspector-dot" style={{ background: `var(--port-${type})` }} aria-hidden />;
}

function SourceMenu(props: Omit<Props, 'diagnostics'> & { name: string; port: Port; inline: Kind | null }) {
  const { name, port, node, checked, inline } = props;
  const t = useWords();
  const given = givenAt(checked, node.path, name);
  const sources = sourcesFor(port.type, node.path, checked);
  const parts = kinds.list.filter(
    (kind) => !runs(kind) && Object.values(kind.outputs)[0] === port.type && isPart(kind),
  );
  const shown = inline
    ? `${inline.kind}(…)`
    : (given?.source ?? t(port.optional ? 'inspector.none' : 'inspector.choose'));
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger className={`field inspector-select mono ${given ? '' : 'fallback'}`} aria-label={name}>
        <span className="inspector-select-text">{shown}</span>
        <ChevronDown size={14} aria-hidden />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="end" sideOffset={4}>
          {sources.length > 0 && (
            <DropdownMenu.Label className="menu-title">{t('inspector.sources')}</DropdownMenu.Label>
          )}
          {sources.map((source) => (
            <DropdownMenu.CheckboxItem
              key={source}
              className="menu-item"
              checked={given?.source === source}
              onCheckedChange={() => connect(checked, node.path, name, source)}
            >
              <Dot type={port.type} />
              <code>{source}</code>
            </DropdownMenu.CheckboxItem>
          ))}
          {parts.length > 0 && <DropdownMenu.Label className="menu-title">{t('inspector.inline')}</DropdownMenu.Label>}
          {parts.map((kind) => (
            <DropdownMenu.CheckboxItem
              key={kind.kind}
              className="menu-item"
              checked={inline?.kind === kind.kind}
              onCheckedChange={() => inline?.kind !== kind.kind && writeInline(checked, node.path, name, kind)}
            >
              <Dot type={port.type} />
              <code>{kind.kind}(…)</code>
            </DropdownMenu.CheckboxItem>
          ))}
          {sources.length + parts.length === 0 && (
            <p className="inspector-quiet inspector-menu-empty">{t('inspector.sources.none', { type: port.type })}</p>
          )}
          {given && (
            <>
              <DropdownMenu.Separator className="menu-line" />
              <DropdownMenu.Item className="menu-item" onSelect={() => disconnect(checked, node.path, name)}>
                {t('inspector.disconnect')}
              </DropdownMenu.Item>
            </>
          )}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/** Kinds without inputs of their own are written in place. */
function isPart(kind: Kind): boolean {
  return Object.values(kind.inputs).every(({ optional }) => optional);
}

/** Where a GraphEdit finds the port: its name, and its place where it is given without one. */
function portOf(checked: Checked, path: string, port: string) {
  const position = positionOf(checked, kinds, path, port);
  return { node: editPath(checked, kinds, path), port, ...(position !== undefined && { position }) };
}

function say(message: string | null | undefined): void {
  if (message) notify({ kind: 'warning', text: message });
}

function connect(checked: Checked, path: string, port: string, source: string): void {
  const edit = { type: 'connect', ...portOf(checked, path, port), source } as const;
  say(change(edit, { origin: 'inspector', label: 'undo.connect' })?.message);
}

function disconnect(checked: Checked, path: string, port: string): void {
  const edit = { type: 'disconnect', ...portOf(checked, path, port) } as const;
  say(change(edit, { origin: 'inspector', label: 'undo.disconnect' })?.message);
}

function writeInline(checked: Checked, path: string, port: string, kind: Kind): void {
  const parameter = givenAt(checked, path, port)?.address ?? port;
  const node = editPath(checked, kinds, path);
  const value = { call: kind.kind, arguments: [] };
  say(change({ type: 'set', node, parameter, value }, { origin: 'inspector', label: 'undo.connect' })?.message);
}
