// The frame: top bar, palette, canvas and text, inspector, lower panel, status line. Each part is guarded by itself, so that a
// fault in one leaves the others, and the text, alone.
import { Tooltip } from 'radix-ui';
import { Group, Panel, Separator } from 'react-resizable-panels';
import { Canvas } from '../canvas/canvas.tsx';
import { Palette } from '../canvas/palette.tsx';
import { useDocument } from '../document/document.ts';
import { useConnection } from '../host.ts';
import { Inspector } from '../inspector/inspector.tsx';
import { StartPage } from '../start/start.tsx';
import { TextPane } from '../text/pane.tsx';
import { useWords } from '../words/index.ts';
import { Worded } from '../words/worded.tsx';
import { Banners } from './banners.tsx';
import { CommandSearch } from './command-search.tsx';
import { ConflictDialog } from './conflict.tsx';
import { FileDialog } from './file-dialog.tsx';
import { Guard } from './guard.tsx';
import { LeavingDialog } from './leaving.tsx';
import { LowerPanel } from './lower-panel.tsx';
import { Notices } from './notices.tsx';
import { useSession } from './session.ts';
import { rememberView, useSettings } from './settings.ts';
import { StatusLine } from './status-line.tsx';
import { TopBar } from './top-bar.tsx';
import { useView } from './view.ts';
import './app.css';

export function App() {
  const t = useWords();
  const open = useDocument((state) => state.file !== null);
  const begun = useSession((state) => state.begun);
  const denied = useConnection((state) => state.state === 'denied');
  // An open graph stays in sight, with what was not saved of it; the banner says the rest.
  if (denied && !open) {
    return (
      <p className="app-denied">
        <Worded text={t('app.denied')} />
      </p>
    );
  }
  return (
    <Tooltip.Provider delayDuration={500}>
      <div className="app">
        {open ? <Workplace /> : begun && <StartPage />}
        <CommandSearch />
        <FileDialog />
        <ConflictDialog />
        <LeavingDialog />
        <Notices />
      </div>
    </Tooltip.Provider>
  );
}

function Workplace() {
  const t = useWords();
  const { mode, palette, inspector, panel } = useView();
  return (
    <>
      <TopBar />
      <Banners />
      <Split
        name="main"
        sizes={{ palette: 16, centre: 62, inspector: 22 }}
        parts={[palette && 'palette', 'centre', inspector && 'inspector']}
      >
        {{
          palette: (
            <aside className="app-side" aria-label={t('app.palette')}>
              <Guard>
                <Palette />
              </Guard>
            </aside>
          ),
          centre: (
            <Split name="centre" vertical sizes={{ views: 68, panel: 32 }} parts={['views', panel && 'panel']}>
              {{
                views: (
                  <Split
                    name="views"
                    sizes={{ canvas: 58, text: 42 }}
                    parts={[mode !== 'text' && 'canvas', mode !== 'canvas' && 'text']}
                  >
                    {{
                      canvas: (
                        <main className="app-view" aria-label={t('app.canvas')}>
                          <Guard>
                            <Canvas />
                          </Guard>
                        </main>
                      ),
                      text: (
                        <section className="app-view" aria-label={t('app.text')}>
                          <Guard>
                            <TextPane />
                          </Guard>
                        </section>
                      ),
                    }}
                  </Split>
                ),
                panel: <LowerPanel />,
              }}
            </Split>
          ),
          inspector: (
            <aside className="app-side" aria-label={t('app.inspector')}>
              <Guard>
                <Inspector />
              </Guard>
            </aside>
          ),
        }}
      </Split>
      <StatusLine />
    </>
  );
}

/** Parts side by side with borders to drag, whose sizes are remembered. */
function Split<Part extends string>(props: {
  name: string;
  vertical?: boolean;
  sizes: Record<Part, number>;
  parts: readonly (Part | false)[];
  children: Record<Part, React.ReactNode>;
}) {
  const { name, vertical = false, sizes, children } = props;
  const parts = props.parts.filter((part) => part !== false);
  // For each set of open parts, as one size does not fit all.
  const key = `split.${name}.${parts.join('+')}`;
  const stored = useSettings.getState().view[key] as Record<string, number> | undefined;
  const total = parts.reduce((sum, part) => sum + sizes[part], 0);
  const layout = stored ?? Object.fromEntries(parts.map((part) => [part, (100 * sizes[part]) / total]));
  return (
    <Group
      key={key}
      className="split"
      orientation={vertical ? 'vertical' : 'horizontal'}
      defaultLayout={layout}
      onLayoutChanged={(sizes, { isUserInteraction }) => isUserInteraction && rememberView(key, sizes)}
    >
      {parts.flatMap((part, i) => [
        ...(i > 0
          ? [<Separator key={`before-${part}`} className={vertical ? 'splitter vertical' : 'splitter'} />]
          : []),
        <Panel key={part} id={part} minSize={vertical ? 90 : 160}>
          {children[part]}
        </Panel>,
      ])}
    </Group>
  );
}
