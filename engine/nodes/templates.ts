// Chat templates that are at hand by name, and those of Hugging Face folders: what a graph says about a template, made text.
import { InputError } from './kind.ts';

export interface ChatTemplate {
  /** Jinja. */
  template: string;
  /** What it calls bos_token and eos_token. */
  bos: string;
  eos: string;
}

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
  const fault = (message: string, note?: string): InputError =>
    new InputError({ code: 'template-broken', message, at: 'path', ...(note === undefined ? {} : { note }) });
  let parsed: unknown = {};
  try {
    parsed = JSON.parse(config ?? '{}');
  } catch (error) {
    throw fault(`the tokenizer_config.json at ${path} is no JSON: ${(error as Error).message}`);
  }
  if (typeof parsed !== 'object' || parsed === null)
    throw fault(`the tokenizer_config.json at ${path} is no JSON object`);
  const { chat_template: given, bos_token, eos_token } = parsed as Record<string, unknown>;
  const template = jinja ?? chosen(given);
  if (template === null)
    throw fault(
      `the tokenizer_config.json at ${path} has no chat_template`,
      'base models often have none: take the one of a chat model, or one by name, as in template: "chatml"',
    );
  return { template, bos: tokenText(bos_token), eos: tokenText(eos_token) };
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
