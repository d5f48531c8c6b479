// The canvas' commands: for keys, the context menus, and the search over commands.
import type { Command } from '../app/command.ts';
import { changeView } from '../app/view.ts';
import { select, useDocument } from '../document/document.ts';
import { root } from './arrange.ts';
import { disconnect, group, moveIn, moveOut, onlyUse, remove, skip, tidy } from './gestures.ts';
import { openSearch } from './open-search.ts';
import { useCanvas, useDetail, useFlow, view } from './state.ts';
import { copySelection, cutSelection, duplicate, pasteHere } from './transfer.ts';

const selection = () => useDocument.getState().selection.filter((path) => useFlow.getState().scene.byPath.has(path));
const picked = () => useFlow.getState().scene.wires.filter(({ id }) => useFlow.getState().picked.includes(id));
const some = () => here() && selection().length > 0;
const one = () => (selection().length === 1 ? (selection()[0] as string) : null);
const node = (path: string | null) => (path === null ? undefined : useFlow.getState().scene.byPath.get(path));

/** Whether the canvas is open and the focus is in it, or nowhere. */
function here(): boolean {
  const { activeElement, body } = document;
  return view.element !== null && (activeElement === body || activeElement === null || inCanvas(activeElement));
}

/** A menu's focus counts as the canvas' own. */
function inCanvas(element: Element): boolean {
  return view.element?.contains(element) === true || element.closest('.canvas-menu, .command-search') !== null;
}

const fitting = { duration: 300, padding: 0.12, maxZoom: 1 };

