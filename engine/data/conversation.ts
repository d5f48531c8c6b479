// Conversations as tables hold them: lists of messages in the usual forms, or a question and its answer in two columns.
import { answerEnd, answerStart, type Message } from './template.ts';

/** Where a table holds its conversations. */
export type Source = { messages: string; role: string; content: string } | { prompt: string; answer: string };

/** A conversation, or why there is none in this row. */
export type Read = { messages: Message[]; reason: null } | { messages: null; reason: string };

/** Other names of the roles: those of ShareGPT and its relatives. */
const roles: Record<string, string> = {
  system: 'system',
  user: 'user',
  human: 'user',
  prompter: 'user',
  assistant: 'assistant',
  gpt: 'assistant',
  chatgpt: 'assistant',
  bing: 'assistant',
  bard: 'assistant',
  model: 'assistant',
  tool: 'tool',
  observation: 'tool',
  developer: 'developer',
};

/**
 * Reads the conversation of a row.
 * @param system put first where the conversation has no such message; null for none
 */
export function readConversation(value: (column: string) => unknown, source: Source, system: string | null): Read {
  const read = 'messages' in source ? readMessages(value(source.messages), source) : readPair(value, source);
  if (read.messages === null) return read;
  const { messages } = read;
  if (!messages.some(({ role }) => role === 'assistant'))
    return no('there is no answer in it: no message of the assistant');
  for (const [i, message] of messages.entries()) {
    const { role, content } = message;
    const calls = Array.isArray(message.tool_calls) && message.tool_calls.length > 0;
    if (typeof content !== 'string' && !(role === 'assistant' && calls && content === null))
      return no(`message ${i + 1} has no text`);
    if (role === 'assistant' && !calls && (content as string).trim() === '')
      return no(`the answer in message ${i + 1} is empty`);
  }
  if (/[\uFDD0\uFDD1]/.test(JSON.stringify(messages)))
    return no(`it holds characters that no text may have (${[answerStart, answerEnd].map(code).join(', ')})`);
  if (system !== null && messages[0]?.role !== 'system') messages.unshift({ role: 'system', content: system });
  return read;
}

const code = (character: string) => `U+${character.charCodeAt(0).toString(16).toUpperCase()}`;
const no = (reason: string): Read => ({ messages: null, reason });

function readPair(value: (column: string) => unknown, { prompt, answer }: { prompt: string; answer: string }): Read {
  const [asked, said] = [value(prompt), value(answer)];
  if (typeof asked !== 'string' || asked.trim() === '') return no(`${prompt} is empty`);
  if (typeof said !== 'string' || said.trim() === '') return no(`there is no answer in it: ${answer} is empty`);
  const messages = [
    { role: 'user', content: asked },
    { role: 'assistant', content: said },
  ];
  return { messages, reason: null };
}

function readMessages(value: unknown, names: { role: string; content: string }): Read {
  let list = value;
  if (typeof value === 'string') {
    try {
      list = JSON.parse(value);
    } catch {
      return no('it is no list of messages: the text is not JSON');
    }
  }
  if (list === null || list === undefined) return no('the conversation is empty');
  if (!Array.isArray(list)) return no('it is no list of messages');
  if (list.length === 0) return no('the conversation is empty');
  const messages: Message[] = [];
  for (const [i, item] of (list as unknown[]).entries()) {
    if (typeof item !== 'object' || item === null) return no(`message ${i + 1} is empty`);
    const { [names.role]: role, [names.content]: content = null, ...rest } = item as Record<string, unknown>;
    if (typeof role !== 'string') return no(`message ${i + 1} has no ${names.role}`);
    const known = Object.hasOwn(roles, role.toLowerCase()) ? roles[role.toLowerCase()] : undefined;
    if (known === undefined) return no(`message ${i + 1} has the unknown role "${role.slice(0, 40)}"`);
    messages.push({ ...(plain(rest) as Record<string, unknown>), role: known, content: plain(content) });
  }
  return { messages, reason: null };
}

/** Plain data: fields that are null were not there in the file that the table was read from, and numbers are JavaScript's. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([, each]) => each !== null);
  return Object.fromEntries(kept.map(([name, each]) => [name, plain(each)]));
}
