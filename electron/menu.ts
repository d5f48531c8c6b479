// The native menu. What concerns the graph is sent to the page as a command; keys the page listens for itself are only shown.
import { app, Menu, type MenuItemConstructorOptions } from 'electron';
import type { MenuCommand } from '../engine/host/bridge.ts';
import { language, onLanguage } from './preferences.ts';
import { currentWindow, openWindow } from './window.ts';
import { type Word, word } from './words.ts';

/** Sets the menu, and again whenever the language changes. */
export function startMenu(): void {
  const set = () => Menu.setApplicationMenu(Menu.buildFromTemplate(template()));
  set();
  onLanguage(set);
  app.setAboutPanelOptions({ applicationName: 'Dsk', applicationVersion: app.getVersion() });
}

const separator: MenuItemConstructorOptions = { type: 'separator' };
const mac = process.platform === 'darwin';

function template(): MenuItemConstructorOptions[] {
  const label = (name: Word) => word(language(), name);
  const command = (name: Word, id: MenuCommand, accelerator?: string): MenuItemConstructorOptions => ({
    id,
    label: label(name),
    ...(accelerator === undefined ? {} : { accelerator, registerAccelerator: false }),
    click: () => currentWindow()?.send('command', id),
  });
  const role = (name: Word, role: MenuItemConstructorOptions['role']): MenuItemConstructorOptions => ({
    label: label(name),
    role,
  });
  const about = role('about', 'about');
  return [
    ...(mac ? [{ label: 'Dsk', submenu: [about, separator, role('quit', 'quit')] }] : []),
    {
      label: label('file'),
      submenu: [
        command('new', 'new'),
        command('open', 'open', 'CmdOrCtrl+O'),
        { label: label('newWindow'), accelerator: 'CmdOrCtrl+Shift+N', click: () => void openWindow(null) },
        separator,
        command('save', 'save', 'CmdOrCtrl+S'),
        command('start', 'start'),
        separator,
        role('closeWindow', 'close'),
        ...(mac ? [] : [role('quit', 'quit')]),
      ],
    },
    {
      label: label('edit'),
      submenu: [
        command('undo', 'undo', 'CmdOrCtrl+Z'),
        command('redo', 'redo', 'CmdOrCtrl+Shift+Z'),
        separator,
        role('cut', 'cut'),
        role('copy', 'copy'),
        role('paste', 'paste'),
        role('selectAll', 'selectAll'),
        separator,
        command('format', 'format'),
      ],
    },
    {
      label: label('view'),
      submenu: [
        command('commands', 'commands', 'CmdOrCtrl+K'),
        separator,
        command('canvas', 'view.canvas', 'Alt+1'),
        command('both', 'view.both', 'Alt+2'),
        command('text', 'view.text', 'Alt+3'),
        separator,
        command('palette', 'palette', 'CmdOrCtrl+B'),
        command('inspector', 'inspector', 'CmdOrCtrl+I'),
        command('panel', 'panel', 'CmdOrCtrl+J'),
        separator,
        command('tidy', 'canvas.tidy'),
        command('fit', 'canvas.fit'),
        command('theme', 'theme'),
        separator,
        role('zoomIn', 'zoomIn'),
        role('zoomOut', 'zoomOut'),
        role('zoomReset', 'resetZoom'),
        role('fullScreen', 'togglefullscreen'),
        ...(app.isPackaged ? [] : [separator, role('reload', 'reload'), role('devTools', 'toggleDevTools')]),
      ],
    },
    {
      label: label('run'),
      submenu: [
        command('runAll', 'run', 'CmdOrCtrl+Enter'),
        command('resume', 'run.resume'),
        command('stop', 'run.stop', 'Shift+F5'),
        separator,
        command('plan', 'show.plan'),
        command('curves', 'show.curves'),
        command('runs', 'show.runs'),
      ],
    },
    {
      label: label('help'),
      role: 'help',
      submenu: [command('commands', 'commands'), ...(mac ? [] : [separator, about])],
    },
  ];
}
