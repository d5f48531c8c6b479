// A node of any kind, drawn from its kind alone: name, ports, the values the text gives, problems and its state in a run.
import { CircleAlert, CircleSlash2, FileText, TriangleAlert } from 'lucide-react';
import { memo, useState } from 'react';
import { Handle, type NodeProps, Position } from 'reactflow';
import { type NodeState, useNodeState } from '../runs/state.ts';
import { useWords } from '../words/index.ts';
import { type KindNode, labelId } from './flow.ts';
import { shownSettings } from './geometry.ts';
import { stageIcons } from './icons.tsx';
import { openPort } from './open-search.ts';
import { RenameField } from './rename.tsx';
import type { NodeView, PortView, Problem } from './scene.ts';
import { flowId, useCanvas, useDetail } from './state.ts';
import { FarMark, NodeStateLine, stateWords } from './status.tsx';

export const KindNodeView = memo(
  function KindNodeView({ data, selected }: NodeProps<KindNode>) {
    const far = useDetail(({ detail }) => detail === 'far');
    const renaming = useCanvas(({ renaming }) => renaming === data.view.path);
    return far && !renaming ? (
      <FarNode view={data.view} selected={selected} />
    ) : (
      <NearNode view={data.view} selected={selected} />
    );
  },
  (a, b) => a.data === b.data && a.selected === b.selected,
);

interface Props {
  view: NodeView;
  selected: boolean;
}

function className({ stage, owner, skipped, problems }: NodeView, selected: boolean): string {
  return [
    'canvas-node',
    `stage-${stage ?? 'unknown'}`,
    owner && 'inline',
    skipped && 'skipped',
    selected && 'selected',
    problems.some(({ severity }) => severity === 'error') && 'faulty',
  ]
    .filter(Boolean)
    .join(' ');
}

/** From far away: a block in the stage's colour with the name as large as it fits. */
function FarNode({ view, selected }: Props) {
  const state = useNodeState(view.path);
  const size = Math.max(20, Math.min(view.owner ? 30 : 44, (view.owner ? 300 : 360) / Math.max(4, view.title.length)));
  return (
    <div className={`${className(view, selected)} far is-${state.state}`} style={{ fontSize: size }}>
      <Label view={view} state={state} />
      {view.title}
      {view.runs && !view.owner && <FarMark state={state} skipped={view.skipped} />}
    </div>
  );
}

/** What a screen reader says of a node, however near it is. */
function Label({ view, state }: { view: NodeView; state: NodeState }) {
  const t = useWords();
  const { path, title, kind, stage, owner, problems, skipped } = view;
  const words = [
    owner ? `${owner.node} ${owner.port}` : title,
    kind,
    ...(stage === null ? [t('canvas.unknown')] : []),
    ...(skipped ? [t('canvas.skipped')] : []),
    ...stateWords(state, t),
    ...(problems.length > 0 ? [t('canvas.problems', { count: problems.length })] : []),
  ];
  return (
    <span id={labelId(path)} hidden>
      {words.join(', ')}
    </span>
  );
}

