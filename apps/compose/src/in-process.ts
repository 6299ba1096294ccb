import { createSmmf } from 'smmf';
import { config } from './config.ts';

// One function call, no HTTP: the engine still runs in a process of its own.
const smmf = await createSmmf(config, { baseDir: import.meta.dirname });
const messages = [{ role: 'user' as const, content: 'What is the capital of France? Answer in one word.' }];

const reply = await smmf.chat({ model: 'chat', messages, max_tokens: 32 });
console.log(reply.choices[0]?.message.content);

for await (const chunk of smmf.chat({ model: 'chat', messages, max_tokens: 32, stream: true })) {
  process.stdout.write(chunk.choices[0]?.delta.content ?? '');
}
process.stdout.write('\n');

await smmf.close();
