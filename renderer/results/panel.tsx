// The result of the selected node: found by its content key, shown by what it is (a table, a model, ...), never by what made it.
import { MousePointerClick, Play } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import type { ArtifactView, ResultView } from '../../engine/host/contract.ts';
import { attempt } from '../app/notices.tsx';
import { showTab } from '../app/view.ts';
import { useDocument } from '../document/document.ts';
import { ask, HostError } from '../host.ts';
import { startRun } from '../runs/actions.ts';
import { useFormat } from '../runs/format.ts';
import { type NodeState, useNodeState, useRuns } from '../runs/state.ts';
import { StatusSign } from '../runs/status.tsx';
import { useWords } from '../words/index.ts';
import { DefinitionView } from './definition.tsx';
import { views } from './views.tsx';
import { writtenBy } from './written.ts';
import './results.css';

export function ResultPanel() {
  const t = useWords();
  const selection = useDocument((state) => state.selection);
  const [node] = selection.length === 1 ? selection : [];
  if (node === undefined) {
    return (
      <div className="runs-empty">
        <MousePointerClick size={28} aria-hidden />
        <p>{t(selection.length > 1 ? 'results.one' : 'results.pick')}</p>
      </div>
    );
  }
  return <NodeResult key={node} node={node} />;
}

function NodeResult({ node }: { node: string }) {
  const t = useWords();
  const state = useNodeState(node);
  // While the text has an error there is no plan; what was made before stays in sight.
  const before = useRuns((all) => all.keys[node] ?? null);
  const errors = useRuns((all) => all.planning === 'errors');
  const key = state.key ?? (errors ? before : null);
  const made = state.state === 'cached' || state.state === 'done' || (state.key === null && key !== null);
  const { result: stored, message, loading } = useResult(made ? key : null);
  const written = useWritten(node, key);
  const result = stored ?? (loading ? null : written);
  const last = useLast(made ? null : node);
  if (result && key) {
    const old = state.key === null ? t('results.old') : null;
    return <Found node={node} result={result} contentKey={key} old={old} />;
  }
  if (last && state.state === 'stale') {
    return <Found node={node} result={last.result} contentKey={last.key} old={t('results.ran', { run: last.run })} />;
  }
  return <Missing node={node} state={state} message={message} loading={loading} />;
}

/** What the run that is shown made at a node, with other values than the text has now; null where it made nothing. */
function useLast(node: string | null): { result: ResultView; key: string; run: string } | null {
  const run = useRuns((all) => all.watched?.record.run ?? '');
  const key = useRuns((all) => {
    const step = all.watched?.record.steps.find((each) => each.node === node);
    return step?.status === 'done' || step?.status === 'cached' ? step.key : null;
  });
  const { result } = useResult(key);
  return result && key !== null ? { result, key, run } : null;
}

/** Results lie under the hash of all they depend on, so what was read once never changes. */
const known = new Map<string, ResultView>();

function useResult(key: string | null): { result: ResultView | null; message: string | null; loading: boolean } {
  const path = useDocument((state) => state.file?.path ?? null);
  const [answer, setAnswer] = useState<{ key: string; result: ResultView | null; message: string | null } | null>(null);
  useEffect(() => {
    if (key === null || path === null || known.has(key)) return;
    let over = false;
    ask('result.read', { path, key }).then(
      (result) => {
        if (result) known.set(key, result);
        if (!over) setAnswer({ key, result, message: null });
      },
      (error: unknown) => {
        if (!over)
          setAnswer({ key, result: null, message: error instanceof HostError ? error.message : String(error) });
      },
    );
    return () => {
      over = true;
    };
  }, [path, key]);
  if (key === null) return { result: null, message: null, loading: false };
  const found = known.get(key) ?? null;
  if (found) return { result: found, message: null, loading: false };
  return answer?.key === key ? { ...answer, loading: false } : { result: null, message: null, loading: true };
}

/** What a step wrote outside the cache, such as an export: its run says what and where. */
function useWritten(node: string, key: string | null): ResultView | null {
  const list = useRuns((state) => state.list);
  const kind = useDocument((state) => state.good?.graph.byPath.get(node)?.kind ?? null);
  return useMemo(
    () => (kind && key !== null ? writtenBy(list, node, key, kind.outputs) : null),
    [list, node, key, kind],
  );
}

