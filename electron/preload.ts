// Runs in the page's sandboxed preload: one function a message of the contract, and what only a desktop has. Nothing of Electron
// itself reaches the page.
import { contextBridge, type IpcRendererEvent, ipcRenderer, webUtils } from 'electron';
import type { Bridge } from '../engine/host/bridge.ts';
import type { Method } from '../engine/host/contract.ts';

/** Put in by the build, from the table of schemas: a sandboxed preload is one file and needs no validator. */
declare const METHODS: readonly Method[];

const invoke = (channel: string, ...args: unknown[]) => ipcRenderer.invoke(channel, ...args) as Promise<never>;

function listen<Args extends unknown[]>(channel: string, listener: (...args: Args) => void): () => void {
  const tell = (_: IpcRendererEvent, ...args: unknown[]) => listener(...(args as Args));
  ipcRenderer.on(channel, tell);
  return () => void ipcRenderer.removeListener(channel, tell);
}

const request = Object.fromEntries(
  METHODS.map((method) => [method, (params: unknown) => invoke(`host:${method}`, params)]),
);

const bridge: Bridge = {
  request: request as unknown as Bridge['request'],
  on: (listener) => listen('notification', listener),
  desktop: {
    openFile: () => invoke('desktop:open-file'),
    saveFile: (suggested) => invoke('desktop:save-file', suggested),
    chooseFolder: () => invoke('desktop:choose-folder'),
    setDocument: (path, edited) => invoke('desktop:set-document', path, edited),
    reveal: (path) => invoke('desktop:reveal', path),
    paste: () => invoke('desktop:paste'),
    pathOf: (file) => (webUtils ? webUtils.getPathForFile(file) : (file as File & { path: string }).path) || null,
    onCommand: (listener) => listen('command', listener),
    onOpen: (listener) => listen('open', listener),
    onHost: (listener) => listen('host', listener),
  },
};

contextBridge.exposeInMainWorld('dsk', bridge);
