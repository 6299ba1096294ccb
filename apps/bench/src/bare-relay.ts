import { createServer } from 'node:http';
import { Pool } from 'undici';

/**
 * The least that a relay in Node can do: node:http in front, undici's `dispatch` behind, the body kept as bytes. No keys,
 * no limits, no metrics, no log, no deadlines, no look at the answer.
 */

const [upstream = '', port = '0'] = process.argv.slice(2);
const pool = new Pool(upstream, { pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });
const HEADERS = ['content-type', 'application/json'];

const server = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    const body = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
    let abort = (): void => undefined;
    response.on('close', () => {
      if (!response.writableFinished) abort();
    });
    pool.dispatch(
      { method: 'POST', path: request.url ?? '/', headers: HEADERS, body },
      {
        onRequestStart(controller) {
          abort = () => controller.abort(new Error('gone'));
        },
        onResponseStart(_controller, status, headers) {
          const length = headers['content-length'];
          const type = { 'content-type': String(headers['content-type']) };
          response.writeHead(status, length === undefined ? type : { ...type, 'content-length': String(length) });
        },
        onResponseData(controller, chunk) {
          if (response.write(chunk)) return;
          controller.pause();
          response.once('drain', () => controller.resume());
        },
        onResponseEnd: () => void response.end(),
        onResponseError: () => void response.destroy(),
      },
    );
  });
});
server.keepAliveTimeout = 75_000;
server.listen(Number(port), '127.0.0.1', () => {
  const address = server.address();
  console.log(`ready ${typeof address === 'object' ? address?.port : ''}`);
});
