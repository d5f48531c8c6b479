// What lies in a folder of the machine the host runs on, for the dialogs that pick from it.
import { useEffect, useState } from 'react';
import type { Methods } from '../../engine/host/contract.ts';
import { ask } from '../host.ts';
import { messageOf } from './notices.tsx';

export type Listed = Methods['file.list']['result'];

/**
 * The folder as it was listed last; `fault` says why it could not be listed since.
 * @param folder null: where the user's own graphs lie
 * @param extensions such as ".dsk"; empty: all files
 */
export function useFolder(
  folder: string | null,
  extensions: readonly string[],
): { listed: Listed | null; fault: string | null } {
  const [state, setState] = useState<{ listed: Listed | null; fault: string | null }>({ listed: null, fault: null });
  const ends = extensions.join();
  useEffect(() => {
    let current = true;
    ask('file.list', { folder, extensions: ends === '' ? [] : ends.split(',') }).then(
      (listed) => current && setState({ listed, fault: null }),
      (error: unknown) => current && setState(({ listed }) => ({ listed, fault: messageOf(error) })),
    );
    return () => {
      current = false;
    };
  }, [folder, ends]);
  return state;
}
