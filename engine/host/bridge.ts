// What Electron's preload puts into the page as `window.dsk`: the contract's methods, each a function of its own, and what only a
// desktop has. Types alone; a page in a browser has no bridge and talks to the host by WebSocket.
import type { HostErrorCode, Methods, Notification, Notifications } from './contract.ts';

/** What fails crosses the bridge as a value, since an error would lose its code there. */
export type Answer<Result> = { result: Result } | { error: { message: string; code: HostErrorCode } };

/** What the native menu asks of the page: the ids of its commands (renderer's commands.ts files). */
export type MenuCommand =
  | 'new'
  | 'open'
  | 'save'
  | 'start'
  | 'undo'
  | 'redo'
  | 'format'
  | 'commands'
  | 'view.canvas'
  | 'view.both'
  | 'view.text'
  | 'palette'
  | 'inspector'
  | 'panel'
  | 'canvas.tidy'
  | 'canvas.fit'
  | 'theme'
  | 'run'
  | 'run.resume'
  | 'run.stop'
  | 'show.plan'
  | 'show.curves'
  | 'show.runs';

export interface Desktop {
  /** The system's dialog for graphs; null where the user cancelled. */
  openFile(): Promise<string | null>;
  /** Where to save; `suggested` is a path or a file name. */
  saveFile(suggested: string): Promise<string | null>;
  chooseFolder(): Promise<string | null>;
  /** What this window shows: its title, and whether something in it is not saved. */
  setDocument(path: string | null, edited: boolean): Promise<null>;
  /** Shows a file in the system's file browser. */
  reveal(path: string): Promise<null>;
  /** Pastes, as Ctrl+V does: the page gets a `paste` event. For menus, as the page may not read the clipboard itself. */
  paste(): Promise<null>;
  /** The path of a file dropped on the page; null where it has none. */
  pathOf(file: File): string | null;
  /** The native menu was used. Until the returned function is called. */
  onCommand(listener: (command: MenuCommand) => void): () => void;
  /** The system asks this window to open a graph (absolute path). Until the returned function is called. */
  onOpen(listener: (path: string) => void): () => void;
  /** The host ended and was started again (`back`), or was not (`gone`): what was under way got an error. */
  onHost(listener: (state: 'back' | 'gone') => void): () => void;
}

export interface Bridge {
  readonly request: {
    readonly [M in keyof Methods]: (params: Methods[M]['params']) => Promise<Answer<Methods[M]['result']>>;
  };
  /** Every notification of the host, until the returned function is called. */
  on(listener: <N extends Notification>(name: N, params: Notifications[N]) => void): () => void;
  readonly desktop: Desktop;
}
