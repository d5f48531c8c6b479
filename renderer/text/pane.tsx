// The text of the graph, beside the canvas: one editor over the store.
import { useEffect, useRef } from 'react';
import { useWords } from '../words/index.ts';
import { openEditor } from './editor.ts';
import { setEditor } from './view.ts';
import './text.css';

export { reveal } from './view.ts';

export function TextPane() {
  const t = useWords();
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!place.current) return;
    const { view, close } = openEditor(place.current);
    setEditor(view);
    return () => {
      setEditor(null);
      close();
    };
  }, []);
  return <section ref={place} className="text-pane" aria-label={t('text.title')} />;
}
