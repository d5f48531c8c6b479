// Conversations as text for training, and where in it the answers stand: what a model is to learn.
import { answerEnd, answerStart, type Message, Refusal, type Template, TemplateError } from './template.ts';

export interface Chat {
  text: string;
  /** Where each answer begins and where the next thing does: places in the text, in characters of JavaScript. */
  answers: [number, number][];
}

/**
 * Renders a conversation and finds its answers. Templates with `{% generation %}` say what those are, as in transformers'
 * `return_assistant_tokens_mask`. With others an answer is what a conversation that ends with it has more than the one before it,
 * opened for an answer; blanks behind an end mark do not belong to it, since nobody has to write them. What comes after the last
 * answer is left out.
 * @param last whether the last answer alone is to be learned
 * @throws TemplateError where the text of an answer depends on what comes after it, so that a model could not be asked for it
 * @throws Refusal where the template does not take the conversation
 */
export function renderChat(template: Template, given: readonly Message[], last: boolean): Chat {
  const messages = given.slice(0, given.findLastIndex(isAnswer) + 1);
  const rendered = template.render(messages, false);
  if (template.marked) return between(rendered, last);
  const answers: [number, number][] = [];
  for (const [i, message] of messages.entries()) {
    if (!isAnswer(message) || (last && i + 1 < messages.length)) continue;
    const before = template.render(messages.slice(0, i), true);
    const whole = i + 1 === messages.length ? rendered : template.render(messages.slice(0, i + 1), false);
    const end = endOf(whole, message);
    if (!rendered.startsWith(before) || !rendered.startsWith(whole.slice(0, end)) || end < before.length)
      throw new TemplateError(
        `it writes message ${i + 1}, an answer, in another way when the conversation goes on: what a model is asked for would not be what it learned`,
      );
    answers.push([before.length, end]);
  }
  return { text: rendered, answers };
}

export const isAnswer = ({ role }: Message): boolean => role === 'assistant';

/** End of the answer in a text that ends with it. */
function endOf(text: string, { content }: Message): number {
  const trimmed = text.trimEnd();
  // Without an end mark, the blanks are what ends it.
  return typeof content === 'string' && trimmed.endsWith(content.trimEnd()) ? text.length : trimmed.length;
}

/** Text without its marks, and what stood between them. */
function between(marked: string, last: boolean): Chat {
  const answers: [number, number][] = [];
  let text = '';
  let begun = -1;
  for (const piece of marked.split(/([\uFDD0\uFDD1])/)) {
    if (piece === answerStart) begun = text.length;
    else if (piece !== answerEnd) text += piece;
    else if (begun >= 0 && begun < text.length) answers.push([begun, text.length]);
  }
  return { text, answers: last ? answers.slice(-1) : answers };
}

/**
 * Whether a template begins another answer after each answer, asked for or not, as some old ones do: then the end of an answer
 * cannot be told from the beginning of the next.
 */
export function beginsUnasked(template: Template): boolean {
  if (template.marked) return false;
  const asked: Message[] = [
    { role: 'user', content: 'first' },
    { role: 'assistant', content: 'second' },
  ];
  try {
    const whole = template.render(asked, false);
    const longer = template.render([...asked, { role: 'user', content: 'third' }], false);
    const answer = whole.lastIndexOf('second') + 'second'.length;
    let same = 0;
    while (same < whole.length && whole[same] === longer[same]) same++;
    return same >= answer && same < whole.trimEnd().length;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}
