// One node: its name and kind, a form of its parameters, its inputs and outputs, and the text that all this stands for.
import { ChevronRight, CircleHelp, Eye, EyeOff, TextCursorInput } from 'lucide-react';
import type { Checked, Node } from '../../engine/graph/graph.ts';
import type { Diagnostic } from '../../grammar/index.ts';
import { notify } from '../app/notices.tsx';
import { change, select } from '../document/document.ts';
import { reveal } from '../text/view.ts';
import { useWords } from '../words/index.ts';
import { Code } from './code.tsx';
import { fieldsOf } from './fields.ts';
import { Inputs } from './inputs.tsx';
import { modelOf, problemsOf } from './model.ts';
import { NameField } from './name.tsx';
import { Outputs } from './outputs.tsx';
import { Problems } from './problems.tsx';
import { Documentation, Prose } from './prose.tsx';
import { FieldRow } from './row.tsx';
import { Section, useSections } from './section.tsx';

interface Props {
  node: Node;
  checked: Checked;
  diagnostics: readonly Diagnostic[];
}

export function NodePanel({ node, checked, diagnostics }: Props) {
  const t = useWords();
  const { kind, path, spans } = node;
  const { common, advanced } = fieldsOf(kind);
  const model = (field: (typeof common)[number]) => modelOf(field, checked, [path], diagnostics);
  const more = advanced.map(model);
  const general = generalProblems(node, checked, diagnostics);
  return (
    <>
      <header className="inspector-head">
        {node.owner && <Trail path={path} />}
        <div className="inspector-head-row">
          {node.owner ? (
            <h2 className="inspector-title">{node.owner.port}</h2>
          ) : (
            <NameField key={path} name={path} checked={checked} select />
          )}
          {!node.owner && <SkipButton node={node} />}
          <button
            type="button"
            className="button quiet icon"
            aria-label={t('inspector.show')}
            title={t('inspector.show')}
            onClick={() => reveal(spans.node)}
          >
            <TextCursorInput size={15} />
          </button>
        </div>
        <p className="inspector-kind">
          <span className="inspector-stage" style={{ background: `var(--stage-${kind.stage})` }} aria-hidden />
          <code>{kind.kind}</code>
          <span className="inspector-quiet">{t(`inspector.stage.${kind.stage}`)}</span>
        </p>
        {node.documentation !== null && (
          <blockquote className="inspector-comment">
            <Prose text={node.documentation} />
          </blockquote>
        )}
        <Documentation kind={kind} />
        {node.skipped && <p className="inspector-skipped">{t('inspector.skipped')}</p>}
        <Problems list={general} />
      </header>
      {Object.keys(kind.inputs).length > 0 && (
        <Section name="inputs" title={t('inspector.inputs')}>
          <Inputs node={node} checked={checked} diagnostics={diagnostics} />
        </Section>
      )}
      {common.length > 0 && (
        <Section name="parameters" title={t('inspector.form')} aside={<HelpToggle />}>
          {common.map((field) => (
            <FieldRow key={field.name} field={model(field)} checked={checked} />
          ))}
        </Section>
      )}
      {more.length > 0 && (
        <Section
          name="advanced"
          title={t('inspector.advanced')}
          open={more.some(({ problems }) => problems.length > 0)}
          aside={<Count given={more.filter(({ source }) => source !== null).length} />}
        >
          {more.map((field) => (
            <FieldRow key={field.name} field={field} checked={checked} />
          ))}
        </Section>
      )}
      <Section name="outputs" title={t('inspector.outputs')}>
        <Outputs node={node} />
      </Section>
      <Section name="text" title={t('inspector.statement')}>
        <Code text={checked.text.slice(spans.node.start, spans.node.end)} />
      </Section>
      <Section name="example" title={t('inspector.example')} open={false}>
        <Code text={kind.example} />
      </Section>
    </>
  );
}

/** Leaves a node out of runs and takes it back in. */
function SkipButton({ node: { path, skipped } }: { node: Node }) {
  const t = useWords();
  const title = t(skipped ? 'inspector.unskip' : 'inspector.skip');
  const toggle = () => {
    const label = skipped ? 'undo.unskip' : 'undo.skip';
    const error = change({ type: 'skip', node: path, skip: !skipped }, { origin: 'inspector', label });
    if (error) notify({ kind: 'warning', text: error.message });
  };
  return (
    <button
      type="button"
      className="button quiet icon"
      aria-label={title}
      title={title}
      aria-pressed={skipped}
      onClick={toggle}
    >
      {skipped ? <EyeOff size={15} /> : <Eye size={15} />}
    </button>
  );
}

/** What is wrong with the node as a whole: not with one of its arguments, nor with a node inside of it. */
function generalProblems(node: Node, checked: Checked, all: readonly Diagnostic[]): Diagnostic[] {
  const { node: whole } = node.spans;
  const names = [...Object.keys(node.kind.inputs), ...Object.keys(node.kind.params)];
  const placed = new Set(names.flatMap((name) => problemsOf(checked, node.path, name, all)));
  return all.filter((each) => each.span.start >= whole.start && each.span.end <= whole.end && !placed.has(each));
}

/** The way to an inline node: trained > optimizer. */
function Trail({ path }: { path: string }) {
  const t = useWords();
  const parts = path.split('.');
  return (
    <nav className="inspector-trail" aria-label={t('inspector.trail')}>
      {parts.slice(0, -1).map((part, i) => (
        <span key={parts.slice(0, i + 1).join('.')}>
          <button
            type="button"
            className="inspector-link"
            onClick={() => select([parts.slice(0, i + 1).join('.')], 'inspector')}
          >
            {part}
          </button>
          <ChevronRight size={12} aria-hidden />
        </span>
      ))}
    </nav>
  );
}

export function HelpToggle() {
  const t = useWords();
  const help = useSections((state) => state.help === true);
  return (
    <button
      type="button"
      className="button quiet icon inspector-small"
      aria-label={t('inspector.help')}
      title={t('inspector.help')}
      aria-pressed={help}
      onClick={() => useSections.setState({ help: !help })}
    >
      <CircleHelp size={14} />
    </button>
  );
}

function Count({ given }: { given: number }) {
  const t = useWords();
  return given === 0 ? null : <span className="inspector-quiet">{t('inspector.given', { count: given })}</span>;
}
