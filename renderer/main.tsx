// Where the page begins: the host's greeting, the settings, the first file, then the frame.
import './theme.css'; // first: the parts' own styles come over it
import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import { startKeys } from './app/commands.ts';
import { startDesktop } from './app/desktop.ts';
import { attempt } from './app/notices.tsx';
import { openFile, startSession, useSession } from './app/session.ts';
import { showSettings, useSettings } from './app/settings.ts';
import { restoreView } from './app/view.ts';
import { ask, connect } from './host.ts';
import { startRuns } from './runs/start.ts';

showSettings(useSettings.getState());
connect();
startKeys();
startSession();
startRuns();
startDesktop();
createRoot(document.getElementById('root') as HTMLElement).render(<App />);

/** A reload comes back to the file it left; another window may have another. */
async function begin(): Promise<void> {
  try {
    const { settings, file } = await ask('host.hello', {});
    showSettings(settings);
    restoreView();
    const path = sessionStorage.getItem('file') ?? file;
    if (path !== null) await openFile(path);
  } finally {
    useSession.setState({ begun: true });
  }
}
attempt(begin());
