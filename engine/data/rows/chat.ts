// Conversations to text by a chat template, with the places of the answers in it, or the reason why a row cannot be used.
import { InputError } from '../../nodes/kind.ts';
import { beginsUnasked, renderChat } from '../chat.ts';
import { readConversation, type Source } from '../conversation.ts';
import { codePoints } from '../spans.ts';
import { Refusal, readTemplate, TemplateError } from '../template.ts';
import { defineRows } from './rows.ts';

interface Params {
  template: string;
  bos: string;
  eos: string;
  source: Source;
  system: string | null;
  /** Whether the last answer of each conversation alone is learned. */
  last: boolean;
  /** The parameter that the template was given in. */
  at: string;
}

export default defineRows<Params>({
  open({ template: given, bos, eos, source, system, last, at }) {
    const fault = (error: unknown, note: string): unknown =>
      error instanceof TemplateError
        ? new InputError({
            code: 'template-broken',
            message: `the chat template cannot be used: ${error.message}`,
            at,
            note,
          })
        : error;
    const attempt = <R>(work: () => R, note: string): R => {
      try {
        return work();
      } catch (error) {
        throw fault(error, note);
      }
    };
    const usual = 'Jinja as in the chat_template of a tokenizer_config.json is read';
    const template = attempt(() => readTemplate(given, { bos, eos }), usual);
    if (attempt(() => beginsUnasked(template), usual))
      throw fault(
        new TemplateError('it begins another answer after each one, whether asked to or not'),
        'the beginning belongs into {% if add_generation_prompt %} ... {% endif %}',
      );
    return (batch, first) => {
      const rows = Object.values(batch)[0]?.length ?? 0;
      const columns = {
        text: [] as (string | null)[],
        learned: [] as (number[] | null)[],
        reason: [] as (string | null)[],
      };
      for (let row = 0; row < rows; row++) {
        const { messages, reason } = readConversation((column) => batch[column]?.[row], source, system);
        let refused = reason;
        let text: string | null = null;
        let learned: number[] | null = null;
        if (messages !== null) {
          try {
            const chat = renderChat(template, messages, last);
            if (chat.answers.length === 0) refused = 'there is no answer in it: the template marks none';
            else [text, learned] = [chat.text, codePoints(chat.text, chat.answers.flat())];
          } catch (error) {
            if (!(error instanceof Refusal)) {
              const how = last
                ? 'another template is needed'
                : 'learn: "last" learns the last answer of each conversation';
              throw fault(error, `in row ${first + row + 1}; ${how}`);
            }
            refused = `the template refuses it: ${error.message}`;
          }
        }
        columns.text.push(text);
        columns.learned.push(learned);
        columns.reason.push(refused);
      }
      return { columns };
    };
  },
});
