// Keeps the store of runs in step with the open file: plans the text as it changes, finds running and past runs, follows the one
// that is going on, and tells how each node stands.
import type { RunRecord } from '../../engine/run/record.ts';
import { notify } from '../app/notices.tsx';
import { useSettings } from '../app/settings.ts';
import { showTab } from '../app/view.ts';
import { useDocument } from '../document/document.ts';
import { ask, HostError, on, unlessAway, useConnection } from '../host.ts';
import { sourcesOf } from '../results/sources.ts';
import { t, useLanguage } from '../words/index.ts';
import { followAgain, isFollowing, leave, show, startFollowing } from './follow.ts';
import { formatOf } from './format.ts';
import { nodeStates, overallOf, secondsOf } from './nodes.ts';
import { nothing, type Trouble, useRuns } from './state.ts';
import { reasons } from './why.ts';
import type { Watched } from './watched.ts';

/** Milliseconds without an edit until the text is planned. */
const pause = 300;
/** Runs that ended longer ago are no news when a file is opened. */
const news = 24 * 3600e3;

const { getState, setState } = useRuns;
let timer: ReturnType<typeof setTimeout> | null = null;
/** Ends of runs that were told, so that none is told twice. */
const told = new Set<string>();

/** Begins; returns what ends it. */
export function startRuns(): () => void {
  startFollowing();
  const ends = [
    useDocument.subscribe((now, before) => {
      if (now.file?.path !== before.file?.path) void changeFile();
      else if (now.text !== before.text) replanSoon();
    }),
    on('runs.changed', ({ folder }) => {
      if (useDocument.getState().file?.folder === folder) unlessAway(refresh());
    }),
    useConnection.subscribe((now, before) => {
      if (now.state !== 'open' || before.state === 'open') return;
      unlessAway(followAgain());
      unlessAway(refresh());
      replanSoon();
    }),
    useRuns.subscribe((now, before) => {
      if (now.plan !== before.plan || now.watched !== before.watched) settle();
      if (now.run !== before.run) tellEnd(now.watched, before.run);
    }),
    useLanguage.subscribe(settle),
  ];
  // Time left counts down between the signs of a slow step too.
  const clock = setInterval(() => getState().run?.status === 'running' && settle(), 1000);
  if (useDocument.getState().file) void changeFile();
  return () => {
    for (const end of ends) end();
    clearInterval(clock);
    if (timer) clearTimeout(timer);
  };
}

async function changeFile(): Promise<void> {
  if (timer) clearTimeout(timer);
  setState(nothing);
  unlessAway(leave());
  if (!useDocument.getState().file) return;
  unlessAway(replan());
  unlessAway(refresh());
}

function replanSoon(): void {
  setState({ planning: 'waiting' });
  if (timer) clearTimeout(timer);
  timer = setTimeout(() => unlessAway(replan()), pause);
}

/** Plans the text as it is. A plan that a later edit overtook is dropped. */
export async function replan(): Promise<void> {
  const { file, text } = useDocument.getState();
  if (!file) return;
  const current = () => useDocument.getState().file?.path === file.path && useDocument.getState().text === text;
  try {
    const plan = await ask('graph.plan', { path: file.path, text, to: null, fresh: false });
    if (!current()) return;
    if (!plan) return setState({ plan: null, planning: 'errors', planMessage: null });
    const keys = Object.fromEntries(plan.steps.map(({ node, key }) => [node, key]));
    setState({ plan, planning: 'ready', planMessage: null, keys });
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    if (current() && error.code !== 'outdated')
      setState({ plan: null, planning: 'failed', planMessage: error.message });
  }
}

/** Reads the list of runs, and follows the one of this file that is going on. One reading at a time: who comes meanwhile waits for
 *  the next one. */
export function refresh(): Promise<void> {
  queued ??= reading
    .catch(() => {}) // was told to whoever asked for it
    .then(() => {
      queued = null;
      reading = readRuns();
      return reading;
    });
  return queued;
}
let reading: Promise<void> = Promise.resolve();
let queued: Promise<void> | null = null;

async function readRuns(): Promise<void> {
  const { file } = useDocument.getState();
  if (!file) return;
  const list = await ask('run.list', { path: file.path });
  if (useDocument.getState().file?.path !== file.path) return;
  setState({ list });
  const mine = list.filter((record) => record.file === file.name);
  const going = mine.find(({ status }) => status === 'running');
  const shown = getState().run;
  if (going && !isFollowing(going.run)) {
    setState({ stopping: 'no' });
    await show(file.path, going.run);
    return;
  }
  if (going) return;
  const fresh = mine[0];
  if (!shown && fresh) await show(file.path, fresh.run);
  else if (shown) await reread(list, shown);
}

/** A run that is shown and was going on has ended, perhaps without a word. */
async function reread(list: readonly RunRecord[], shown: RunRecord): Promise<void> {
  const { file } = useDocument.getState();
  const now = list.find(({ run }) => run === shown.run);
  if (!file || !now || now.status === 'running' || !isFollowing(shown.run)) return;
  await show(file.path, shown.run);
  setState({ stopping: 'no' });
  await replan();
}

/** Works out how each node stands, and the run as a whole. */
function settle(): void {
  const { plan, watched, nodes, seen, overall } = getState();
  const now = watched ? secondsOf(watched, seen, Date.now()) : 0;
  const after = nodeStates(plan, watched, now, nodes, (list) => reasons(list, t));
  const going = watched?.record.status === 'running';
  const expected = new Map(plan?.steps.map(({ key, seconds }) => [key, seconds]));
  const whole = watched && going ? overallOf(watched, expected, now) : null;
  const same =
    whole === overall ||
    (whole &&
      overall &&
      Math.abs(whole.fraction - overall.fraction) < 5e-4 &&
      whole.done === overall.done &&
      Math.round(whole.left ?? -1) === Math.round(overall.left ?? -1));
  if (after === nodes && same) return;
  setState({ nodes: after, ...(!same && { overall: whole }) });
}

/** A run that failed, died or was stopped says so once. */
function tellEnd(watched: Watched | null, before: RunRecord | null): void {
  if (!watched) return;
  const { record, failure } = watched;
  const { run, status, ended } = record;
  const followed = before?.run === run && before.status === 'running';
  if (status === 'running' || status === 'done' || told.has(run)) {
    if (status === 'done' && getState().trouble?.run !== null) setState({ trouble: null });
    if (status === 'done' && followed) tellDone(watched);
    return;
  }
  if (!followed && Date.now() - Date.parse(ended ?? record.started) > news) return;
  if (!followed && useSettings.getState().view['runs.closed'] === run) return;
  // What somebody stopped himself is no news on opening; how to go on is in the list of runs.
  if (!followed && status === 'interrupted') return;
  told.add(run);
  const trouble: Trouble = { kind: status, message: failure?.message ?? '', notes: failure?.notes ?? [], run };
  setState({ trouble });
}

/** Says that a run is through, and leads to what it made: its curves where it trained. */
function tellDone({ record, at }: Watched): void {
  const tab = sourcesOf(record, getState().list).length > 0 ? 'curves' : 'runs';
  const time = formatOf(useLanguage.getState().language).duration(at);
  const action = { title: t(`runs.show.${tab}`), run: () => showTab(tab) };
  notify({ kind: 'info', text: t('runs.ended.done', { time }), action });
}
