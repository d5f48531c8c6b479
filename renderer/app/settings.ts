// The user's settings: kept by the host, applied here.
import { create } from 'zustand';
import type { Settings } from '../../engine/host/contract.ts';
import { ask, HostError } from '../host.ts';
import { systemLanguage, useLanguage } from '../words/index.ts';

export const useSettings = create<Settings>()(() => ({
  theme: 'system',
  language: 'system',
  autosave: true,
  view: {},
}));

const dark = window.matchMedia('(prefers-color-scheme: dark)');

/** Whether the page is dark now. */
export function isDark(settings: Pick<Settings, 'theme'> = useSettings.getState()): boolean {
  return settings.theme === 'system' ? dark.matches : settings.theme === 'dark';
}

/** Applies settings without storing them: those the host sent. */
export function showSettings(settings: Settings): void {
  useSettings.setState(settings);
  show();
}

/** Changes settings, here at once and at the host. */
export function changeSettings(settings: Partial<Settings>): void {
  useSettings.setState(settings);
  show();
  ask('host.settings', { settings }).catch((error: unknown) => {
    // A host that is away keeps nothing; here they hold all the same.
    if (!(error instanceof HostError)) throw error;
  });
}

/** A value of `view`, such as a panel's size. */
export function rememberView(name: string, value: unknown): void {
  changeSettings({ view: { ...useSettings.getState().view, [name]: value } });
}

function show(): void {
  const { language } = useSettings.getState();
  const root = document.documentElement;
  root.dataset.theme = isDark() ? 'dark' : 'light';
  const shown = language === 'system' ? systemLanguage() : language;
  root.lang = shown === 'zh' ? 'zh-Hans' : 'en';
  useLanguage.setState({ language: shown });
}

dark.addEventListener('change', show);
