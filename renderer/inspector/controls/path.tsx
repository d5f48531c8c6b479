// A path inside the graph's folder: typed, or picked from what lies there.
import { FolderOpen } from 'lucide-react';
import { useState } from 'react';
import { printText } from '../../../grammar/index.ts';
import { useDocument } from '../../document/document.ts';
import { useWords } from '../../words/index.ts';
import { write } from '../model.ts';
import { BrowseDialog } from './browse.tsx';
import type { ControlProps } from './control.tsx';
import { usePlaceholder, useText } from './text.tsx';
import { Fault, TypedInput } from './typed.tsx';

export function PathControl({ field, labels }: ControlProps) {
  const t = useWords();
  const typing = useText(field);
  const placeholder = usePlaceholder(field);
  const folder = useDocument((state) => state.file?.folder ?? null);
  const [browsing, setBrowsing] = useState(false);
  return (
    <>
      <div className="inspector-path">
        <TypedInput {...labels} typing={typing} className="mono" placeholder={placeholder} />
        <button
          type="button"
          className="button icon"
          aria-label={t('inspector.browse')}
          title={t('inspector.browse')}
          disabled={folder === null}
          onClick={() => setBrowsing(true)}
        >
          <FolderOpen size={14} />
        </button>
      </div>
      <Fault text={typing.fault} />
      {browsing && folder !== null && (
        <BrowseDialog
          root={folder}
          close={() => setBrowsing(false)}
          pick={(path) => {
            setBrowsing(false);
            write(field, printText(path));
          }}
        />
      )}
    </>
  );
}
