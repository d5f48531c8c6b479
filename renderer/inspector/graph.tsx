// Nothing selected: the graph itself. What is in it, and its params, which nodes share and a run can set.
import { Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { Checked, GraphParam } from '../../engine/graph/graph.ts';
import { hasErrors } from '../../engine/graph/graph.ts';
import { runs } from '../../engine/nodes/kind.ts';
import { isName, type ParamStatement, referencesTo } from '../../grammar/index.ts';
import { change, select, useDocument } from '../document/document.ts';
import { useWords } from '../words/index.ts';
import { Fault } from './controls/typed.tsx';
import { SourceInput, useSource } from './controls/text.tsx';
import { carryOut, paramName } from './model.ts';
import { NameField } from './name.tsx';
import { Prose } from './prose.tsx';
import { Section } from './section.tsx';
import { dissolveParam, writeParam } from './write.ts';

export function GraphPanel({ checked }: { checked: Checked }) {
  const t = useWords();
  const name = useDocument((state) => state.file?.name ?? '');
  const host = useDocument((state) => state.host);
  const { nodes, params } = checked.graph;
  const wrong = hasErrors(host ?? checked);
  return (
    <>
      <header className="inspector-head">
        <h2 className="inspector-title inspector-file" title={name}>
          {name}
        </h2>
        <dl className="inspector-facts">
          <div>
            <dt>{t('inspector.graph.nodes')}</dt>
            <dd>{nodes.length}</dd>
          </div>
          <div>
            <dt>{t('inspector.graph.steps')}</dt>
            <dd>{nodes.filter(({ kind }) => runs(kind)).length}</dd>
          </div>
          <div>
            <dt>{t('inspector.graph.state')}</dt>
            <dd className={wrong ? 'bad' : 'good'}>{t(wrong ? 'inspector.graph.wrong' : 'inspector.graph.fine')}</dd>
          </div>
        </dl>
        <p className="inspector-quiet">{t('inspector.graph.hint')}</p>
      </header>
      <Section name="params" title={t('inspector.params')}>
        {params.length === 0 && <p className="inspector-quiet">{t('inspector.params.none')}</p>}
        {params.map((param) => (
          <ParamRow key={param.name} param={param} checked={checked} />
        ))}
        <AddParam checked={checked} />
      </Section>
    </>
  );
}

function ParamRow({ param, checked }: { param: GraphParam; checked: Checked }) {
  const t = useWords();
  const { name, documentation } = param;
  const statement = checked.document.statements.find(
    (each): each is ParamStatement => each.type === 'param' && each.name.text === name,
  );
  const source = statement ? checked.text.slice(statement.value.span.start, statement.value.span.end) : '';
  const users = [...new Set(referencesTo(checked.document, name).map(({ statement }) => statement.name.text))];
  const typing = useSource({ required: true }, `param ${name}`, source, (next) =>
    next === null
      ? null
      : carryOut(writeParam(useDocument.getState().text, name, next), 'undo.set', `set param ${name}`),
  );
  return (
    <div className="inspector-param">
      <div className="inspector-param-row">
        <NameField key={name} name={name} checked={checked} select={false} />
        <span aria-hidden>=</span>
        <SourceInput typing={typing} labels={{ 'aria-label': t('inspector.value', { name }) }} placeholder="" />
        <button
          type="button"
          className="button quiet icon"
          aria-label={t('inspector.param.delete', { name })}
          title={t('inspector.param.delete', { name })}
          onClick={() => carryOut(dissolveParam(useDocument.getState().text, name), 'undo.param.delete')}
        >
          <Trash2 size={14} />
        </button>
      </div>
      {documentation !== null && (
        <div className="inspector-help">
          <Prose text={documentation} />
        </div>
      )}
      <p className="inspector-param-uses">
        {users.length === 0 ? (
          <span className="inspector-quiet">{t('inspector.param.unused')}</span>
        ) : (
          <>
            <span className="inspector-quiet">{t('inspector.param.used')}</span>
            {users.map((user) => (
              <button key={user} type="button" className="inspector-link" onClick={() => select([user], 'inspector')}>
                {user}
              </button>
            ))}
          </>
        )}
      </p>
    </div>
  );
}

/** The name is asked for at once: what is typed replaces the one proposed. */
function chooseAll(input: HTMLInputElement | null): void {
  input?.focus();
  input?.select();
}

/** Adds a param of the value 1, to be changed then; the name is asked for. */
function AddParam({ checked }: { checked: Checked }) {
  const t = useWords();
  const [name, setName] = useState<string | null>(null);
  const [refused, setRefused] = useState<string | null>(null);
  const open = () => setName(paramName('value', checked));
  const add = () => {
    if (name === null) return;
    if (!isName(name.trim())) return setRefused(t('inspector.name.wrong'));
    const error = change(
      { type: 'add-param', name: name.trim(), value: 1 },
      { origin: 'inspector', label: 'undo.param.add' },
    );
    setRefused(error?.message ?? null);
    if (!error) setName(null);
  };
  if (name === null) {
    return (
      <button type="button" className="button quiet inspector-add" onClick={open}>
        <Plus size={14} aria-hidden />
        {t('inspector.param.add')}
      </button>
    );
  }
  return (
    <form
      className="inspector-param-new"
      onSubmit={(event) => {
        event.preventDefault();
        add();
      }}
    >
      <input
        ref={chooseAll}
        className="field mono"
        aria-label={t('inspector.name')}
        value={name}
        onChange={({ target }) => {
          setRefused(null);
          setName(target.value);
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          event.stopPropagation();
          setName(null);
        }}
      />
      <button type="submit" className="button">
        {t('inspector.add')}
      </button>
      <Fault text={refused} />
    </form>
  );
}
