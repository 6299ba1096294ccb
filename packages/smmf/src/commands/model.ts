import { createInterface } from 'node:readline/promises';
import { SmmfError } from '@smmf/runtime';
import type OpenAI from 'openai';
import { apiOf, type ConnectionOptions } from '../connection.ts';
import { type OutputOptions, plainText, printRows } from '../output.ts';

type Message = OpenAI.Chat.ChatCompletionMessageParam;

async function connect(options: ConnectionOptions): Promise<{ client: OpenAI; url: string }> {
  // Its client would send OPENAI_ORG_ID, OPENAI_CUSTOM_HEADERS and the like along; this command reads SMMF_ variables alone.
  for (const name of Object.keys(process.env)) if (name.startsWith('OPENAI_')) delete process.env[name];
  const { default: Client } = await import('openai');
  const { baseURL, apiKey } = await apiOf(options);
  return { client: new Client({ baseURL, apiKey, maxRetries: 0 }), url: baseURL };
}

/** Errors of the OpenAI client in our own words. */
async function translated<T>(url: string, work: Promise<T>): Promise<T> {
  const { APIConnectionError, APIError } = await import('openai');
  return work.catch((cause: unknown) => {
    if (cause instanceof APIConnectionError) {
      throw new SmmfError('UNREACHABLE', `Nothing answers at ${url}; is "smmf start" running there?`, { cause });
    }
    if (cause instanceof APIError) throw new SmmfError('INVALID_REQUEST', plainText(cause.message), { cause });
    throw cause;
  });
}

/** `smmf model list` */
export async function listModels(options: ConnectionOptions & OutputOptions): Promise<void> {
  const { client, url } = await connect(options);
  const { data } = await translated(url, client.models.list());
  const rows = data.map((model) => {
    const { tasks, max_model_len } = model as { tasks?: readonly string[]; max_model_len?: number };
    return { id: plainText(model.id), tasks: (tasks ?? []).join(','), context: max_model_len ?? '' };
  });
  printRows(rows, data, options);
}

async function answer(client: OpenAI, model: string, messages: Message[], signal: AbortSignal): Promise<string> {
  const stream = await client.chat.completions.create({ model, messages, stream: true }, { signal });
  let text = '';
  for await (const chunk of stream) {
    const piece = chunk.choices[0]?.delta.content ?? '';
    text += piece;
    process.stdout.write(plainText(piece));
  }
  process.stdout.write('\n');
  return text;
}

async function turn(
  client: OpenAI,
  url: string,
  model: string,
  messages: Message[],
  signal: AbortSignal,
): Promise<void> {
  try {
    messages.push({ role: 'assistant', content: await translated(url, answer(client, model, messages, signal)) });
  } catch (error) {
    if (!signal.aborted) throw error;
    messages.pop();
    process.stdout.write('\n(stopped)\n');
  }
}

/** One question from a pipe, one answer. */
async function answerPipe(client: OpenAI, url: string, model: string): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of process.stdin) parts.push(part as Buffer);
  const content = Buffer.concat(parts).toString().trim();
  if (content === '')
    throw new SmmfError('CONFIG_INVALID', 'Nothing came on standard input; type a question or pipe one in');
  await turn(client, url, model, [{ role: 'user', content }], new AbortController().signal);
}

/** `smmf model chat MODEL`: streams, keeps the conversation; Ctrl-C stops the answer, a second one at the prompt the program. */
export async function chat(model: string, options: ConnectionOptions): Promise<void> {
  const { client, url } = await connect(options);
  await translated(url, client.models.retrieve(model));
  if (!process.stdin.isTTY) return answerPipe(client, url, model);
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
      await turn(client, url, model, messages, running.signal).catch((error: unknown) => {
        messages.pop();
        console.error(error instanceof Error ? error.message : String(error));
      });
      running = undefined;
    }
    terminal.prompt();
  }
}
