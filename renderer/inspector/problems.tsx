// What is wrong, with its notes and a button for each fix.
import { CircleAlert, TriangleAlert } from 'lucide-react';
import type { Diagnostic } from '../../grammar/index.ts';
import { applyFix } from '../text/problems.ts';
import { Worded } from '../words/worded.tsx';

export function Problems({ list }: { list: readonly Diagnostic[] }) {
  return list.map(({ code, message, notes = [], fixes = [], severity, span }) => {
    const Icon = severity === 'error' ? CircleAlert : TriangleAlert;
    return (
      <div key={`${code} ${span.start} ${message}`} className={`inspector-problem ${severity}`}>
        <Icon size={13} aria-label={severity} />
        <div>
          <p>
            <Worded text={message} />
          </p>
          {notes.map((note) => (
            <p key={note} className="inspector-note">
              <Worded text={note} />
            </p>
          ))}
          {fixes.map((fix) => (
            <button key={fix.title} type="button" className="button inspector-fix" onClick={() => applyFix(fix)}>
              <Worded text={fix.title} />
            </button>
          ))}
        </div>
      </div>
    );
  });
}
