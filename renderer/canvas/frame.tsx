// The frame behind the nodes of a group: its comment is the title, which can be edited and dragged with all its nodes.
import { memo } from 'react';
import type { NodeProps } from 'reactflow';
import { useWords } from '../words/index.ts';
import type { FrameNode } from './flow.ts';
import { renameGroup } from './gestures.ts';
import { NameField } from './rename.tsx';
import { useCanvas } from './state.ts';

export const FrameView = memo(
  function FrameView({ data: { section } }: NodeProps<FrameNode>) {
    const t = useWords();
    const renaming = useCanvas(({ renaming }) => renaming === section.id);
    return (
      <div className="canvas-frame">
        <div
          className="canvas-frame-title"
          title={section.note || undefined}
          onDoubleClick={(event) => {
            event.stopPropagation();
            useCanvas.setState({ renaming: section.id });
          }}
        >
          {renaming ? (
            <NameField
              label={t('canvas.group.rename')}
              value={section.title}
              take={(title) => renameGroup(section, title)}
            />
          ) : (
            <span className="canvas-frame-name">{section.title}</span>
          )}
          {section.note && <span className="canvas-frame-note">{section.note}</span>}
        </div>
      </div>
    );
  },
  (a, b) => a.data === b.data,
);
