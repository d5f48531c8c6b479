// A plan as text: a table that fits 80 columns, plain enough to be piped, and as JSON.
import type { Plan, Step } from './plan.ts';

const shortest = 16; // that a name is cut to

/** The table `dsk plan` prints, without a newline at the end. */
export function renderPlan(plan: Plan, options: { width?: number } = {}): string {
  const { width = 80 } = options;
  const rows = plan.steps.map((step) => [
    step.node,
    step.kind,
    step.rows.map(({ count, exact }) => `${exact ? '' : '~'}${grouped(count)}`).join(' + '),
    step.cost.memory === undefined ? '' : bytes(step.cost.memory),
    step.cost.disk === undefined ? '' : bytes(step.cost.disk),
    step.seconds === null ? '' : time(step.seconds),
    step.status,
  ]);
  const head = ['step', 'kind', 'rows', 'memory', 'disk', 'time', 'status'];
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => (row[i] ?? '').length)));
  // Names give way where the table would be too wide.
  const others = widths.slice(1).reduce((sum, each) => sum + 2 + each, 0);
  const most = Math.max(shortest, width - others);
  widths[0] = Math.min(widths[0] ?? 0, most);
  for (const row of rows) row[0] = clip(row[0] ?? '', most);
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => (i >= 2 && i <= 5 ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0))).join('  ');
  const lines = [line(head).trimEnd()];
  plan.steps.forEach((step, i) => {
    lines.push(...withReason(line(rows[i] ?? []).trimEnd(), step, width));
  });
  const models = plan.steps.flatMap((step) => modelLine(step).flatMap((line) => wrapped(line, width, '  ')));
  const parts = plan.definitions.filter((definition) => definition.parameters !== null);
  if (parts.length > 0) {
    models.push(
      ...wrapped(
        `parameters: ${parts.map(({ node, parameters }) => `${node} ${grouped(parameters ?? 0)}`).join(', ')}`,
        width,
        '  ',
      ),
    );
  }
  if (plan.skipped.length > 0) models.push(...wrapped(`skipped: ${plan.skipped.join(', ')}`, width, '  '));
  return [...lines, '', ...models, ...(models.length > 0 ? [''] : []), ...wrapped(totalsLine(plan), width, '  ')].join(
    '\n',
  );
}

/** The reasons behind the status where they fit, else below it. */
function withReason(line: string, step: Step, width: number): string[] {
  if (step.why.length === 0) return [line];
  const reasons = step.why.join('; ');
  const long = `${line}: ${reasons}`;
  return long.length <= width ? [long] : [line, ...wrapped(`  ${reasons}`, width, '  ')];
}

function modelLine({ node, cost }: Step): string[] {
  const { parameters, activeParameters, trainable, flops, steps } = cost;
  const facts = [
    parameters === undefined
      ? null
      : `${grouped(parameters)} parameters${activeParameters === undefined ? '' : ` (${grouped(activeParameters)} active)`}`,
    trainable === undefined || !parameters
      ? null
      : `${grouped(trainable)} trainable (${((100 * trainable) / parameters).toFixed(2)}%)`,
    steps === undefined ? null : `${grouped(steps)} steps`,
    flops === undefined ? null : `${scaled(flops, 'FLOP')}${steps === undefined ? '' : ' a step'}`,
  ].filter((fact) => fact !== null);
  return facts.length > 0 ? [`${node}: ${facts.join(', ')}`] : [];
}

function totalsLine({ totals, steps }: Plan): string {
  if (totals.run === 0)
    return `nothing to run: ${steps.length === 1 ? 'the step is' : `all ${steps.length} steps are`} cached`;
  const facts = [
    `${totals.run} to run, ${totals.cached} cached`,
    totals.memory === null ? null : `peak memory about ${bytes(totals.memory)}`,
    `disk about ${bytes(totals.disk)}`,
    totals.flops > 0 ? scaled(totals.flops, 'FLOP') : null,
    totals.seconds === null ? 'time unknown until it ran once' : `about ${time(totals.seconds)}`,
  ];
  return facts.filter((fact) => fact !== null).join('; ');
}

function clip(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

/** Lines of at most `width` columns, broken between words; those after the first are indented. */
function wrapped(text: string, width: number, indent: string): string[] {
  const lines: string[] = [];
  let line = /^ */.exec(text)?.[0] ?? '';
  let empty = true;
  for (const word of text.trim().split(' ')) {
    if (!empty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent;
      empty = true;
    }
    line += `${empty ? '' : ' '}${word}`;
    empty = false;
  }
  return [...lines, line];
}

/** "1,234,567" */
export function grouped(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

/** "850 B", "1.2 MB", "312 MB": powers of ten, three digits at most. */
export function bytes(count: number): string {
  return count < 1000 ? `${Math.round(count)} B` : scaled(count, 'B');
}

/** "3.1 TFLOP" */
export function scaled(value: number, unit: string): string {
  const prefixes = ['', 'k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y'];
  let index = 0;
  let rest = value;
  while (rest >= 999.5 && index < prefixes.length - 1) {
    rest /= 1000;
    index++;
  }
  return `${rest >= 9.95 || index === 0 ? Math.round(rest) : rest.toFixed(1)} ${prefixes[index]}${unit}`;
}

/** "0.4 s", "42 s", "3 min", "2.5 h" */
export function time(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 99.5) return `${Math.round(seconds)} s`;
  if (seconds < 5970) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

/** The plan for programs: everything but the cached entries, of which the key tells enough. */
export function plainPlan(plan: Plan): Record<string, unknown> {
  const steps = plan.steps.map(({ entry: _, definitions, ...step }) => {
    return { ...step, definitions: definitions.map(({ node }) => node) };
  });
  return { steps, definitions: plan.definitions, skipped: plan.skipped, totals: plan.totals };
}
