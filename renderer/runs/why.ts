// Why a step runs, in the reader's language: the plan's reasons are English sentences of few forms (engine/plan/why.ts).
import type { Key, Translate } from '../words/index.ts';

const forms: readonly [RegExp, Key, readonly string[]][] = [
  [/^never run$/, 'why.never', []],
  [/^asked to run again$/, 'why.fresh', []],
  [/^writes outside the cache$/, 'why.outside', []],
  [/^its last result is of an older Dsk$/, 'why.older', []],
  [/^an earlier text runs$/, 'why.edited', []],
  [/^run died$/, 'why.died', []],
  [/^run interrupted$/, 'why.interrupted', []],
  [/^run failed$/, 'why.failed', []],
  [/^parameter (\S+) changed (.+) -> (.+)$/s, 'why.parameter', ['name', 'old', 'new']],
  [/^kind changed (\S+) -> (\S+)$/, 'why.kind', ['old', 'new']],
  [/^kind (\S+) has a new version$/, 'why.version', ['kind']],
  [/^file (.+) is new$/, 'why.file.new', ['path']],
  [/^file (.+) changed$/, 'why.file.changed', ['path']],
  [/^file (.+) is gone$/, 'why.file.gone', ['path']],
  [/^input (\S+) is connected now$/, 'why.input.connected', ['name']],
  [/^input (\S+) is not connected any more$/, 'why.input.gone', ['name']],
  [/^input (\S+) was (\S+), is (\S+)$/, 'why.input.changed', ['name', 'old', 'new']],
  [/^input (\S+) is new$/, 'why.input.new', ['name']],
  [/^(\S+) is new$/, 'why.definition.new', ['name']],
  [/^stored result cannot be trusted: (.+)$/s, 'why.damaged', ['what']],
  [/^stored result not used: (.+)$/s, 'why.incomplete', ['what']],
];

/** One reason; what has no known form stays as it is. */
export function reason(text: string, t: Translate): string {
  for (const [form, key, names] of forms) {
    const match = form.exec(text);
    if (match) return t(key, Object.fromEntries(names.map((name, i) => [name, match[i + 1] ?? ''])));
  }
  // A reason within a definition that the step uses: "model.attention: parameter heads changed 4 -> 6".
  const within = /^(\S+): (.+)$/s.exec(text);
  return within ? t('why.within', { name: within[1] ?? '', reason: reason(within[2] ?? '', t) }) : text;
}

/** All reasons as one line, or null where there is none. */
export function reasons(list: readonly string[], t: Translate): string | null {
  return list.length === 0 ? null : list.map((each) => reason(each, t)).join(t('why.join'));
}
