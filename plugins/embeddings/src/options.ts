import { endpointOption, oneAuthorization } from '@smmf/client';
import { option } from '@smmf/core';
import * as z from 'zod';
import { isGguf, USE_LLAMACPP } from './sources.ts';

const count = () => z.int().positive();

const ELSEWHERE = 'a server elsewhere is reached by url together with server: tei, infinity or huggingface';

/** A model in a process of our own. */
const local = z.strictObject({
  server: z.literal('none').optional().default('none').describe('The model runs in a process of its own, from source'),
  source: option
    .source(`needed: the folder with an ONNX model, for a model that runs here; ${ELSEWHERE}, in place of source`)
    .refine((source) => !isGguf(source), { error: USE_LLAMACPP })
    .describe('The folder with the ONNX model: a path, or a repository hf://org/repo, or a list tried in order'),
  task: z
    .enum(['embeddings', 'rerank'])
    .default('embeddings')
    .describe('rerank: the model is a cross-encoder, which reads a query and a document together'),
  pooling: z
    .enum(['mean', 'cls', 'last'])
    .optional()
    .describe(
      "How a text's vector comes from those of its tokens; default: what 1_Pooling/config.json says, else mean",
    ),
  normalize: z
    .boolean()
    .optional()
    .describe('Make every vector of length 1; default: what modules.json says, true where there is none'),
  maxTokens: count()
    .min(8)
    .optional()
    .describe('Tokens of a text, or of a query and a document; default and upper bound: what the model is made for'),
  truncate: z
    .enum(['end', 'error'])
    .default('end')
    .describe('A longer text loses its end, which the header x-smmf-truncated tells, or is refused'),
  dtype: z
    .enum(['fp32', 'fp16', 'q8', 'int8', 'uint8', 'q4', 'q4f16', 'bnb4'])
    .default('fp32')
    .describe('Which of the ONNX files: onnx/model.onnx, onnx/model_fp16.onnx, onnx/model_quantized.onnx (q8), …'),
  threads: count().max(64).default(1).describe('Threads; each holds the model once and computes one batch at a time'),
  intraOpThreads: count().max(64).default(1).describe('Threads that compute one batch together'),
  batchItems: count().max(1_024).default(16).describe('Texts in one batch'),
  batchTokens: count().default(2_048).describe('Texts in one batch times the longest of them, in tokens'),
  batchWait: option.duration().prefault('2ms').describe('Longest wait of a text for others to share its batch'),
  url: z
    .never({
      error: `source is for a model that runs here, url for one that does not: keep one of them; ${ELSEWHERE}`,
    })
    .optional(),
});

/** A server that is running already. */
const remote = z.strictObject({
  server: z
    .enum(['tei', 'infinity', 'huggingface'])
    .describe(
      'What answers at url: Text Embeddings Inference, Infinity, or an endpoint that @huggingface/inference can ask for featureExtraction',
    ),
  url: endpointOption
    .url()
    .describe(
      'Its address: of TEI with or without /v1, of Infinity with its --url-prefix, of huggingface what featureExtraction posts to',
    ),
  source: z
    .never({ error: 'the model is where url says: keep url, or leave url and server out for a model that runs here' })
    .optional(),
  task: z
    .enum(['embeddings', 'rerank'])
    .default('embeddings')
    .describe('What its model does; huggingface knows embeddings alone'),
  model: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Its own name of the model; default: the model id of the config, or the only one that Infinity lists. TEI and huggingface have one model',
    ),
  batch: count()
    .max(2_048)
    .optional()
    .describe(
      'Most texts in one call of TEI or huggingface; more go in parts (rerank: are refused). Default what TEI tells, else 32. A higher one than TEI tells has no effect',
    ),
  apiKey: option.secret().optional().describe('Sent as a bearer token'),
  headers: endpointOption.headers().optional().describe('Sent with every request, for a proxy before the server'),
  connectTimeout: option.duration().prefault('1s').describe('Limit for connecting'),
  proxy: endpointOption
    .proxy('none')
    .describe('env: through the proxy that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name for it; none: directly'),
  tls: endpointOption
    .tls()
    .optional()
    .describe(
      'PEM files or texts: ca (further authorities of the server), cert and key (who SMMF is): { ca, cert, key }',
    ),
  probe: endpointOption
    .probe()
    .describe('How often, and within which limit, it is asked whether it is there: { interval, timeout }'),
});

/** Options of the engine. */
export const options = z
  .discriminatedUnion('server', [local, remote], {
    error: ({ code }) =>
      code === 'invalid_union'
        ? 'server is tei, infinity or huggingface; left out for a model that runs here'
        : undefined,
  })
  .refine((given) => given.server === 'none' || oneAuthorization(given), {
    path: ['headers'],
    error: 'authorization is set by apiKey already; keep one of them',
  })
  .refine((given) => given.server !== 'huggingface' || given.task === 'embeddings', {
    path: ['task'],
    error:
      'featureExtraction gives vectors and no scores: rerank needs server: tei or infinity, or a model that runs here',
  })
  .refine((given) => given.server !== 'infinity' || given.batch === undefined, {
    path: ['batch'],
    error: 'Infinity takes 2,048 texts at once, as many as a request may have; leave batch out',
  });

/** Options of a server, checked. */
export type RemoteSettings = z.output<typeof remote>;
/** Options of the engine, as written in the config. */
export type EmbeddingsOptions = z.input<typeof options>;
