// Chat templates that are at hand by name, and those of Hugging Face folders: what a graph says about a template, made text.
import { InputError } from './kind.ts';
import type { ChatTemplate, ModelSpec, TableSpec } from './values.ts';

/** Our own, in the words of known models' templates. */
export const builtIn: Record<'plain' | 'chatml' | 'deepseek' | 'llama3', ChatTemplate> = {
  plain: {
    template: `{% for message in messages %}
{%- if message.role == 'assistant' %}{{ 'Assistant: ' + message.content + eos_token }}
{%- elif message.role == 'user' %}{{ 'User: ' + message.content + '\\n\\n' }}
{%- else %}{{ message.content + '\\n\\n' }}
{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}`,
    bos: '',
    eos: '<|endoftext|>',
  },
  chatml: {
    template: `{% for message in messages %}
{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}`,
    bos: '',
    eos: '<|im_end|>',
  },
  deepseek: {
    template: `{{ bos_token }}
{%- for message in messages %}
{%- if message.role == 'assistant' %}{{ '<｜Assistant｜>' + message.content + eos_token }}
{%- elif message.role == 'user' %}{{ '<｜User｜>' + message.content }}
{%- else %}{{ message.content }}
{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{ '<｜Assistant｜>' }}{% endif %}`,
    bos: '<｜begin▁of▁sentence｜>',
    eos: '<｜end▁of▁sentence｜>',
  },
  llama3: {
    template: `{{ bos_token }}
{%- for message in messages %}
{{- '<|start_header_id|>' + message.role + '<|end_header_id|>\\n\\n' + message.content | trim + eos_token }}
{%- endfor %}
{%- if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}`,
    bos: '<|begin_of_text|>',
    eos: '<|eot_id|>',
  },
};

/** Files that a path may mean, as a graph writes them: a template itself, a tokenizer_config.json, or a folder with either. */
export interface TemplateFiles {
  jinja: string | null;
  config: string | null;
}

const LARGEST = 64e6;
export const largestConfig = LARGEST;

/** The files behind a path; `glob` finds those that are there. Throws InputError where there is none. */
export function templateFiles(path: string, glob: (pattern: string) => readonly unknown[]): TemplateFiles {
  const one = (file: string): string | null => (glob(file).length > 0 ? file : null);
  const folder = /\.(jinja|json)$/.test(path) ? path.replace(/[^/]*$/, '') : `${path.replace(/\/+$/, '')}/`;
  const config = path.endsWith('.json') ? one(path) : one(`${folder}tokenizer_config.json`);
  const jinja = path.endsWith('.json') ? null : one(path.endsWith('.jinja') ? path : `${folder}chat_template.jinja`);
  if (path.endsWith('.jinja') ? jinja === null : jinja === null && config === null)
    throw new InputError({
      code: 'path-missing',
      message: `there is no chat template at ${path}`,
      at: 'path',
      note: 'name a tokenizer_config.json, a .jinja file, or a folder with one',
    });
  return { jinja, config };
}

/**
 * The template in these files' texts (null: not there). A chat_template.jinja comes before the one in the config.
 * Throws InputError where they hold none.
 */
export function templateOf(path: string, jinja: string | null, config: string | null): ChatTemplate {
  const found = templateIn(path, jinja, config);
  if (found !== null) return found;
  throw broken(
    `the tokenizer_config.json at ${path} has no chat_template`,
    'base models often have none: take the one of a chat model, or one by name, as in template: "chatml"',
  );
}

/** As `templateOf`; null where they hold none, as with base models. Throws InputError where the config is no JSON. */
export function templateIn(path: string, jinja: string | null, config: string | null): ChatTemplate | null {
  let parsed: unknown = {};
  try {
    parsed = JSON.parse(config ?? '{}');
  } catch (error) {
    throw broken(`the tokenizer_config.json at ${path} is no JSON: ${(error as Error).message}`);
  }
  if (typeof parsed !== 'object' || parsed === null)
    throw broken(`the tokenizer_config.json at ${path} is no JSON object`);
  const { chat_template: given, bos_token, eos_token } = parsed as Record<string, unknown>;
  const template = jinja ?? chosen(given);
  return template === null ? null : { template, bos: tokenText(bos_token), eos: tokenText(eos_token) };
}

const broken = (message: string, note?: string): InputError =>
  new InputError({ code: 'template-broken', message, at: 'path', ...(note === undefined ? {} : { note }) });

/**
 * A template that needs nothing said beside it: what it calls bos_token and eos_token is set in its first line where a program that
 * reads the tokenizer's settings would take something else for them.
 * @param settings what stands there
 */
export function alone({ template, bos, eos }: ChatTemplate, settings: { bos?: string; eos?: string }): string {
  const sets = (
    [
      ['bos_token', bos, settings.bos],
      ['eos_token', eos, settings.eos],
    ] as const
  ).flatMap(([name, text, other = '']) =>
    text !== other && template.includes(name) ? [`{%- set ${name} = ${JSON.stringify(text)} -%}`] : [],
  );
  return sets.length === 0 ? template : `${sets.join('')}${template}`;
}

/** The form of conversations that a model knows once it has learned from a table: the table's, else the one that it knew before. */
export function taught(model: ModelSpec, data: TableSpec): Pick<ModelSpec, 'chat'> {
  const chat = data.chat === undefined ? model.chat : data.chat;
  return chat === undefined ? {} : { chat };
}

/** A template, or of several with names the one called default. */
function chosen(given: unknown): string | null {
  if (typeof given === 'string') return given;
  if (!Array.isArray(given)) return null;
  const named = given as { name?: unknown; template?: unknown }[];
  const found = named.find((each) => each?.name === 'default') ?? named[0];
  return typeof found?.template === 'string' ? found.template : null;
}

/** A special token, given as text or as an object with its `content`. */
function tokenText(token: unknown): string {
  if (typeof token === 'string') return token;
  const { content } = (token ?? {}) as { content?: unknown };
  return typeof content === 'string' ? content : '';
}
