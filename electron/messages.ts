// What the page may ask of the app: each message has a channel of its own, comes from the page itself, and is checked before
// anything is done with it.
import { isAbsolute } from 'node:path';
import { app, dialog, type IpcMainInvokeEvent, ipcMain, shell } from 'electron';
import type { Answer } from '../engine/host/bridge.ts';
import type { Hello, Method, Methods, Settings } from '../engine/host/contract.ts';
import { paramsFault, schemas } from '../engine/host/schemas.ts';
import { isPage } from './page.ts';
import { adopt, language } from './preferences.ts';
import { type StudioWindow, windowOf } from './window.ts';
import { word } from './words.ts';

export function startMessages(): void {
  for (const method of Object.keys(schemas) as Method[]) {
    receive(`host:${method}`, async (studio, params) => {
      const fault = paramsFault(method, params);
      if (fault !== null) return { error: { message: fault, code: 'bad-request' } } satisfies Answer<never>;
      return observed(studio, method, await studio.host.ask(method, params));
    });
  }

  const filters = () => [{ name: word(language(), 'graphs'), extensions: ['dsk'] }];
  receive('desktop:open-file', async ({ window }) => {
    const { filePaths } = await dialog.showOpenDialog(window, { properties: ['openFile'], filters: filters() });
    return filePaths[0] ?? null;
  });
  receive('desktop:save-file', async ({ window }, suggested) => {
    const { filePath } = await dialog.showSaveDialog(window, { defaultPath: text(suggested), filters: filters() });
    return filePath || null;
  });
  receive('desktop:choose-folder', async ({ window }) => {
    const properties = ['openDirectory', 'createDirectory'] as const;
    const { filePaths } = await dialog.showOpenDialog(window, { properties: [...properties] });
    return filePaths[0] ?? null;
  });
  receive('desktop:set-document', (studio, path, edited) => {
    const file = path === null ? null : absolute(path);
    if (typeof edited !== 'boolean') throw new TypeError('edited: expected true or false');
    if (file !== null && file !== studio.file) app.addRecentDocument(file);
    studio.file = file;
    studio.window.setRepresentedFilename(file ?? '');
    studio.window.setDocumentEdited(edited);
    return null;
  });
  receive('desktop:reveal', (_studio, path) => {
    shell.showItemInFolder(absolute(path));
    return null;
  });
  receive('desktop:paste', ({ window }) => {
    window.webContents.paste();
    return null;
  });
}

/** Answers a channel for the page in the main frame of one of our windows, and for nobody else. */
function receive(channel: string, work: (studio: StudioWindow, ...args: unknown[]) => unknown): void {
  ipcMain.handle(channel, (event: IpcMainInvokeEvent, ...args: unknown[]) => {
    const studio = windowOf(event.sender.id);
    const frame = event.senderFrame;
    if (!studio || !frame || frame.parent !== null || !isPage(frame.url)) {
      throw new Error(`${channel}: refused, it does not come from the editor's page`);
    }
    return work(studio, ...args);
  });
}

/** The app follows some answers: which file a window begins with, and the settings that menu and theme share. */
async function observed(studio: StudioWindow, method: Method, answer: Answer<unknown>): Promise<Answer<unknown>> {
  if ('error' in answer) return answer;
  if (method === 'host.settings') adopt(answer.result as Settings);
  if (method !== 'host.hello') return answer;
  const hello = answer.result as Hello;
  adopt(hello.settings);
  if (studio.file === undefined) studio.file = await firstFile(studio);
  return { result: { ...hello, file: studio.file } satisfies Hello };
}

/** What to begin with: the last graph, the first time a copy of the quickstart, and where neither is to be had the start page. */
async function firstFile({ host }: StudioWindow): Promise<string | null> {
  const ask = async <M extends Method>(method: M, params: Methods[M]['params']) => {
    const answer = (await host.ask(method, params)) as Answer<Methods[M]['result']>;
    return 'error' in answer ? null : answer.result;
  };
  const recent = await ask('file.recent', {});
  const last = recent?.find(({ exists }) => exists);
  if (last || recent === null || recent.length > 0) return last?.path ?? null;
  return (await ask('file.create', { example: 'quickstart', path: null }))?.path ?? null;
}

function text(value: unknown): string {
  if (typeof value !== 'string' || value.length > 10_000) throw new TypeError('expected a text');
  return value;
}

function absolute(value: unknown): string {
  const path = text(value);
  if (!isAbsolute(path)) throw new TypeError(`expected an absolute path, not ${path}`);
  return path;
}
