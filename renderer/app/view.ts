// Which parts of the frame are open, kept among the settings.
import { create } from 'zustand';
import { rememberView, useSettings } from './settings.ts';

export const tabs = ['result', 'curves', 'runs', 'plan', 'problems'] as const;
export type Tab = (typeof tabs)[number];

export interface View {
  mode: 'canvas' | 'both' | 'text';
  palette: boolean;
  inspector: boolean;
  panel: boolean;
  /** Of the lower panel. */
  tab: Tab;
}

export const useView = create<View>()(() => ({
  mode: 'canvas',
  palette: true,
  inspector: true,
  panel: false,
  tab: 'problems',
}));

export function changeView(view: Partial<View>): void {
  useView.setState(view);
  rememberView('frame', useView.getState());
}

/** Opens the lower panel at a tab. */
export function showTab(tab: Tab): void {
  changeView({ panel: true, tab });
}

/** As it was left; called when the settings have arrived. */
export function restoreView(): void {
  const stored = useSettings.getState().view.frame;
  if (typeof stored === 'object' && stored !== null) useView.setState(stored);
}