function NearNode({ view, selected }: Props) {
  const t = useWords();
  // Ports take part in dragging wires only while the pointer is on the node; thousands of them would slow every movement.
  const [near, setNear] = useState(false);
  const renaming = useCanvas(({ renaming }) => renaming === view.path);
  const state = useNodeState(view.path);
  const { path, title, kind, stage, owner, documentation, inputs, outputs, settings, problems, skipped } = view;
  const Icon = stageIcons[stage ?? 'unknown'];
  const rows = Math.max(inputs.length, owner ? 0 : outputs.length);
  return (
    <div
      className={`${className(view, selected)} is-${state.state}`}
      onPointerEnter={() => setNear(true)}
      onPointerLeave={() => setNear(false)}
    >
      <Label view={view} state={state} />
      <div className="canvas-node-head" onDoubleClick={() => useCanvas.setState({ renaming: path })}>
        <span className="canvas-node-icon" aria-hidden>
          <Icon size={owner ? 12 : 15} />
        </span>
        <span className="canvas-node-names">
          {renaming ? (
            <RenameField path={path} title={title} inline={owner !== null} />
          ) : (
            <span className="canvas-node-title">{title}</span>
          )}
          <span className="canvas-node-kind">
            {owner ? owner.port : kind}
            {stage === null && <em> {t('canvas.unknown')}</em>}
          </span>
        </span>
        {skipped && (
          <span className="canvas-badge" title={t('canvas.skipped')}>
            <CircleSlash2 size={13} aria-hidden />
          </span>
        )}
        {documentation && (
          <span className="canvas-badge note" title={documentation}>
            <FileText size={13} aria-hidden />
          </span>
        )}
        {problems.length > 0 && <Problems problems={problems} />}
        {owner && <OutputPort view={view} index={0} near={near} />}
      </div>
      {rows > 0 && (
        <div className="canvas-ports">
          {Array.from({ length: rows }, (_, i) => (
            <div className="canvas-port-row" key={inputs[i]?.name ?? `output-${i}`}>
              {inputs[i] && <InputPort path={path} port={inputs[i]} near={near} />}
              {!owner && outputs[i] && <OutputPort view={view} index={i} near={near} />}
            </div>
          ))}
        </div>
      )}
      {settings.length > 0 && (
        <dl className="canvas-settings">
          {settings.slice(0, shownSettings).map(({ name, value }) => (
            <div className="canvas-setting" key={name}>
              <dt>{name}</dt>
              <dd title={value}>{value}</dd>
            </div>
          ))}
          {settings.length > shownSettings && (
            <div className="canvas-setting more">{t('canvas.more', { count: settings.length - shownSettings })}</div>
          )}
        </dl>
      )}
      {view.runs && !owner && <NodeStateLine state={state} skipped={skipped} />}
    </div>
  );
}

function Problems({ problems }: { problems: readonly Problem[] }) {
  const error = problems.some(({ severity }) => severity === 'error');
  const Icon = error ? CircleAlert : TriangleAlert;
  return (
    <span className={`canvas-badge ${error ? 'error' : 'warning'}`} title={problems.map((p) => p.message).join('\n')}>
      <Icon size={13} aria-hidden />
      {problems.length}
    </span>
  );
}

function InputPort({ path, port, near }: { path: string; port: PortView; near: boolean }) {
  const t = useWords();
  const { name, type, required, fed, text, doc } = port;
  const open = required && fed === null;
  const title = `${name}: ${type ? t(`canvas.type.${type}`) : t('canvas.type.any')}${doc ? `\n${doc}` : ''}`;
  return (
    <span
      className={`canvas-port in type-${type ?? 'any'} ${fed ?? 'open'} ${required ? 'required' : ''}`}
      title={title}
    >
      <Port node={path} name={name} side="target" near={near} />
      <span className="canvas-port-name">{name}</span>
      {open && <span className="canvas-port-note">{t('canvas.port.required')}</span>}
      {fed === 'wrong' && <span className="canvas-port-note wrong">{text}</span>}
    </span>
  );
}

function OutputPort({ view, index, near }: { view: NodeView; index: number; near: boolean }) {
  const t = useWords();
  const output = view.outputs[index];
  if (!output) return null;
  const { name, type } = output;
  const title = `${name}: ${type ? t(`canvas.type.${type}`) : t('canvas.type.any')}`;
  return (
    <span className={`canvas-port ${view.owner ? 'in own' : 'out'} type-${type ?? 'any'} wire`} title={title}>
      {!view.owner && <span className="canvas-port-name">{name}</span>}
      <Port node={view.path} name={name} side="source" near={near} left={view.owner !== null} />
    </span>
  );
}

/** Where wires begin and end: React Flow's handle while it may be needed, otherwise an element that only looks like one. */
function Port(props: { node: string; name: string; side: 'source' | 'target'; near: boolean; left?: boolean }) {
  const { node, name, side, near, left = side === 'target' } = props;
  const position = left ? Position.Left : Position.Right;
  if (near) {
    return (
      <Handle
        id={name}
        type={side}
        position={position}
        className="canvas-handle"
        onClick={(event) => {
          event.stopPropagation();
          openPort({ node, port: name }, side === 'target' ? 'input' : 'output', event);
        }}
      />
    );
  }
  return (
    <div
      className={`react-flow__handle react-flow__handle-${position} nodrag nopan canvas-handle connectable connectablestart connectableend ${side}`}
      data-handleid={name}
      data-nodeid={node}
      data-handlepos={position}
      data-id={`${flowId}-${node}-${name}-${side}`}
    />
  );
}
