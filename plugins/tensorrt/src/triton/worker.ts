import { type Call, type EngineContext, SmmfError, type Worker } from '@smmf/core';
import type { ChatRequest, CompletionRequest, GenerationEvent, Health, TaskId } from '@smmf/protocol';
import type { TritonSettings } from '../options.ts';
import { answer, type Job, type Planned, type Watch } from './answer.ts';
import { type ChatTemplate, loadChatTemplate } from './chat-template.ts';
import { createTritonClient, type TritonClient } from './client.ts';
import { forOperator } from './errors.ts';
import { probeTriton } from './health.ts';
import { loadOf } from './metrics.ts';
import { discoverModel, type TritonModel } from './model.ts';
import { chatPrompt, completionPrompts } from './prompts.ts';
import { ManagedModel } from './repository.ts';
import { bodyOf, readStops, refuse } from './request.ts';

/** OpenAI's own default for completions. */
const COMPLETION_TOKENS = 16;

/** A model of a Triton that runs already: requests are translated in this process. */
class TritonWorker implements Worker {
  readonly models: Worker['models'];
  readonly tasks: Worker['tasks'];
  readonly slots: number;
  readonly probe: NonNullable<Worker['probe']>;
  readonly load?: NonNullable<Worker['load']>;
  readonly #settings: TritonSettings;
  readonly #context: EngineContext;
  readonly #client: TritonClient;
  readonly #name: string;
  readonly #managed: ManagedModel | undefined;
  readonly #running = new Set<AbortController>();
  #model: TritonModel | undefined;
  #closed: Promise<void> | undefined;

  constructor(settings: TritonSettings, context: EngineContext, template: ChatTemplate | undefined) {
    this.#settings = settings;
    this.#context = context;
    this.#client = createTritonClient(settings, context);
    this.#name = settings.model ?? context.model;
    const { manage, loadTimeout: loadTimeoutMs, contextLength, metrics, slots, probe } = settings;
    const { clock, logger } = context;
    const subject = { client: this.#client, name: this.#name, clock, logger, loadTimeoutMs };
    this.#managed = manage ? new ManagedModel(subject) : undefined;
    const tasks: TaskId[] = settings.tasks ?? (template ? ['chat', 'completions'] : ['completions']);
    this.models = [{ id: context.model, tasks, ...(contextLength === undefined ? {} : { contextLength }) }];
    this.tasks = {
      ...(template && tasks.includes('chat')
        ? { chat: (request, call) => this.#answer((model) => this.#chat(request, template, model), call) }
        : {}),
      ...(tasks.includes('completions')
        ? { completions: (request, call) => this.#answer((model) => completion(request, model), call) }
        : {}),
    };
    this.slots = slots;
    this.probe = probe;
    if (metrics !== false) this.load = (signal) => this.#load(signal);
  }

  async health(signal: AbortSignal): Promise<Health> {
    if (this.#closed !== undefined) return { live: false, ready: false, reason: 'the worker is closed' };
    const found = await probeTriton({ client: this.#client, name: this.#name, managed: this.#managed }, signal);
    // What is loaded anew may be another version of it.
    if (!found.ready && !found.isUndecided) this.#model = undefined;
    if (!found.ready) return found;
    try {
      await this.#discover(signal);
      return found;
    } catch (error) {
      return { live: true, ready: false, reason: forOperator(error) };
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #end(): Promise<void> {
    for (const controller of this.#running) controller.abort(closedError(this.#context.model));
    await this.#managed?.release();
  }

  async #discover(signal: AbortSignal): Promise<TritonModel> {
    this.#model ??= await discoverModel(this.#client, this.#name, signal);
    return this.#model;
  }

  async #load(signal: AbortSignal) {
    const text = (await this.#client.metrics(signal)) ?? '';
    return loadOf(text, this.#name, this.#context.clock.wallMs());
  }

  #answer(jobFor: (model: TritonModel) => Job, call: Call): AsyncIterable<GenerationEvent> {
    const plan = async (signal: AbortSignal): Promise<Planned> => {
      const model = await this.#discover(signal);
      const place = { client: this.#client, name: this.#name, model, now: () => this.#context.clock.now() };
      return { job: jobFor(model), place };
    };
    return answer(() => this.#begin(call), plan, call);
  }

  #begin(call: Call): Watch {
    if (this.#closed !== undefined) throw closedError(this.#context.model);
    call.signal.throwIfAborted();
    const controller = new AbortController();
    const abort = (): void => controller.abort(call.signal.reason);
    call.signal.addEventListener('abort', abort, { once: true });
    this.#running.add(controller);
    const end = (): void => {
      call.signal.removeEventListener('abort', abort);
      this.#running.delete(controller);
    };
    return { signal: controller.signal, end };
  }

  #chat(request: ChatRequest, template: ChatTemplate, model: TritonModel): Job {
    const { maxTokens: most, keepBos } = this.#settings;
    const maxTokens = request.max_completion_tokens ?? request.max_tokens ?? most;
    return jobOf(request, [chatPrompt(template, request, keepBos)], maxTokens, model);
  }
}

const completion = (request: CompletionRequest, model: TritonModel): Job =>
  jobOf(request, completionPrompts(request), request.max_tokens ?? COMPLETION_TOKENS, model);

function jobOf(
  request: ChatRequest | CompletionRequest,
  prompts: readonly string[],
  maxTokens: number,
  model: TritonModel,
): Job {
  refuse(request);
  const asked = { maxTokens, stops: readStops(request) };
  return { ...asked, prompts, body: bodyOf(request, asked, model) };
}

const closedError = (model: string): SmmfError =>
  new SmmfError('CLOSED', `The worker of "${model}" at Triton is closed`);

/**
 * A worker over one model of a running Triton. Resolves also when Triton is down; its health then says so.
 * @throws CONFIG_INVALID for chats that are asked for and have no chat template
 */
export async function createTritonWorker(settings: TritonSettings, context: EngineContext): Promise<Worker> {
  const template = await loadChatTemplate(settings, context);
  if (!template && settings.tasks?.includes('chat')) {
    const text =
      'The folder named as tokenizer holds no chat template (chat_template.jinja, or chat_template in tokenizer_config.json); give one as template, or leave chat out of tasks';
    throw new SmmfError('CONFIG_INVALID', text);
  }
  return new TritonWorker(settings, context, template);
}
