import { createServer } from 'node:http';
import { getLlama, type LlamaContextSequence } from 'node-llama-cpp';

/**
 * The least that a server over node-llama-cpp can do, with the library's own batching: one process, no template, no limits, no
 * checks, no counting, each token an event.
 */

const [modelPath = '', threads = '1', parallel = '8'] = process.argv.slice(2);
const llama = await getLlama({ gpu: false, build: 'never', skipDownload: true, maxThreads: Number(threads) });
const model = await llama.loadModel({ modelPath });
const context = await model.createContext({
  sequences: Number(parallel),
  contextSize: 2048,
  threads: Number(threads),
});
const free: LlamaContextSequence[] = Array.from({ length: Number(parallel) }, () => context.getSequence());

async function complete(prompt: string, limit: number, write: (event: object) => void): Promise<void> {
  const sequence = free.shift();
  if (!sequence) throw new Error('more requests than sequences');
  await sequence.clearHistory();
  const tokens = model.tokenize(prompt, true);
  let count = 0;
  for await (const token of sequence.evaluate(tokens, { temperature: 0, yieldEogToken: true })) {
    write({ choices: [{ index: 0, text: model.detokenize([token]) || ' ', finish_reason: null }] });
    if (++count >= limit) break;
  }
  free.push(sequence);
  write({ choices: [], usage: { prompt_tokens: tokens.length, completion_tokens: count } });
}

const server = createServer(async (request, response) => {
  let body = '';
  for await (const piece of request) body += String(piece);
  const { prompt, max_tokens: limit } = JSON.parse(body) as { prompt: string; max_tokens: number };
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  await complete(prompt, limit, (event) => void response.write(`data: ${JSON.stringify(event)}\n\n`));
  response.end('data: [DONE]\n\n');
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(`ready ${typeof address === 'object' ? address?.port : ''}`);
});
process.once('SIGTERM', () => process.exit(0));
