// What the user can do about runs: start, stop, go on, look at one. What stands in the way becomes a notice that says what to do.
import { notify } from '../app/notices.tsx';
import { saveNow } from '../app/session.ts';
import { showTab } from '../app/view.ts';
import { diagnosticsOf, useDocument } from '../document/document.ts';
import { ask, HostError } from '../host.ts';
import { t } from '../words/index.ts';
import { show } from './follow.ts';
import { refresh } from './start.ts';
import { type RunOptions, type Trouble, useRuns } from './state.ts';
import { resumable } from './watched.ts';

const { getState, setState } = useRuns;

const all: RunOptions = { to: null, fresh: false, resume: false, set: {} };

/** Saves the file and runs it. Asks first where the folder was never run. */
export async function startRun(options: Partial<RunOptions> = {}): Promise<void> {
  const { file } = useDocument.getState();
  const { starting, run } = getState();
  if (!file || starting || run?.status === 'running') return;
  const wanted: RunOptions = { ...all, ...options };
  setState({ starting: true, trouble: null });
  try {
    if (!(await saveNow())) return notify({ kind: 'warning', text: t('runs.unsaved') });
    await ask('run.start', { path: file.path, ...wanted });
    await refresh();
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    // Whoever could not run it anyway is not asked for trust first.
    const wrong = diagnosticsOf(useDocument.getState()).some(({ severity }) => severity === 'error');
    if (error.code === 'untrusted' && wrong) setState({ trouble: troubleOf(new HostError('', 'graph-errors')) });
    else if (error.code === 'untrusted') setState({ asking: { folder: file.folder, go: () => startRun(wanted) } });
    else setState({ trouble: troubleOf(error) });
  } finally {
    setState({ starting: false });
  }
}

function troubleOf({ code, message }: HostError): Trouble {
  const kind = code === 'locked' || code === 'graph-errors' ? code : 'not-started';
  if (kind === 'graph-errors') showTab('problems');
  return { kind, message, notes: [], run: null };
}

/** The answer to whether a folder's graphs may be run. */
export async function answerTrust(yes: boolean): Promise<void> {
  const { asking } = getState();
  if (!asking) return;
  setState({ asking: null });
  if (!yes) return;
  await ask('trust.grant', { folder: asking.folder });
  const { file } = useDocument.getState();
  if (file?.folder !== asking.folder) return;
  useDocument.setState({ file: { ...file, trusted: true } });
  await asking.go();
}

/** Stops the run that is going on: the first time with a checkpoint, the second time at once. */
export async function stopRun(): Promise<void> {
  const { file } = useDocument.getState();
  const { run, stopping } = getState();
  if (!file || run?.status !== 'running') return;
  const hard = stopping !== 'no';
  setState({ stopping: hard ? 'hard' : 'asked' });
  try {
    await ask('run.stop', { path: file.path, run: run.run, hard });
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    setState({ stopping: 'no' });
    // It may have ended by itself meanwhile.
    if (error.code === 'not-found') await refresh();
    else notify({ kind: 'error', text: error.message });
  }
}

/** Shows a run of the list: on the canvas (unless one is going on), in the curves, with its log. */
export async function openRun(id: string): Promise<void> {
  const { file } = useDocument.getState();
  const { run } = getState();
  if (!file || run?.run === id) return;
  if (run?.status === 'running') return setState({ compared: [id] });
  await show(file.path, id);
  setState({ compared: [] });
}

/** Whether the run that is shown can be gone on with, on the text as it is; `changed` where its work is not that of the text. */
export function resumeState(): { step: number; node: string; changed: boolean } | null {
  const { watched, keys, list } = getState();
  const found = watched && resumable(watched, list);
  if (!found) return null;
  return { step: found.step, node: found.node, changed: keys[found.node] !== found.key };
}

/** Selected step, or what "run to here" means for the selection; null where nothing or several nodes are selected. */
export function selectedNode(): string | null {
  const { selection } = useDocument.getState();
  return selection.length === 1 ? (selection[0] ?? null) : null;
}
