// All commands of the page, and the keys that call them.
import { canvasCommands } from '../canvas/commands.ts';
import { redo, undo, useDocument } from '../document/document.ts';
import { runCommands } from '../runs/commands.ts';
import { textCommands } from '../text/commands.ts';
import { formatOrSay } from '../text/format.ts';
import { useLanguage } from '../words/index.ts';
import { type Command, matches } from './command.ts';
import { useDialogs } from './dialogs.ts';
import { attempt } from './notices.tsx';
import { newFile, pickFile } from './open.ts';
import { closeFile, saveLayout, saveNow } from './session.ts';
import { changeSettings, isDark } from './settings.ts';
import { changeView, useView } from './view.ts';

const open = () => useDocument.getState().file !== null;

const appCommands: readonly Command[] = [
  {
    id: 'undo',
    title: 'command.undo',
    keys: ['Mod+Z'],
    scope: 'outside-text',
    enabled: () => useDocument.getState().past.length > 0,
    run: undo,
  },
  {
    id: 'redo',
    title: 'command.redo',
    keys: ['Mod+Shift+Z', 'Mod+Y'],
    scope: 'outside-text',
    enabled: () => useDocument.getState().future.length > 0,
    run: redo,
  },
  {
    id: 'save',
    title: 'command.save',
    keys: ['Mod+S'],
    scope: 'everywhere',
    enabled: open,
    run: async () => {
      if (await saveNow()) await saveLayout();
    },
  },
  { id: 'open', title: 'command.open', keys: ['Mod+O'], scope: 'everywhere', run: pickFile },
  { id: 'new', title: 'command.new', scope: 'everywhere', run: () => newFile(null) },
  {
    id: 'start',
    title: 'command.start',
    scope: 'everywhere',
    enabled: open,
    run: async () => void (await closeFile()),
  },
  {
    id: 'format',
    title: 'command.format',
    keys: ['Shift+Alt+F'],
    scope: 'everywhere',
    enabled: open,
    run: formatOrSay,
  },
  {
    id: 'commands',
    title: 'command.commands',
    keys: ['Mod+K', 'Mod+Shift+P'],
    scope: 'everywhere',
    run: () => useDialogs.setState({ commands: true }),
  },
  {
    id: 'view.canvas',
    title: 'command.view.canvas',
    keys: ['Alt+1'],
    scope: 'everywhere',
    enabled: open,
    run: () => changeView({ mode: 'canvas' }),
  },
  {
    id: 'view.both',
    title: 'command.view.both',
    keys: ['Alt+2'],
    scope: 'everywhere',
    enabled: open,
    run: () => changeView({ mode: 'both' }),
  },
  {
    id: 'view.text',
    title: 'command.view.text',
    keys: ['Alt+3'],
    scope: 'everywhere',
    enabled: open,
    run: () => changeView({ mode: 'text' }),
  },
  {
    id: 'palette',
    title: 'command.palette',
    keys: ['Mod+B'],
    scope: 'everywhere',
    enabled: open,
    run: () => changeView({ palette: !useView.getState().palette }),
  },
  {
    id: 'inspector',
    title: 'command.inspector',
    keys: ['Mod+I'],
    scope: 'everywhere',
    enabled: open,
    run: () => changeView({ inspector: !useView.getState().inspector }),
  },
  {
    id: 'panel',
    title: 'command.panel',
    keys: ['Mod+J'],
    scope: 'everywhere',
    enabled: open,
    run: () => changeView({ panel: !useView.getState().panel }),
  },
  {
    id: 'theme',
    title: 'command.theme',
    scope: 'everywhere',
    run: () => changeSettings({ theme: isDark() ? 'light' : 'dark' }),
  },
  {
    id: 'language',
    title: 'command.language',
    scope: 'everywhere',
    run: () => changeSettings({ language: useLanguage.getState().language === 'zh' ? 'en' : 'zh' }),
  },
];

export const commands: readonly Command[] = [...appCommands, ...runCommands, ...canvasCommands, ...textCommands];

/** Runs a command by its id; what is not possible now is left alone. */
export function runCommand(id: string): void {
  const command = commands.find((each) => each.id === id);
  if (command && (command.enabled?.() ?? true)) carryOut(command);
}

export function carryOut(command: Command): void {
  attempt((async () => command.run())());
}

/** Whether keys typed here are text. */
function inText(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) &&
    !/^(checkbox|radio|range|button)$/.test((target as HTMLInputElement).type ?? '')
  );
}

/** Listens for the keys of commands; call once. Parts that use a key themselves stop its event. */
export function startKeys(): void {
  window.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    // A dialog has the keyboard to itself.
    if (document.querySelector('[role="dialog"][data-state="open"], [role="alertdialog"][data-state="open"]')) return;
    const text = inText(event.target);
    const command = commands.find(
      ({ keys = [], scope, enabled }) =>
        !(text && scope === 'outside-text') && keys.some((each) => matches(event, each)) && (enabled?.() ?? true),
    );
    if (!command) return;
    event.preventDefault();
    carryOut(command);
  });
}
