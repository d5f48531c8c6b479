// Begins what a click asks for; what goes wrong on the way is said in a notice.
import { notify } from '../app/notices.tsx';

export function begin(work: Promise<unknown>): void {
  work.catch((error: unknown) =>
    notify({ kind: 'error', text: error instanceof Error ? error.message : String(error) }),
  );
}
