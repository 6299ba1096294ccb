import { createInterface } from 'node:readline/promises';
import type { ApiClient } from '@smmf/client';
import { type ChatRequest, SmmfError } from '@smmf/runtime';
import { apiOf, type ConnectionOptions } from '../connection.ts';
import { type OutputOptions, plainText, printRows } from '../output.ts';

type Message = ChatRequest['messages'][number];

/** `smmf model list` */
export async function listModels(options: ConnectionOptions & OutputOptions): Promise<void> {
  const api = await apiOf(options);
  const models = await api.models().finally(() => api.close());
  const rows = models.map(({ id, tasks = [], max_model_len: context }) => {
    return { id: plainText(id), tasks: tasks.join(','), context: context ?? '' };
  });
  printRows(rows, models, options);
}

async function answer(api: ApiClient, model: string, messages: Message[], signal: AbortSignal): Promise<string> {
  let text = '';
  for await (const { choices } of api.chat({ model, messages }, signal)) {
    const piece = choices[0]?.delta.content ?? '';
    text += piece;
    process.stdout.write(plainText(piece));
  }
  process.stdout.write('\n');
  return text;
}

async function turn(api: ApiClient, model: string, messages: Message[], signal: AbortSignal): Promise<void> {
  try {
    messages.push({ role: 'assistant', content: await answer(api, model, messages, signal) });
  } catch (error) {
    if (!signal.aborted) throw error;
    messages.pop();
    process.stdout.write('\n(stopped)\n');
  }
}

/** One question from a pipe, one answer. */
async function answerPipe(api: ApiClient, model: string): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of process.stdin) parts.push(part as Buffer);
  const content = Buffer.concat(parts).toString().trim();
  if (content === '')
    throw new SmmfError('CONFIG_INVALID', 'Nothing came on standard input; type a question or pipe one in');
  await turn(api, model, [{ role: 'user', content }], new AbortController().signal);
}

/** `smmf model chat MODEL`: streams, keeps the conversation; Ctrl-C stops the answer, a second one at the prompt the program. */
export async function chat(model: string, options: ConnectionOptions): Promise<void> {
  const api = await apiOf(options);
  try {
    await api.model(model);
    if (process.stdin.isTTY) await converse(api, model);
    else await answerPipe(api, model);
  } finally {
    await api.close();
  }
}

async function converse(api: ApiClient, model: string): Promise<void> {
  const messages: Message[] = [];
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  let running: AbortController | undefined;
  terminal.on('SIGINT', () => (running ? running.abort() : terminal.close()));
  console.log(`Chatting with ${model}. Ctrl-C stops an answer, Ctrl-D ends.`);
  terminal.setPrompt('> ');
  terminal.prompt();
  for await (const line of terminal) {
    if (line.trim() !== '') {
      messages.push({ role: 'user', content: line });
      running = new AbortController();
      await turn(api, model, messages, running.signal).catch((error: unknown) => {
        messages.pop();
        console.error(error instanceof Error ? plainText(error.message) : String(error));
      });
      running = undefined;
    }
    terminal.prompt();
  }
}
