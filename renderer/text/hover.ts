// What the thing under the mouse is, from the language service.
import type { Extension } from '@codemirror/state';
import { hoverTooltip } from '@codemirror/view';
import { hover } from '../../engine/language/index.ts';
import { kindsHere, knownNow } from './known.ts';
import { rendered } from './markdown.ts';

export const hovering: Extension = hoverTooltip(
  (view, position) => {
    const checked = knownNow(view);
    const found = checked && hover(checked, kindsHere(), position);
    if (!found) return null;
    return {
      pos: found.span.start,
      end: found.span.end,
      above: true,
      create: () => ({ dom: rendered(found.markdown) }),
    };
  },
  { hoverTime: 400, hideOnChange: true },
);
