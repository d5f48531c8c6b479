// Ways to get at a graph: the system's dialog or our own, a new one, a copy of an example.
import { ask } from '../host.ts';
import { useDialogs } from './dialogs.ts';
import { openFile } from './session.ts';

/** Lets the user pick a file. */
export async function pickFile(): Promise<void> {
  if (!window.dsk) return useDialogs.setState({ files: true });
  const path = await window.dsk.desktop.openFile();
  if (path !== null) await openFile(path);
}

/** Makes a graph, empty or from an example, and opens it. */
export async function newFile(example: string | null): Promise<void> {
  const { path } = await ask('file.create', { example, path: null });
  await openFile(path);
}
