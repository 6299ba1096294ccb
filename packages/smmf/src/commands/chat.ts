import type { ApiClient, ListedModel } from '@smmf/client';
import { didYouMean, SmmfError } from '@smmf/runtime';
import { createAnswerPrinter } from '../chat/answer-printer.ts';
import { ask, beginConversation } from '../chat/conversation.ts';
import { chatOnTerminal } from '../chat/terminal-chat.ts';
import { apiOf, type ConnectionOptions } from '../connection.ts';
import { endWithReader } from '../output.ts';

const usage = (message: string): SmmfError => new SmmfError('CONFIG_INVALID', message);

/** The model of that name, or the only one that chats. */
async function chooseModel(api: ApiClient, name: string | undefined): Promise<string> {
  const models = await api.models();
  const chatting = models.filter(({ tasks }) => tasks?.includes('chat') ?? true).map(({ id }) => id);
  const list = chatting.join(', ');
  if (name === undefined) {
    const [only, ...others] = chatting;
    if (only === undefined) throw new SmmfError('MODEL_NOT_FOUND', noChat(models));
    if (others.length > 0) throw usage(`Several models are served: ${list}. Name one: smmf chat ${only}`);
    return only;
  }
  // Aliases are not in the list.
  const found = models.find(({ id }) => id === name) ?? (await api.model(name).catch(() => undefined));
  if (found === undefined) {
    const hint = chatting.length === 0 ? '' : didYouMean(name, chatting);
    throw new SmmfError(
      'MODEL_NOT_FOUND',
      `There is no model "${name}"${hint || `; there are ${list || 'none that chat'}`}`,
    );
  }
  if (found.tasks?.includes('chat') ?? true) return name;
  throw new SmmfError('MODEL_NOT_FOUND', `The model "${name}" does not chat; it does ${found.tasks?.join(', ')}`);
}

function noChat(models: readonly ListedModel[]): string {
  const others = models.map(({ id }) => id).join(', ');
  return others === '' ? 'No model is served' : `No model that chats is served; there are ${others}`;
}

/** All that comes from a pipe. */
async function readPipe(): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of process.stdin) parts.push(part as Buffer);
  return Buffer.concat(parts).toString().trim();
}

/**
 * The question of the command line, what came from a pipe below it; undefined where a person is to ask, and for an empty pipe
 * where a question is optional.
 */
export async function readQuestion(
  words: readonly string[],
  need: 'needed' | 'optional' = 'needed',
): Promise<string | undefined> {
  const question = words.join(' ').trim();
  const piped = process.stdin.isTTY ? '' : await readPipe();
  const whole = [question, piped].filter((part) => part !== '').join('\n\n');
  if (whole !== '') return whole;
  if (process.stdin.isTTY || need === 'optional') return undefined;
  throw usage('Nothing came on standard input; type a question or pipe one in');
}

/** One question, one answer. */
export async function answerOnce(api: ApiClient, model: string, question: string): Promise<void> {
  await ask(api, beginConversation(model), question, createAnswerPrinter(), new AbortController().signal);
}

/** `smmf chat [MODEL] [QUESTION]`: a conversation at a terminal; elsewhere, and with a question, one answer. */
export async function chat(
  name: string | undefined,
  words: readonly string[],
  options: ConnectionOptions,
): Promise<void> {
  endWithReader();
  const api = await apiOf(options);
  try {
    const model = await chooseModel(api, name);
    const question = await readQuestion(words);
    if (question !== undefined) await answerOnce(api, model, question);
    else await chatOnTerminal(api, model);
  } finally {
    await api.close();
  }
}
