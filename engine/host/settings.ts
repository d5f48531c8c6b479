// The user's settings, and the first word of a page.
import type { Settings } from './contract.ts';
import type { Handlers, Host } from './handlers.ts';

const defaults: Settings = { theme: 'system', language: 'system', autosave: true, view: {} };

export function settingsHandlers(host: Host, version: string): Pick<Handlers, 'host.hello' | 'host.settings'> {
  return {
    'host.hello': () => ({
      version,
      platform: process.platform,
      file: host.file,
      settings: complete(host.state.read('settings')),
    }),
    'host.settings': ({ settings }) =>
      host.state.change('settings', (before) => {
        const now = complete(before);
        return { ...now, ...settings, view: { ...now.view, ...settings.view } };
      }),
  };
}

/** Defaults where the file says nothing, or something that no setting can be. */
function complete(value: unknown): Settings {
  const found = (typeof value === 'object' && value !== null ? value : {}) as Partial<Settings>;
  const { theme, language, autosave, view } = found;
  return {
    ...found,
    theme: theme === 'light' || theme === 'dark' ? theme : defaults.theme,
    language: language === 'en' || language === 'zh' ? language : defaults.language,
    autosave: typeof autosave === 'boolean' ? autosave : defaults.autosave,
    view: typeof view === 'object' && view !== null ? view : defaults.view,
  };
}
