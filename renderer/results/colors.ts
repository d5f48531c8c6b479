// Colours of the theme for what is drawn on a canvas: CSS variables read as they are now, and read again when the theme changes.
import { useSyncExternalStore } from 'react';

export interface Look {
  /** Changes with the theme. */
  readonly theme: string;
  readonly font: string;
  /** A CSS variable as a colour, with its opacity. */
  color(variable: string, opacity?: number): string;
  /** Red, green and blue, 0 to 255. */
  rgb(variable: string): readonly [number, number, number];
}

/** Colours of curves that are compared, in order; each run has its dashes besides. */
export const palette: readonly { color: string; dash: readonly number[] }[] = [
  { color: '--accent', dash: [] },
  { color: '--stage-train', dash: [] },
  { color: '--stage-data', dash: [] },
  { color: '--port-schedule', dash: [] },
  { color: '--port-tokenizer', dash: [8, 3] },
  { color: '--stage-deliver', dash: [8, 3] },
  { color: '--bad', dash: [8, 3] },
  { color: '--port-attention', dash: [8, 3] },
];

let look: Look | null = null;
const listeners = new Set<() => void>();

function read(): Look {
  const root = document.documentElement;
  const style = getComputedStyle(root);
  const value = (variable: string) => style.getPropertyValue(variable).trim();
  const known = new Map<string, readonly [number, number, number]>();
  const rgb = (variable: string) => {
    const found = known.get(variable) ?? parse(value(variable));
    known.set(variable, found);
    return found;
  };
  return {
    theme: root.dataset.theme ?? 'light',
    font: `11px ${value('--font')}`,
    color: (variable, opacity = 1) =>
      opacity === 1 ? value(variable) : `rgb(${rgb(variable).join(' ')} / ${opacity})`,
    rgb,
  };
}

/** Any colour CSS knows, read back from a pixel. */
function parse(color: string): readonly [number, number, number] {
  const canvas = document.createElement('canvas');
  canvas.width = 1;
  canvas.height = 1;
  const context = canvas.getContext('2d');
  if (!context) return [128, 128, 128];
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
  return [red, green, blue];
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (listeners.size === 1)
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme', 'class'] });
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    observer.disconnect();
    look = null; // the theme may change unseen
  };
}

const observer = new MutationObserver(() => {
  look = null;
  for (const listener of listeners) listener();
});

/** The theme's colours; components are drawn again when it changes. */
export function useLook(): Look {
  return useSyncExternalStore(subscribe, () => {
    look ??= read();
    return look;
  });
}
