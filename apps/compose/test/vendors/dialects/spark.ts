import type { Dialect, Json, Refusal } from '../dialect.ts';
import { openAiError, PROXY_ROWS } from '../error-shapes.ts';
import { list, record } from '../reading.ts';

const SID = 'cha000b000c@dx1905cf38fc8b86d552';

/** An error that comes with HTTP 200, told by its code alone. */
const coded = (code: number, message: string): Refusal => ({ status: 200, body: { code, message, sid: SID } });

/** Spark names neither object nor model nor finish reason; tool calls are a list for those alone who switch that on. */
function shaped(answer: Json, { tool_calls_switch }: Json): Json {
  const { object: _object, model: _model, choices, ...more } = answer;
  const own = list(choices).map((choice) => {
    const { finish_reason: _finish, ...rest } = record(choice) ?? {};
    const field = 'delta' in rest ? 'delta' : 'message';
    const { tool_calls, ...said } = record(rest[field]) ?? {};
    if (tool_calls === undefined) return rest;
    const given = tool_calls_switch === true ? tool_calls : list(tool_calls)[0];
    return { ...rest, [field]: { ...said, tool_calls: given } };
  });
  return { code: 0, message: 'Success', sid: SID, ...more, choices: own };
}

/** iFlytek Spark over HTTP, version 1. */
export const dialect: Dialect = {
  vendor: 'iFlytek Spark',
  name: 'Spark',
  plugin: 'proxy-spark',
  sources: [
    { of: 'requests, answers, errors of HTTP', at: 'xfyun.cn/doc/spark/HTTP调用文档.html', seen: '2026-11-28' },
    { of: 'codes of errors', at: 'xfyun.cn/doc/spark/Web.html', seen: '2026-11-23' },
    { of: 'tool_calls_switch', at: 'the same page, as three open clients send it', seen: '2026-11-28' },
  ],
  base: '/v1',
  auth: { kind: 'bearer' },
  key: 'scripted-password',
  models: { chat: 'generalv3.5' },
  request: {
    ranges: { temperature: { above: 0, max: 1 }, top_k: { min: 1, max: 6 }, max_tokens: { min: 1, max: 8192 } },
    refusal: (_, message) => openAiError(400, { message, type: 'api_error', code: '10003' }),
  },
  stream: { usage: 'last', role: 'every', finish: 'with content', calls: 'whole', prefix: 'data:' },
  reply: shaped,
  chunk: (chunk, _, body) => shaped(chunk, body),
  finishes: { stop: 'stop' },
  finishOfTools: 'stop',
  tools: true,
  images: false,
  n: false,
  errors: [
    { name: 'wrong key', kind: 'credential', ...openAiError(401, { message: 'invalid user', type: 'api_error' }) },
    { name: 'no right', kind: 'credential', ...coded(11_200, 'AppIdNoAuthError') },
    { name: 'daily limit', kind: 'credential', ...coded(11_201, 'AppIdNoAuthError: daily limit') },
    { name: 'too many a second', kind: 'rate', ...coded(11_202, 'AppIdQpsOverFlowError') },
    { name: 'too many at once', kind: 'rate', ...coded(11_203, 'AppIdConcurrencyOverFlowError') },
    { name: 'refused content', kind: 'filter', ...coded(10_013, 'input content audit failed') },
    { name: 'prompt too long', kind: 'context', ...coded(10_907, 'token number exceeds the limit') },
    { name: 'bad parameter', kind: 'request', ...coded(10_003, 'user message format error') },
    { name: 'busy', kind: 'overload', ...coded(10_110, 'service is busy') },
    { name: 'refused answer', kind: 'filter', place: 'late', ...coded(10_014, 'output content audit failed') },
    { name: 'refused at once', kind: 'filter', place: 'event', ...coded(10_013, 'input content audit failed') },
    ...PROXY_ROWS,
  ],
  requests: [
    { name: 'nothing more', sends: {}, arrives: {} },
    {
      name: 'what Spark knows',
      sends: { temperature: 0.5, top_k: 4, max_tokens: 64 },
      arrives: { temperature: 0.5, top_k: 4, max_tokens: 64 },
    },
    { name: 'too warm', sends: { temperature: 1.5 }, arrives: { temperature: 1 }, adjusted: ['temperature'] },
    { name: 'too many candidates', sends: { top_k: 50 }, arrives: { top_k: 6 }, adjusted: ['top_k'] },
    { name: 'too long', sends: { max_tokens: 10_000 }, arrives: { max_tokens: 8192 }, adjusted: ['max_tokens'] },
  ],
  witness: { sdk: 'openai', differences: {}, sends: { tool_calls_switch: true } },
};
