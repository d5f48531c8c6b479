// What only the canvas knows: what is shown, the search that is open, the wire that is picked. Kept outside of React, so that
// commands reach it too.
import type { ReactFlowInstance } from 'reactflow';
import { create } from 'zustand';
import type { PortType } from '../../engine/nodes/values.ts';
import type { End } from './fits.ts';
import type { FlowEdge, FlowNode } from './flow.ts';
import { emptyScene, type Scene } from './scene.ts';

/** An open search for a kind to add. */
export interface Search {
  /** In the window, for the popup. */
  readonly screen: { readonly x: number; readonly y: number };
  /** On the canvas, for the new node; null for a free place. */
  readonly at: { readonly x: number; readonly y: number } | null;
  /** The loose end of a wire that the new node is to be connected to. */
  readonly wire: { readonly end: End; readonly side: 'input' | 'output'; readonly type: PortType | null } | null;
  /** Write what is picked into the port itself. */
  readonly inline: boolean;
}

/** What is drawn. Apart from the rest, as it changes with every frame of a drag. */
export interface FlowState {
  scene: Scene;
  nodes: FlowNode[];
  edges: FlowEdge[];
  /** Ids of the wires that are selected. */
  picked: readonly string[];
}

export const useFlow = create<FlowState>()(() => ({ scene: emptyScene, nodes: [], edges: [], picked: [] }));

export interface CanvasState {
  search: Search | null;
  /** A list of the ports that the selected node's output may go to. */
  connecting: { readonly screen: { readonly x: number; readonly y: number }; readonly node: string } | null;
  /** Path of the node, or id of the group, whose name is being edited. */
  renaming: string | null;
  /** Path of the node whose note is being edited. */
  noting: string | null;
  snap: boolean;
  minimap: boolean;
  /** Read to screen readers. */
  said: string;
}

export const useCanvas = create<CanvasState>()(() => ({
  search: null,
  connecting: null,
  renaming: null,
  noting: null,
  snap: false,
  minimap: true,
  said: '',
}));

/** React Flow's id, which is part of its elements' ids. */
export const flowId = 'canvas';

/** How much of the nodes can be read at this zoom. */
export type Detail = 'far' | 'middle' | 'near';
export const useDetail = create<{ detail: Detail }>()(() => ({ detail: 'near' }));

export function detailAt(zoom: number): Detail {
  return zoom < 0.34 ? 'far' : zoom < 0.5 ? 'middle' : 'near';
}

/** The open canvas, for what happens outside of its components. */
export const view: { flow: ReactFlowInstance<FlowNode, FlowEdge> | null; element: HTMLElement | null } = {
  flow: null,
  element: null,
};

/** Where the pointer was last over the canvas, in the window. */
export const pointer = { x: 0, y: 0, inside: false };

export function say(text: string): void {
  useCanvas.setState({ said: text });
}