function Found({
  node,
  result,
  contentKey,
  old,
}: {
  node: string;
  result: ResultView;
  contentKey: string;
  /** Why it is not the result of the text as it is; null where it is. */
  old: string | null;
}) {
  const t = useWords();
  const format = useFormat();
  const outputs = Object.entries(result.artifacts)
    .filter(([name], _, all) => name !== 'removed' || all.length === 1) // shown with what is left of the table
    .sort(([, a], [, b]) => order(a) - order(b));
  const [picked, setPicked] = useState<string | null>(null);
  const hasCurves = useRuns((all) =>
    all.list.some((run) => run.steps.some((step) => step.key === contentKey && step.step !== undefined)),
  );
  const [output, artifact] = outputs.find(([name]) => name === picked) ?? outputs[0] ?? [];
  return (
    <section className="results" aria-label={t('results.of', { node })}>
      <header className="results-head">
        <strong className="results-node">{node}</strong>
        <span className="runs-quiet">{result.kind}</span>
        {outputs.length > 1 && (
          <div className="segments" role="group" aria-label={t('results.outputs')}>
            {outputs.map(([name, each]) => (
              <button
                key={name}
                type="button"
                className="segment"
                data-state={name === output ? 'on' : 'off'}
                aria-pressed={name === output}
                onClick={() => setPicked(name)}
              >
                <span className="results-port" style={{ background: `var(--port-${each.type})` }} aria-hidden />
                {name}
              </button>
            ))}
          </div>
        )}
        {hasCurves && (
          <button type="button" className="button quiet" onClick={() => showTab('curves')}>
            {t('runs.show.curves')}
          </button>
        )}
        <span className="results-made">
          {old !== null && <span className="results-old">{old}</span>}
          {t('results.made', { time: format.time(result.created), duration: format.duration(result.seconds) })}
        </span>
      </header>
      {output !== undefined && artifact && (
        <Artifact
          key={`${contentKey} ${output}`}
          node={node}
          contentKey={contentKey}
          output={output}
          artifact={artifact}
        />
      )}
    </section>
  );
}

/** What there is to look at first. */
function order({ type }: ArtifactView): number {
  return ['table', 'tokenizer', 'report', 'model', 'file'].indexOf(type);
}

function Artifact(props: { node: string; contentKey: string; output: string; artifact: ArtifactView }) {
  const path = useDocument((state) => state.file?.path ?? '');
  const { artifact, ...rest } = props;
  const View = views[artifact.type] as React.ComponentType<{ path: string; artifact: ArtifactView } & typeof rest>;
  return <View path={path} artifact={artifact} {...rest} />;
}

function Missing({
  node,
  state,
  message,
  loading,
}: {
  node: string;
  state: NodeState;
  message: string | null;
  loading: boolean;
}) {
  const t = useWords();
  const format = useFormat();
  const running = useRuns((all) => all.run?.status === 'running');
  const planning = useRuns((all) => all.planning);
  const found = useDocument((all) => all.good?.graph.byPath.get(node) ?? null);
  if (found?.skipped) return <div className="runs-empty">{t('results.skipped', { node })}</div>;
  if (state.state === 'unknown' && found && 'run' in found.kind) {
    const errors = planning === 'errors';
    return (
      <div className="runs-empty">
        <h2>{t(errors ? 'plan.errors' : 'plan.wait')}</h2>
        {errors && <p>{t('plan.errors.hint')}</p>}
      </div>
    );
  }
  if (state.state === 'definition' || (state.state === 'unknown' && found)) {
    return <DefinitionView node={node} />;
  }
  const words = () => {
    switch (state.state) {
      case 'running':
        return t('results.running', { node });
      case 'waiting':
        return t('results.waiting', { node });
      case 'failed':
        return t('results.failed', { node });
      case 'interrupted':
        return t('results.interrupted', { node });
      case 'cached':
      case 'done':
        return loading ? t('results.loading') : t('results.gone');
      default:
        return t('results.never', { node });
    }
  };
  const offer = !running && !loading && state.state !== 'unknown';
  return (
    <div className="runs-empty">
      <StatusSign state={state.state} />
      <h2>{words()}</h2>
      {state.why !== null && <p>{state.why}</p>}
      {message !== null && <p>{message}</p>}
      {state.state === 'running' && (
        <>
          {state.progress !== null && (
            <div className="runs-bar results-progress">
              <div className="runs-bar-full" style={{ transform: `scaleX(${state.progress})` }} />
            </div>
          )}
          <p>
            {[state.note, state.left === null ? null : t('runs.left', { time: format.left(state.left) })]
              .filter(Boolean)
              .join(' · ')}
          </p>
          <button type="button" className="button" onClick={() => showTab('curves')}>
            {t('runs.show.curves')}
          </button>
        </>
      )}
      {offer && (
        <button type="button" className="button primary" onClick={() => attempt(startRun({ to: node }))}>
          <Play size={14} aria-hidden />
          {t('runs.run.to.here')}
        </button>
      )}
    </div>
  );
}
