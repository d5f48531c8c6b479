// An answer of the host for a component: null until it is there, and what went wrong in words.
import { useEffect, useState } from 'react';
import type { Method, Methods } from '../../engine/host/contract.ts';
import { ask, HostError } from '../host.ts';

export interface Answer<T> {
  readonly value: T | null;
  readonly message: string | null;
  readonly loading: boolean;
}

/** Asks when the parameters change; an older answer is dropped. */
export function useAnswer<M extends Method>(
  method: M,
  params: Methods[M]['params'] | null,
): Answer<Methods[M]['result']> {
  type Result = Methods[M]['result'];
  const wanted = params === null ? null : JSON.stringify(params);
  const [answer, setAnswer] = useState<{ wanted: string; value: Result | null; message: string | null } | null>(null);
  useEffect(() => {
    if (wanted === null) return;
    let over = false;
    ask(method, JSON.parse(wanted) as Methods[M]['params']).then(
      (value) => {
        if (!over) setAnswer({ wanted, value, message: null });
      },
      (error: unknown) => {
        if (!over)
          setAnswer({ wanted, value: null, message: error instanceof HostError ? error.message : String(error) });
      },
    );
    return () => {
      over = true;
    };
  }, [method, wanted]);
  const fits = answer !== null && answer.wanted === wanted;
  return {
    value: fits ? answer.value : null,
    message: fits ? answer.message : null,
    loading: wanted !== null && !fits,
  };
}
