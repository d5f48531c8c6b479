// The desktop app's main process. It is thin: windows, the native menu, and a checked line between each page and its host. The
// host is a Node process (`dsk studio --stdio`), runs are processes of their own; neither lives in here.
import { existsSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { app, dialog, session } from 'electron';
import { startMenu } from './menu.ts';
import { startMessages } from './messages.ts';
import { registerScheme, servePage } from './page.ts';
import { currentWindow, hostsEnded, openWindow, showFile } from './window.ts';

const page = join(__dirname, '../renderer');

app.setName('Dsk');
// Tests run as root, where Chromium has no sandbox; nobody else says so.
if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
registerScheme();

/** A graph named on the command line, absolute. Switches are Chromium's. */
function fileIn(argv: readonly string[], folder: string): string | null {
  const words = argv.slice(1).filter((word) => !word.startsWith('-'));
  const name = words.slice(app.isPackaged ? 0 : 1).find((word) => extname(word) === '.dsk');
  return name === undefined ? null : resolve(folder, name);
}

const named = fileIn(process.argv, process.env.INIT_CWD ?? process.cwd());

if (!app.requestSingleInstanceLock({ file: named })) {
  app.quit();
} else {
  start();
}

function start(): void {
  // macOS tells of files before the app is ready.
  let first = named;
  app.on('open-file', (event, path) => {
    event.preventDefault();
    if (app.isReady()) showFile(path);
    else first = path;
  });
  app.on('second-instance', (_event, _argv, _folder, data) => {
    const { file } = (data ?? {}) as { file?: unknown };
    if (typeof file === 'string') showFile(file);
    else {
      const current = currentWindow() ?? openWindow(undefined);
      if (current.window.isMinimized()) current.window.restore();
      current.window.focus();
    }
  });
  app.on('web-contents-created', (_event, contents) => contents.on('will-attach-webview', (e) => e.preventDefault()));
  app.on('activate', () => {
    if (!currentWindow()) openWindow(undefined);
  });
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  // What was typed last is written by the hosts: they are given the time to.
  let ended = false;
  app.on('will-quit', (event) => {
    if (ended) return;
    event.preventDefault();
    void hostsEnded().then(() => {
      ended = true;
      // Not at once: while this event is dealt with, a quit asked for is none.
      setImmediate(() => app.quit());
    });
  });
  void app.whenReady().then(() => {
    if (!existsSync(join(page, 'index.html'))) {
      dialog.showErrorBox('Dsk', `The editor's page is missing (${page}). In a working copy, \`npm start\` builds it.`);
      return app.exit(1);
    }
    deny();
    servePage(page);
    startMessages();
    startMenu();
    openWindow(first ?? undefined);
  });
}

/** The page needs no camera, no place, no notifications: nothing but to write text to the clipboard. */
function deny(): void {
  const allowed = 'clipboard-sanitized-write';
  const { defaultSession } = session;
  defaultSession.setPermissionRequestHandler((_contents, permission, answer) => answer(permission === allowed));
  defaultSession.setPermissionCheckHandler((_contents, permission) => permission === allowed);
  defaultSession.setDevicePermissionHandler(() => false);
  // No dictionary, no update, no font from elsewhere: whatever is not the page's own is not fetched.
  defaultSession.webRequest.onBeforeRequest((details, answer) => {
    answer({ cancel: !/^(app|devtools|data|blob):/.test(details.url) });
  });
}
