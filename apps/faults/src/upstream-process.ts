// A server as vLLM shows itself, on the port of its argument: it lists one model, and says what it is told, word by word.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

const [port = '0', model = ''] = process.argv.slice(2);
const GAP_MS = 40;

interface Asked {
  readonly stream?: boolean;
  readonly messages: readonly { readonly content: string }[];
}

const chunk = (delta: object, finish_reason: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model, choices: [{ index: 0, delta, finish_reason }] })}\n\n`;

async function chat(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const { stream = false, messages } = JSON.parse(await text(incoming)) as Asked;
  const words = `echo: ${messages.at(-1)?.content ?? ''}`.match(/^\S*| \S*/g) ?? [];
  outgoing.writeHead(200, { 'content-type': stream ? 'text/event-stream' : 'application/json' });
  for (const content of words) {
    await delay(GAP_MS);
    if (stream) outgoing.write(chunk({ content }));
  }
  const message = { role: 'assistant', content: words.join('') };
  const usage = { prompt_tokens: 1, completion_tokens: words.length, total_tokens: words.length + 1 };
  const reply = { id: 'chatcmpl-1', object: 'chat.completion', created: 1, model, usage };
  const choices = [{ index: 0, message, finish_reason: 'stop' }];
  outgoing.end(stream ? `${chunk({}, 'stop')}data: [DONE]\n\n` : JSON.stringify({ ...reply, choices }));
}

createServer((incoming, outgoing) => {
  if (incoming.method === 'POST') {
    chat(incoming, outgoing).catch(() => outgoing.destroy());
    return;
  }
  const isList = incoming.url === '/v1/models';
  const list = { object: 'list', data: [{ id: model, object: 'model', max_model_len: 4096 }] };
  outgoing.writeHead(200, { 'content-type': 'application/json' }).end(isList ? JSON.stringify(list) : '{}');
}).listen(Number(port), '127.0.0.1');
