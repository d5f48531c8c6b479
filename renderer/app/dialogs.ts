// Which dialogs of the frame are open.
import { create } from 'zustand';

export const useDialogs = create<{
  /** Search over commands and nodes. */
  commands: boolean;
  /** Picking a file in the browser, where there is no system dialog. */
  files: boolean;
}>()(() => ({ commands: false, files: false }));
