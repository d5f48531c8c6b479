// A window: one page, one host. The page may crash, hang or be reloaded, and the host may die, without the other losing anything.
import { join } from 'node:path';
import { app, BrowserWindow, dialog, nativeTheme } from 'electron';
import type { MenuCommand } from '../engine/host/bridge.ts';
import { type HostProcess, startHost } from './host.ts';
import { isPage, pageUrl } from './page.ts';
import { type Bounds, readBounds, writeBounds } from './place.ts';
import { language } from './preferences.ts';
import { word } from './words.ts';

export interface StudioWindow {
  readonly window: BrowserWindow;
  readonly host: HostProcess;
  /** What the page shows, or is going to: absolute; null for the start page, undefined while the host decides. */
  file: string | null | undefined;
  send(channel: 'command', command: MenuCommand): void;
  send(channel: 'open', path: string): void;
}

const windows = new Map<number, StudioWindow>();
const ending = new Set<Promise<void>>();
const MOST_CRASHES = 3;
const WITHIN = 60_000;

/** The window a message came from. */
export const windowOf = (contentsId: number): StudioWindow | undefined => windows.get(contentsId);

/** The window in front, or else the newest. */
export function currentWindow(): StudioWindow | undefined {
  const focused = BrowserWindow.getFocusedWindow();
  return (focused && windows.get(focused.webContents.id)) ?? [...windows.values()].at(-1);
}

/** Shows a graph: in the window that has it, in one that shows the start page, or in a new one. */
export function showFile(path: string): void {
  const all = [...windows.values()];
  const having = all.find((each) => each.file === path);
  const free = all.find((each) => each.file === null);
  const shown = having ?? free ?? openWindow(path);
  if (shown === free) {
    free.file = path;
    free.send('open', path);
  }
  if (shown.window.isMinimized()) shown.window.restore();
  shown.window.focus();
}

/** Waits until the hosts of closed windows have written what they were about to. */
export const hostsEnded = (): Promise<unknown> => Promise.all(ending);

/** @param file to open; null for the start page; undefined for what the host proposes */
export function openWindow(file: string | null | undefined): StudioWindow {
  const window = new BrowserWindow({
    ...freePlace(readBounds()),
    minWidth: 640,
    minHeight: 400,
    title: 'Dsk',
    show: false,
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#16171a' : '#ffffff',
    ...(process.platform === 'linux' ? { icon: join(__dirname, 'icon.png') } : {}),
    webPreferences: {
      preload: join(__dirname, 'preload.cjs'),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
    },
  });
  const contents = window.webContents;
  const { id } = contents;
  const tell = (channel: string, ...args: unknown[]) => {
    if (!contents.isDestroyed()) contents.send(channel, ...args);
  };
  const host = startHost({
    ...hostCommand(),
    onNotification: (name, params) => tell('notification', name, params),
    onDeath: (state) => tell('host', state),
  });
  const studio: StudioWindow = { window, host, file, send: tell };
  windows.set(id, studio);

  confine(window);
  survive(studio);
  window.once('ready-to-show', () => window.show());
  window.on('close', () => writeBounds(window));
  window.on('closed', () => {
    windows.delete(id);
    const end = host.end().finally(() => ending.delete(end));
    ending.add(end);
  });
  void contents.loadURL(pageUrl);
  return studio;
}

/** The page stays the page: it goes nowhere, opens nothing, and is asked before unsaved text is left. */
function confine(window: BrowserWindow): void {
  const contents = window.webContents;
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  contents.on('will-navigate', (event) => {
    // A reload of the page itself is one as well.
    if (!isPage(event.url)) event.preventDefault();
  });
  contents.on('will-frame-navigate', (event) => {
    if (!event.isMainFrame || !isPage(event.url)) event.preventDefault();
  });
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.on('will-prevent-unload', (event) => {
    const answer = dialog.showMessageBoxSync(window, {
      type: 'question',
      message: word(language(), 'unsaved'),
      detail: word(language(), 'unsavedDetail'),
      buttons: [word(language(), 'leave'), word(language(), 'stay')],
      defaultId: 1,
      cancelId: 1,
    });
    if (answer === 0) event.preventDefault();
  });
}

/** Brings the page back when it crashed, and gives a reloaded one a host of its own. */
function survive({ window, host }: StudioWindow): void {
  const contents = window.webContents;
  let crashes: number[] = [];
  let loads = 0;
  contents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
    if (isMainFrame && !isSameDocument && loads++ > 0) void host.renew();
  });
  contents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit') return;
    crashes = [...crashes.filter((time) => time > Date.now() - WITHIN), Date.now()];
    if (crashes.length > MOST_CRASHES) {
      const again = dialog.showMessageBoxSync(window, {
        type: 'error',
        message: word(language(), 'crashed'),
        detail: word(language(), 'crashedDetail', { reason }),
        buttons: [word(language(), 'again'), word(language(), 'closeWindow')],
        cancelId: 1,
      });
      if (again === 1) return window.destroy();
      crashes = [];
    }
    contents.reload();
  });
  contents.on('unresponsive', () => {
    void dialog
      .showMessageBox(window, {
        type: 'warning',
        message: word(language(), 'unresponsive'),
        buttons: [word(language(), 'wait'), word(language(), 'reload')],
        defaultId: 0,
        cancelId: 0,
      })
      .then(({ response }) => {
        if (response === 1 && !contents.isDestroyed()) contents.forcefullyCrashRenderer();
      });
  });
}

/** Windows do not lie exactly upon each other. */
function freePlace(bounds: Bounds): Bounds {
  const taken = [...windows.values()].map(({ window }) => window.getBounds());
  let { x, y } = bounds;
  while (x !== undefined && y !== undefined && taken.some((other) => other.x === x && other.y === y)) {
    x += 28;
    y += 28;
  }
  return { ...bounds, x, y };
}

/** How the host is started: by the Node that came with the app, or in a working copy by the one that started the app. */
function hostCommand(): { command: string; args: string[]; cwd: string } {
  const node = process.platform === 'win32' ? 'node.exe' : 'node';
  const cwd = app.isPackaged ? join(process.resourcesPath, 'dsk') : join(__dirname, '../..');
  const command = app.isPackaged ? join(process.resourcesPath, node) : (process.env.npm_node_execpath ?? node);
  return { command, args: ['engine/cli/dsk.mjs', 'studio', '--stdio'], cwd };
}
