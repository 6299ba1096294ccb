import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Call,
  definePlugin,
  type EngineContext,
  ERROR_CODES,
  option,
  SmmfError,
  type TaskMap,
  type Worker,
} from '@smmf/core';
import type { ChatRequest, CompletionRequest, ErrorCode, GenerationEvent } from '@smmf/protocol';
import * as z from 'zod';
import { answerTo, lastText, promptText, usageOf } from './demo-words.ts';

/** Options of the demo engine: what it does beside answering well. */
const options = z.strictObject({
  tokenMs: z.number().nonnegative().default(0).describe('Wait before each word, milliseconds'),
  slots: z.number().int().positive().optional().describe('Requests at once'),
  source: option.source().optional().describe('Fetched before it is ready; its path is the answer to "where"'),
  startMs: z.number().nonnegative().default(0).describe('How long its start takes, milliseconds'),
  hangInStart: z.boolean().default(false).describe('Never gets ready'),
  failInStart: z
    .enum(Object.keys(ERROR_CODES) as [ErrorCode])
    .optional()
    .describe('Code of the error that its start ends with'),
  exitInStart: z.number().int().optional().describe('Exit code with which its process ends while starting'),
  crashOn: z.string().optional().describe('A prompt at which its process aborts'),
  blockOn: z.string().optional().describe('A prompt at which its process stops answering at all'),
  throwOn: z.string().optional().describe('A prompt at which it throws after the first word'),
  helper: z.boolean().default(false).describe('Starts another process beside its own'),
  secret: option.secret().optional().describe('Kept to itself'),
});

type Options = z.output<typeof options>;

/** What the engine has running, for its load, and what ends it. */
interface Running {
  count: number;
  readonly closing: AbortSignal;
}

async function* generate(
  prompt: string,
  request: ChatRequest | CompletionRequest,
  call: Call,
  { tokenMs, crashOn, blockOn, throwOn }: Options,
  running: Running,
): AsyncGenerator<GenerationEvent> {
  if (prompt === crashOn) process.abort();
  if (prompt === blockOn) for (;;);
  running.count++;
  try {
    const { pieces, reason, choices } = answerTo(prompt, request);
    const signal = AbortSignal.any([call.signal, running.closing]);
    for (let choice = 0; choice < choices; choice++) {
      for (const text of pieces) {
        if (tokenMs > 0) await delay(tokenMs, undefined, { signal });
        signal.throwIfAborted();
        yield { type: 'text', choice, text };
        if (prompt === throwOn) throw new Error('The demo engine was told to throw');
      }
      yield { type: 'finish', choice, reason };
    }
    yield { type: 'usage', usage: usageOf(prompt, pieces.length * choices) };
  } finally {
    running.count--;
  }
}

async function start(settings: Options, context: EngineContext): Promise<string | undefined> {
  const { startMs, hangInStart, failInStart, exitInStart, source, helper } = settings;
  if (helper) spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  if (startMs > 0) await delay(startMs, undefined, { signal: context.signal });
  if (exitInStart !== undefined) {
    process.stderr.write('demo engine: leaving while it starts\n');
    process.exit(exitInStart);
  }
  if (failInStart !== undefined) throw new SmmfError(failInStart, 'The demo engine was told to fail in its start');
  if (hangInStart) await new Promise((_, reject) => context.signal.addEventListener('abort', reject));
  return source === undefined ? undefined : context.modelFile(source);
}

async function create(settings: Options, context: EngineContext): Promise<Worker> {
  const file = await start(settings, context);
  const closing = new AbortController();
  const running: Running = { count: 0, closing: closing.signal };
  const mustBeOpen = (): void => closing.signal.throwIfAborted();
  const tasks: TaskMap = {
    chat(request, call) {
      mustBeOpen();
      const prompt = lastText(request);
      const said = prompt === 'where' && file !== undefined ? file : prompt;
      return generate(said, request, call, settings, running);
    },
    completions(request, call) {
      mustBeOpen();
      return generate(promptText(request), request, call, settings, running);
    },
  };
  return {
    models: [{ id: context.model, tasks: ['chat', 'completions'], contextLength: 65_536 }],
    ...(settings.slots === undefined ? {} : { slots: settings.slots }),
    tasks,
    health: async () => ({ live: true, ready: !closing.signal.aborted }),
    load: async () => ({ running: running.count, sampledAtMs: context.clock.wallMs() }),
    async close() {
      closing.abort(new SmmfError('CLOSED', 'The demo engine is closed'));
    },
  };
}

/** The engine plugin `demo`: echoes the prompt word by word in a process of its own, with faults on demand. */
// biome-ignore lint/style/noDefaultExport: the one of a plugin
export default definePlugin({ kind: 'engine', name: 'demo', options, create });
