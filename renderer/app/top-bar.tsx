// The top bar: file and how it is saved, undo and redo, what is shown, running, search, settings.
import {
  ChevronDown,
  Columns2,
  FileText,
  Home,
  PanelLeft,
  PanelRight,
  Redo2,
  Search,
  Settings2,
  Undo2,
  Workflow,
} from 'lucide-react';
import { DropdownMenu, ToggleGroup, Tooltip } from 'radix-ui';
import { useDocument } from '../document/document.ts';
import { RunControls } from '../runs/controls.tsx';
import { type Key, useWords } from '../words/index.ts';
import { shownKeys } from './command.ts';
import { carryOut, commands, runCommand } from './commands.ts';
import { useSession } from './session.ts';
import { SettingsMenu } from './settings-menu.tsx';
import { changeView, useView, type View } from './view.ts';

export function TopBar() {
  const t = useWords();
  const { mode, palette, inspector } = useView();
  const modes: readonly { value: View['mode']; title: Key; icon: React.ReactNode }[] = [
    { value: 'canvas', title: 'app.canvas', icon: <Workflow size={15} aria-hidden /> },
    { value: 'both', title: 'app.both', icon: <Columns2 size={15} aria-hidden /> },
    { value: 'text', title: 'app.text', icon: <FileText size={15} aria-hidden /> },
  ];
  return (
    <header className="top-bar">
      <h1 className="visually-hidden">Dsk</h1>
      <div className="top-bar-group">
        <CommandButton id="palette" icon={<PanelLeft size={16} />} pressed={palette} />
        <CommandButton id="start" icon={<Home size={16} />} />
        <FileMenu />
        <UndoButtons />
      </div>
      <ToggleGroup.Root
        className="segments"
        type="single"
        value={mode}
        onValueChange={(value) => value && changeView({ mode: value as View['mode'] })}
        aria-label={t('app.views')}
      >
        {modes.map(({ value, title, icon }) => (
          <ToggleGroup.Item key={value} value={value} className="segment" title={t(title)}>
            {icon}
            <span>{t(value === 'both' ? 'app.both.short' : title)}</span>
          </ToggleGroup.Item>
        ))}
      </ToggleGroup.Root>
      <div className="top-bar-group end">
        <RunControls />
        <CommandButton id="commands" icon={<Search size={16} />} />
        <SettingsMenu icon={<Settings2 size={16} />} />
        <CommandButton id="inspector" icon={<PanelRight size={16} />} pressed={inspector} />
      </div>
    </header>
  );
}

function UndoButtons() {
  // Read so that the buttons follow.
  useDocument((state) => state.past.length);
  useDocument((state) => state.future.length);
  return (
    <>
      <CommandButton id="undo" icon={<Undo2 size={16} />} />
      <CommandButton id="redo" icon={<Redo2 size={16} />} />
    </>
  );
}

/** A button for a command, with its name and key as a tooltip. */
function CommandButton({ id, icon, pressed }: { id: string; icon: React.ReactNode; pressed?: boolean }) {
  const t = useWords();
  const command = commands.find((each) => each.id === id);
  if (!command) throw new Error(`there is no command ${id}`);
  const keys = command.keys?.[0];
  return (
    <Tooltip.Root>
      <Tooltip.Trigger asChild>
        <button
          type="button"
          className="button quiet icon"
          aria-label={t(command.title)}
          aria-pressed={pressed}
          aria-disabled={!(command.enabled?.() ?? true)}
          onClick={() => runCommand(id)}
        >
          {icon}
        </button>
      </Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content className="tooltip" sideOffset={6}>
          {t(command.title)} {keys && <span className="tooltip-keys">{shownKeys(keys)}</span>}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}

function FileMenu() {
  const t = useWords();
  const file = useDocument((state) => state.file);
  const state = useSession((session) => session.state);
  if (!file) return null;
  const shown = file.writable ? state : 'readonly';
  const items = ['new', 'open', 'save', 'start', 'format'];
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger className="button quiet file-name" title={file.path}>
        <span className="file-name-text">{file.name}</span>
        <span className={`file-state ${shown}`}>{t(fileStates[shown])}</span>
        <ChevronDown size={13} aria-hidden />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="start" sideOffset={4}>
          {items.map((id) => {
            const command = commands.find((each) => each.id === id);
            return (
              command && (
                <DropdownMenu.Item key={id} className="menu-item" onSelect={() => carryOut(command)}>
                  {t(command.title)}
                  {command.keys?.[0] && <span className="keys">{shownKeys(command.keys[0])}</span>}
                </DropdownMenu.Item>
              )
            );
          })}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

const fileStates = {
  saved: 'app.saved',
  unsaved: 'app.unsaved',
  saving: 'app.saving',
  failed: 'app.unsaved',
  conflict: 'app.conflict',
  readonly: 'app.readonly',
} as const;
