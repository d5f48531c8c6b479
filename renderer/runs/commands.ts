// Commands about runs.
import type { Command } from '../app/command.ts';
import { showTab } from '../app/view.ts';
import { useDocument } from '../document/document.ts';
import { resumeState, selectedNode, startRun, stopRun } from './actions.ts';
import { useRuns } from './state.ts';

const idle = () => {
  const { run, starting } = useRuns.getState();
  return useDocument.getState().file !== null && run?.status !== 'running' && !starting;
};
const running = () => useRuns.getState().run?.status === 'running';
const open = () => useDocument.getState().file !== null;

export const runCommands: readonly Command[] = [
  {
    id: 'run',
    title: 'runs.run',
    keys: ['Mod+Enter', 'F5'],
    scope: 'everywhere',
    enabled: idle,
    run: () => startRun(),
  },
  {
    id: 'run.to',
    title: 'runs.run.to.selected',
    keys: ['Mod+Shift+Enter'],
    scope: 'everywhere',
    enabled: () => idle() && selectedNode() !== null,
    run: () => startRun({ to: selectedNode() }),
  },
  {
    id: 'run.fresh',
    title: 'runs.run.fresh',
    scope: 'everywhere',
    enabled: idle,
    run: () => startRun({ fresh: true }),
  },
  {
    id: 'run.resume',
    title: 'runs.resume',
    scope: 'everywhere',
    enabled: () => idle() && resumeState()?.changed === false,
    run: () => startRun({ resume: true }),
  },
  { id: 'run.stop', title: 'runs.stop', keys: ['Shift+F5'], scope: 'everywhere', enabled: running, run: stopRun },
  { id: 'show.result', title: 'runs.show.result', scope: 'everywhere', enabled: open, run: () => showTab('result') },
  { id: 'show.curves', title: 'runs.show.curves', scope: 'everywhere', enabled: open, run: () => showTab('curves') },
  { id: 'show.runs', title: 'runs.show.runs', scope: 'everywhere', enabled: open, run: () => showTab('runs') },
  { id: 'show.plan', title: 'runs.show.plan', scope: 'everywhere', enabled: open, run: () => showTab('plan') },
];