export const canvasCommands: readonly Command[] = [
  {
    id: 'canvas.add',
    title: 'canvas.command.add',
    keys: ['Shift+A'],
    scope: 'outside-text',
    enabled: here,
    run: () => openSearch(),
  },
  {
    id: 'canvas.rename',
    title: 'canvas.command.rename',
    keys: ['F2'],
    scope: 'outside-text',
    enabled: () => here() && one() !== null,
    run: () => {
      // What cannot be read from where one looks is gone to first.
      if (useDetail.getState().detail === 'far') {
        void view.flow?.fitView({ ...fitting, padding: 0.3, nodes: selection().map((id) => ({ id })) });
      }
      useCanvas.setState({ renaming: one() });
    },
  },
  {
    id: 'canvas.inspect',
    title: 'canvas.command.inspect',
    keys: ['Enter'],
    scope: 'outside-text',
    enabled: () => some() && !(document.activeElement instanceof HTMLButtonElement),
    run: () => {
      changeView({ inspector: true });
      setTimeout(() => document.querySelector<HTMLElement>('.inspector :is(input, select, textarea)')?.focus(), 60);
    },
  },
  {
    id: 'canvas.connect',
    title: 'canvas.command.connect',
    keys: ['C'],
    scope: 'outside-text',
    enabled: () => here() && one() !== null,
    run: () => {
      const path = one();
      const place = path === null ? undefined : view.flow?.getInternalNode(path)?.internals.positionAbsolute;
      const size = node(path);
      if (path === null || !place || !size || !view.flow) return;
      useCanvas.setState({ connecting: { screen: view.flow.flowToScreenPosition(place), node: path } });
    },
  },
  {
    id: 'canvas.copy',
    title: 'canvas.command.copy',
    scope: 'outside-text',
    enabled: some,
    run: async () => void (await copySelection()),
  },
  { id: 'canvas.cut', title: 'canvas.command.cut', scope: 'outside-text', enabled: some, run: cutSelection },
  { id: 'canvas.paste', title: 'canvas.command.paste', scope: 'outside-text', enabled: here, run: pasteHere },
  {
    id: 'canvas.duplicate',
    title: 'canvas.command.duplicate',
    keys: ['Mod+D'],
    scope: 'outside-text',
    enabled: some,
    run: duplicate,
  },
  {
    id: 'canvas.delete',
    title: 'canvas.command.delete',
    keys: ['Delete', 'Backspace'],
    scope: 'outside-text',
    enabled: () => here() && (selection().length > 0 || picked().length > 0),
    run: () => (selection().length > 0 ? remove(selection(), true) : disconnect(picked())),
  },
  {
    id: 'canvas.deleteAlone',
    title: 'canvas.command.deleteAlone',
    keys: ['Shift+Delete', 'Shift+Backspace'],
    scope: 'outside-text',
    enabled: some,
    run: () => remove(selection(), false),
  },
  {
    id: 'canvas.skip',
    title: 'canvas.command.skip',
    keys: ['Mod+E'],
    scope: 'outside-text',
    enabled: () => here() && selection().some((path) => root(path) === path),
    run: () => skip(selection().filter((path) => root(path) === path)),
  },
  {
    id: 'canvas.moveOut',
    title: 'canvas.command.moveOut',
    scope: 'outside-text',
    enabled: () => here() && node(one())?.owner != null,
    run: () => moveOut(one() as string, null),
  },
  {
    id: 'canvas.moveIn',
    title: 'canvas.command.moveIn',
    scope: 'outside-text',
    enabled: () => here() && onlyUse(one() ?? '') !== null,
    run: () => moveIn(one() as string),
  },
  {
    id: 'canvas.note',
    title: 'canvas.command.note',
    scope: 'outside-text',
    enabled: () => here() && one() !== null,
    run: () => useCanvas.setState({ noting: root(one() as string) }),
  },
  {
    id: 'canvas.group',
    title: 'canvas.command.group',
    keys: ['Mod+G'],
    scope: 'outside-text',
    enabled: some,
    run: group,
  },
  {
    id: 'canvas.all',
    title: 'canvas.command.all',
    keys: ['Mod+A'],
    scope: 'outside-text',
    enabled: here,
    run: () =>
      select(
        useFlow
          .getState()
          .scene.nodes.filter(({ owner }) => owner === null)
          .map(({ path }) => path),
        'canvas',
      ),
  },
  {
    id: 'canvas.tidy',
    title: 'canvas.command.tidy',
    keys: ['Shift+T'],
    scope: 'outside-text',
    enabled: here,
    run: tidy,
  },
  {
    id: 'canvas.fit',
    title: 'canvas.command.fit',
    keys: ['F'],
    scope: 'outside-text',
    enabled: here,
    run: () => void view.flow?.fitView(fitting),
  },
  {
    id: 'canvas.zoomSelection',
    title: 'canvas.command.zoomSelection',
    keys: ['Shift+F'],
    scope: 'outside-text',
    enabled: some,
    run: () => void view.flow?.fitView({ ...fitting, padding: 0.3, nodes: selection().map((id) => ({ id })) }),
  },
  {
    id: 'canvas.zoomIn',
    title: 'canvas.zoomIn',
    keys: ['='],
    scope: 'outside-text',
    enabled: here,
    run: () => void view.flow?.zoomIn({ duration: 150 }),
  },
  {
    id: 'canvas.zoomOut',
    title: 'canvas.zoomOut',
    keys: ['-'],
    scope: 'outside-text',
    enabled: here,
    run: () => void view.flow?.zoomOut({ duration: 150 }),
  },
  {
    id: 'canvas.snap',
    title: 'canvas.snap',
    scope: 'outside-text',
    enabled: () => view.element !== null,
    run: () => useCanvas.setState({ snap: !useCanvas.getState().snap }),
  },
  {
    id: 'canvas.map',
    title: 'canvas.map',
    scope: 'outside-text',
    enabled: () => view.element !== null,
    run: () => useCanvas.setState({ minimap: !useCanvas.getState().minimap }),
  },
];

/** Keys that the browser turns into events of the clipboard, shown in menus beside the commands. */
export const clipboardKeys: Readonly<Record<string, string>> = {
  'canvas.copy': 'Mod+C',
  'canvas.cut': 'Mod+X',
  'canvas.paste': 'Mod+V',
};
