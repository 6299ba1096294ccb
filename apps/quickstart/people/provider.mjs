// @ts-check
// Stands in for a service that speaks the OpenAI API: `node provider.mjs PORT MODEL`. It answers with the name of its model, slowly; while
// the file DOWN of its folder is there it fails every request.
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';

const [port = '0', model = 'model', down = ''] = process.argv.slice(2);

createServer((request, response) => {
  request.resume();
  const isList = request.url === '/v1/models';
  const status = !isList && existsSync(down) ? 503 : 200;
  const list = { object: 'list', data: [{ id: model, object: 'model' }] };
  const message = { role: 'assistant', content: `I am ${model}` };
  const usage = { prompt_tokens: 3, completion_tokens: 3, total_tokens: 6 };
  const answer = {
    id: 'x',
    object: 'chat.completion',
    created: 0,
    model,
    choices: [{ index: 0, message, finish_reason: 'stop' }],
    usage,
  };
  const error = { error: { message: 'out of order', type: 'server_error', code: null, param: null } };
  setTimeout(
    () => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(isList ? list : status === 200 ? answer : error));
    },
    isList ? 0 : 300,
  );
}).listen(Number(port), '127.0.0.1', () => console.log('up'));
