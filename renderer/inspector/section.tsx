// Parts of the inspector that fold; which ones are open stays from node to node.
import { ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';
import { create } from 'zustand';

export const useSections = create<{ readonly [name: string]: boolean | undefined }>()(() => ({}));

interface Props {
  name: string;
  title: string;
  /** Before the user has folded it. */
  open?: boolean;
  /** At the right of the title. */
  aside?: ReactNode;
  children: ReactNode;
}

export function Section({ name, title, open = true, aside, children }: Props) {
  const shown = useSections((state) => state[name]) ?? open;
  return (
    <div className="inspector-section" role="group" aria-label={title}>
      <h3 className="inspector-section-head">
        <button
          type="button"
          className="inspector-section-title"
          aria-expanded={shown}
          onClick={() => useSections.setState({ [name]: !shown })}
        >
          <ChevronRight size={13} aria-hidden />
          {title}
        </button>
        {aside}
      </h3>
      {shown && <div className="inspector-section-body">{children}</div>}
    </div>
  );
}
