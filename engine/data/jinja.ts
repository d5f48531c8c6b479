// @huggingface/jinja under types of our own: its own do not resolve under Node's rules for modules.
import * as library from '@huggingface/jinja';

export interface Value {
  type: string;
  value: unknown;
}

export interface Environment {
  set(name: string, value: unknown): unknown;
}

export interface Interpreter {
  run(program: unknown): Value;
  evaluate(statement: unknown, environment: Environment): Value;
}

interface Library {
  tokenize(source: string, options: { lstrip_blocks: boolean; trim_blocks: boolean }): unknown;
  parse(tokens: unknown): unknown;
  Environment: new () => Environment;
  Interpreter: new (environment: Environment) => Interpreter;
}

export const { tokenize, parse, Environment, Interpreter } = library as unknown as Library;

// Its strip, lstrip and rstrip take no characters, which templates give: `content.lstrip('\n')` must leave spaces.
type Method = Value & { value: (args: Value[], scope: Environment) => Value };
type Text = Value & { builtins: Map<string, Method> };

const sample = new Environment().set('sample', '') as Text;
const texts = Object.getPrototypeOf(sample) as Text;
const TextValue = texts.constructor as new (value: string) => Value;
const MethodValue = sample.builtins.get('lstrip')?.constructor as new (value: Method['value']) => Method;
const own = Object.getOwnPropertyDescriptor(texts, 'builtins')?.get as (this: Text) => Map<string, Method>;

Object.defineProperty(texts, 'builtins', {
  get(this: Text) {
    const methods = own.call(this);
    for (const [name, left, right] of strips) {
      const usual = methods.get(name);
      if (usual === undefined || mended.has(usual)) continue;
      const method = new MethodValue((args, scope) =>
        typeof args[0]?.value === 'string'
          ? new TextValue(strip(String(this.value), args[0].value, left, right))
          : usual.value(args, scope),
      );
      mended.add(method);
      methods.set(name, method);
    }
    return methods;
  },
});

const mended = new WeakSet<Method>();
const strips = [
  ['strip', true, true],
  ['lstrip', true, false],
  ['rstrip', false, true],
] as const;

/** As Python's: takes off what is among the characters, at the left end, the right one, or both. */
function strip(text: string, characters: string, left: boolean, right: boolean): string {
  const gone = new Set(characters);
  const all = [...text];
  let [from, to] = [0, all.length];
  while (left && from < to && gone.has(all[from] as string)) from++;
  while (right && to > from && gone.has(all[to - 1] as string)) to--;
  return all.slice(from, to).join('');
}
