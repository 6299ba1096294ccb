import { endpointOption, oneAuthorization } from '@smmf/client';
import { option } from '@smmf/core';
import * as z from 'zod';

const reach = {
  apiKey: option.secret().optional().describe('Sent as a bearer token'),
  headers: endpointOption.headers().optional().describe('Sent with every request, for a proxy before the server'),
  connectTimeout: option.duration().prefault('1s').describe('Limit for connecting'),
  proxy: endpointOption
    .proxy('none')
    .describe('env: through the proxy that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name for it; none: directly'),
  probe: endpointOption
    .probe()
    .describe('How often, and within which limit, it is asked whether it is there: { interval, timeout }'),
};

const tasks = () => z.array(z.enum(['chat', 'completions'])).min(1);

const trtllm = z.strictObject({
  server: z.literal('trtllm-serve').optional().default('trtllm-serve').describe('Speaks OpenAI itself'),
  url: endpointOption.url().describe('Address of a running trtllm-serve, with or without /v1'),
  served: z
    .string()
    .optional()
    .describe(
      'Its own name of the model (the last part of its folder); default: the model id of the config, or the only one that it lists',
    ),
  tasks: tasks().default(['chat', 'completions']).describe('What the model does'),
  tls: endpointOption
    .tls()
    .optional()
    .describe(
      'PEM files or texts: ca (further authorities of the server), cert and key (who SMMF is): { ca, cert, key }',
    ),
  strict: endpointOption.strict(),
  ...reach,
});

const triton = z.strictObject({
  server: z.literal('triton').describe("Speaks KServe's protocol; requests are translated"),
  url: endpointOption.url().describe("Address of Triton's HTTP service (its port 8000), without /v2"),
  model: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Name of the model in its repository (ensemble, tensorrt_llm_bls, tensorrt_llm …); default: the model id of the config',
    ),
  tasks: tasks()
    .optional()
    .describe('What the model does; default completions, and chat where there is a chat template'),
  template: z
    .string()
    .min(1)
    .optional()
    .describe('Chat template, in Jinja: its text, or the path of a file. Goes before the one in tokenizer'),
  tokenizer: option
    .source()
    .optional()
    .describe(
      "The model's folder with tokenizer_config.json and, where it has one, chat_template.jinja: gives chats their template",
    ),
  keepBos: z
    .boolean()
    .default(false)
    .describe(
      'Leave the begin token that the template writes in the prompt; by default models of Triton add their own',
    ),
  maxTokens: z
    .int()
    .positive()
    .default(1024)
    .describe('Longest answer of a chat that names no limit: Triton wants one with every request'),
  contextLength: z.int().positive().optional().describe('Tokens of prompt and answer together; Triton does not tell'),
  slots: z.int().positive().default(256).describe('Calls at once; more wait in line'),
  metrics: z
    .union([endpointOption.url(), z.literal(false)])
    .optional()
    .describe(
      "Address of Triton's metrics; default http://HOST:8002/metrics with the host of url; false: load is unknown",
    ),
  manage: z
    .boolean()
    .default(false)
    .describe('Load the model when it is not loaded, and unload it at the end if so (--model-control-mode=explicit)'),
  loadTimeout: option.duration().prefault('10m').describe('Limit for loading the model'),
  ...reach,
});

/** Options of the TensorRT-LLM engine. */
export const options = z
  .discriminatedUnion('server', [trtllm, triton], { error: unknownServer })
  .refine(oneAuthorization, { path: ['headers'], error: 'authorization is set by apiKey already; keep one of them' })
  .refine((given) => !isChatWithoutTemplate(given), {
    path: ['tasks'],
    error:
      'Triton has no chat template: give one as template (its text or a file) or the folder as tokenizer, or leave chat out',
  });

function unknownServer({ code }: { readonly code?: string }): string | undefined {
  return code === 'invalid_union' ? 'server is trtllm-serve (default) or triton' : undefined;
}

function isChatWithoutTemplate(given: z.output<typeof trtllm> | z.output<typeof triton>): boolean {
  if (given.server !== 'triton' || given.tasks?.includes('chat') !== true) return false;
  return given.template === undefined && given.tokenizer === undefined;
}

/** Options of a trtllm-serve, checked. */
export type TrtllmSettings = z.output<typeof trtllm>;
/** Options of a model of Triton, checked. */
export type TritonSettings = z.output<typeof triton>;
/** Options of the TensorRT-LLM engine, as written in the config. */
export type TensorRtOptions = z.input<typeof options>;
