// CPU time of single functions of the wire path, in this checkout or another: `node --conditions=smmf-source micro.ts [FOLDER]`.
// The least of 30 runs of 20,000 calls each: what a call costs when nothing disturbs it.
import { resolve } from 'node:path';

const root = resolve(process.argv[2] ?? `${import.meta.dirname}/../../..`);
const { StreamTap } = await import(`${root}/packages/router/src/stream-tap.ts`);
const { ReplyTap } = await import(`${root}/packages/router/src/reply-tap.ts`);
const { checkFrame } = await import(`${root}/packages/server/src/check-frame.ts`);

const RUNS = 30;
const CALLS = 20_000;

function measure(name: string, call: () => void): void {
  let leastUs = Number.POSITIVE_INFINITY;
  for (let run = 0; run < RUNS; run++) {
    const before = process.cpuUsage();
    for (let count = 0; count < CALLS; count++) call();
    const { user, system } = process.cpuUsage(before);
    leastUs = Math.min(leastUs, (user + system) / CALLS);
  }
  console.log(`${name.padEnd(44)} ${leastUs.toFixed(2)} µs`);
}

const chunk = (model: string): Buffer =>
  Buffer.from(
    `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"${model}","choices":[{"index":0,"delta":{"content":" word"},"logprobs":null,"finish_reason":null}]}\n\n`,
  );
const reply = Buffer.from(
  `{"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"${'word '.repeat(12)}"},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":20,"completion_tokens":10,"total_tokens":30}}`,
);
const body = (bytes: number): Buffer =>
  Buffer.from(
    JSON.stringify({
      model: 'm',
      messages: [{ role: 'user', content: 'x'.repeat(bytes) }],
      max_tokens: 16,
      stream: false,
    }),
  );

for (const [name, model] of [
  ['one event of a stream', 'm'],
  ['the same with another name of the model', 'upstream/m'],
] as const) {
  const tap = new StreamTap(true, 'm');
  const bytes = chunk(model);
  measure(name, () => void tap.push(bytes));
}
measure('a whole reply, usage included', () => {
  const tap = new ReplyTap('chat', false, 'm');
  tap.push(reply);
  void tap.whole().usage;
});
for (const bytes of [100, 10_000]) {
  const frame = body(bytes);
  measure(`the frame of a body of ${bytes} bytes`, () => void checkFrame('chat', frame));
}
