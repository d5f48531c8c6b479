// Chat templates: Jinja as in Hugging Face's tokenizer_config.json. A template comes from whoever made a model, so it is held to
// bounds of work and size; it can reach nothing but the conversation, and no clock: the same rows always give the same text.
import { Environment, Interpreter, parse, tokenize, type Value } from './jinja.ts';

/** A role, the text, and whatever else a template may ask for. */
export interface Message {
  role: string;
  content: unknown;
  [field: string]: unknown;
}

export interface Template {
  /** The conversation as text; with `open`, up to where the next answer begins. */
  render(messages: readonly Message[], open: boolean): string;
  /** Whether it says itself, by `{% generation %}`, what an answer is: then answers stand between `answerStart` and `answerEnd`. */
  marked: boolean;
}

/** What a template says about a conversation that it does not take, by `raise_exception`. */
export class Refusal extends Error {}

/** A template that cannot be read or carried out. */
export class TemplateError extends Error {}

/** Noncharacters of Unicode, which no text may use. */
export const [answerStart, answerEnd] = ['\uFDD0', '\uFDD1'];

const LONGEST = 1 << 18;
const LONGEST_SPACE = 1000;
/** Evaluations in one rendering, and what the values that come about in it may weigh: an item each, 64 characters of text each. */
const MOST_WORK = 1e6;
const LARGEST_VALUE = 5e5;

/**
 * Reads a template. `bos` and `eos` are what it calls bos_token and eos_token.
 * @throws TemplateError where it is no template
 */
export function readTemplate(source: string, { bos, eos }: { bos: string; eos: string }): Template {
  if (source.length > LONGEST)
    throw new TemplateError(`it has ${source.length} characters, at most ${LONGEST} are read`);
  if (new RegExp(`\\s{${LONGEST_SPACE}}`).test(source))
    throw new TemplateError(`it has more than ${LONGEST_SPACE} blanks in a row`);
  const { text, marked } = markAnswers(trimmed(source));
  const program = explain(() => parse(tokenize(text, { lstrip_blocks: false, trim_blocks: false })));
  const render: Template['render'] = (messages, open) =>
    explain(() => {
      const names = {
        messages,
        tools: null,
        documents: null,
        bos_token: bos,
        eos_token: eos,
        add_generation_prompt: open,
      };
      const environment = new Environment();
      for (const [name, value] of Object.entries({ ...globals, ...names })) environment.set(name, value);
      return String(new Bounded(environment).run(program).value);
    });
  return { render, marked };
}

/** What transformers has Jinja do: the blanks before a block's tag go (lstrip_blocks), and the line end behind it (trim_blocks). */
function trimmed(source: string): string {
  const text = source.replace(/\n$/, '');
  return text.replace(/^[ \t]+(?=\{[%#])/gm, '').replace(/([%#]\})\n/g, '$1');
}

/** Puts marks where `{% generation %}` and `{% endgeneration %}` stand. */
function markAnswers(source: string): { text: string; marked: boolean } {
  let marked = false;
  const text = source.replace(/\{%([-+]?)\s*(end)?generation\s*([-+]?)%\}/g, (_, left, end, right) => {
    marked = true;
    const dash = (sign: unknown): string => (sign === '-' ? '-' : '');
    return `{{${dash(left)} '${end === undefined ? answerStart : answerEnd}' ${dash(right)}}}`;
  });
  return { text, marked };
}

const globals: Record<string, unknown> = {
  false: false,
  true: true,
  none: null,
  False: false,
  True: true,
  None: null,
  raise_exception: (message: unknown) => {
    throw new Refusal(String(message));
  },
  range: (from: number, to?: number, step = 1) => {
    const [first, end] = to === undefined ? [0, from] : [from, to];
    const count = Math.max(0, Math.ceil((end - first) / step));
    if (!(count <= LARGEST_VALUE)) throw new TemplateError(`it counts over ${count} numbers`);
    return Array.from({ length: count }, (_, i) => first + i * step);
  },
};

/** Puts what goes wrong in the library into our terms. */
function explain<R>(work: () => R): R {
  try {
    return work();
  } catch (error) {
    if (error instanceof Refusal || error instanceof TemplateError) throw error;
    const { message } = error as Error;
    if (error instanceof RangeError && message.includes('call stack'))
      throw new TemplateError('it calls itself without end');
    if (error instanceof RangeError) throw new TemplateError('it makes a text or list that is too long');
    throw new TemplateError(message);
  }
}

/** Counts what it does, and ends what does too much: nothing in a template can take long or grow without a limit. */
class Bounded extends Interpreter {
  private work = 0;
  private readonly weights = new WeakMap<Value, number>();

  override evaluate(statement: unknown, environment: Environment): Value {
    const value = super.evaluate(statement, environment);
    const fresh = this.weights.has(value) ? 0 : this.weigh(value, 0);
    this.work += 1 + fresh;
    if (fresh > LARGEST_VALUE) throw new TemplateError('it makes a text or list that is too long');
    if (this.work > MOST_WORK) throw new TemplateError('it takes more steps than a conversation can need');
    return value;
  }

  /** What a value would take written out: one that holds another twice weighs it twice. */
  private weigh(value: Value, depth: number): number {
    const known = this.weights.get(value);
    if (known !== undefined) return known;
    if (depth > 200) throw new TemplateError('it makes lists in lists without end');
    const { type, value: held } = value;
    let weight = 1;
    if (typeof held === 'string') weight += held.length >> 6;
    else if (Array.isArray(held)) for (const each of held as Value[]) weight += this.weigh(each, depth + 1);
    else if (held instanceof Map)
      for (const each of (held as Map<string, Value>).values()) weight += this.weigh(each, depth + 1);
    // A namespace changes: it is weighed again each time.
    if (type !== 'NamespaceValue') this.weights.set(value, weight);
    return weight;
  }
}
