// Which dialogs of the frame are open.
import { create } from 'zustand';

export const useDialogs = create<{
  /** Search over commands and nodes. */
  commands: boolean;
  /** Picking a file in the browser, where there is no system dialog. */
  files: boolean;
  /** Waits for what becomes of unsaved changes before another file is opened. */
  leaving: ((answer: Leaving) => void) | null;
}>()(() => ({ commands: false, files: false, leaving: null }));

export type Leaving = 'save' | 'drop' | 'stay';

/** Asks what becomes of changes that are not in the file. */
export function askLeaving(): Promise<Leaving> {
  return new Promise((done) => {
    const leaving = (answer: Leaving) => {
      useDialogs.setState({ leaving: null });
      done(answer);
    };
    useDialogs.setState({ leaving });
  });
}
