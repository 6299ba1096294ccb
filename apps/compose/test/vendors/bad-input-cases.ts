import type { Dialect, ErrorRow, Json } from './dialect.ts';
import { openAiError } from './error-shapes.ts';
import type { Surroundings } from './gateway.ts';
import type { Answer, Recorded } from './scripted-vendor.ts';
import { readDialect } from './vendor-list.ts';

/** A fault of what an operator has written, of his account, or of what stands between. */
export interface BadInput {
  readonly name: string;
  readonly dialect: Dialect;
  /** What the model says beside what it must. */
  readonly model?: Json;
  readonly around?: Surroundings;
  /** What the client gets. */
  readonly status: number;
  readonly code: string;
  /** What failed, which thing, and what to do. */
  readonly says: RegExp;
  /** The key is out; else it is as good as before. */
  readonly isOut: boolean;
  /** What the operator finds in the log, or beside the instance, where the client is not told all of it. */
  readonly log?: RegExp;
}

const [openai, azure, entra, tongyi, moonshot, zhipu, jwt, deepseek, spark, groq] = (await Promise.all(
  'openai azure azure-dated tongyi moonshot zhipu zhipu-jwt deepseek spark groq'.split(' ').map(readDialect),
)) as [Dialect, Dialect, Dialect, Dialect, Dialect, Dialect, Dialect, Dialect, Dialect, Dialect];

type Answered = Pick<ErrorRow, 'status' | 'body' | 'headers'>;

const answerOf = ({ status, body, headers = {} }: Answered): Answer => {
  const isText = typeof body === 'string';
  const type = { 'content-type': isText ? 'text/html' : 'application/json' };
  return { status, headers: { ...type, ...headers }, pieces: [isText ? body : JSON.stringify(body)] };
};

const isChat = ({ method, path }: Recorded): boolean => method === 'POST' && path.includes('/chat/completions');

/** The vendor answers every chat so. */
const answers = (answered: Answered): Surroundings => ({
  script: (request) => (isChat(request) ? answerOf(answered) : undefined),
});

function rowOf(dialect: Dialect, name: string): ErrorRow {
  const row = dialect.errors.find((one) => one.name === name);
  if (!row) throw new Error(`${dialect.vendor} has no error "${name}"`);
  return row;
}

const OUT = { status: 503, code: 'credentials_unusable', isOut: true };
const FAILED = { status: 502, code: 'engine_failed', isOut: false };

/** A row of the dialect that takes the key out. */
const out = (name: string, dialect: Dialect, row: string, says: RegExp, model: Json = {}): BadInput => ({
  ...OUT,
  ...{ name, dialect, says, model, around: answers(rowOf(dialect, row)) },
});

const otherKey = (dialect: Dialect, model: Json, says: RegExp): BadInput => ({
  ...OUT,
  ...{ name: `wrong key of ${dialect.vendor}`, dialect, model, says },
});

const WRONG_KEY = /^OpenAI refused the key \(HTTP 401\): it is wrong or has expired; correct apiKey$/;
const NO_CREDIT = (vendor: string): RegExp =>
  new RegExp(`^${vendor} .*no credit left.*; top it up, or use another key$`);
const IS_IT_RIGHT = 'is the name right, is it retired, is it in another region';

/** An answer to a key, dated when the vendor's clock says. */
const dated = (dialect: Dialect, minutes: number): Surroundings => {
  const { status, body } = rowOf(dialect, 'wrong key');
  return {
    script: (request) => {
      const date = new Date(Date.now() + minutes * 60_000).toUTCString();
      return isChat(request) ? answerOf({ status, body, headers: { date } }) : undefined;
    },
  };
};

/** Says back what it was shown. */
const echo: Surroundings = {
  script: (request) => {
    const { authorization = '' } = request.headers;
    const body = openAiError(401, { message: `Incorrect API key provided: ${authorization}`, code: 'invalid_api_key' });
    return isChat(request) ? answerOf(body) : undefined;
  },
};

const keys: readonly BadInput[] = [
  { ...OUT, name: 'wrong key that the vendor repeats', dialect: openai, around: echo, says: WRONG_KEY },
  otherKey(openai, { apiKey: 'sk-canary-of-another' }, WRONG_KEY),
  otherKey(azure, { apiKey: 'canary-of-another' }, /^Azure OpenAI refused the key .*; a key belongs to one resource/),
  otherKey(jwt, { apiKey: 'id.canary-of-another' }, /^Zhipu refused the key/),
  out('wrong region of Tongyi', tongyi, 'wrong key', /a key belongs to one region, and this is ap-southeast-1$/, {
    region: 'ap-southeast-1',
  }),
  out('wrong region of Moonshot', moonshot, 'wrong key', /a key belongs to one region, and this is intl$/, {
    region: 'intl',
  }),
  out('wrong region of Zhipu', zhipu, 'wrong key', /a key belongs to one region, and this is cn$/),
  out('key of another family', spark, 'wrong key', /each family of models has a password of its own/),
  out('country that is not served', openai, 'region not allowed', /^OpenAI does not let this key use "gpt-4.1-mini"/),
  {
    ...OUT,
    name: 'expired token of Entra',
    dialect: entra,
    around: answers(openAiError(401, { message: 'Access token is missing, invalid or expired.', code: '401' })),
    says: /^Azure OpenAI refused the key \(HTTP 401\): it is wrong or has expired.*entra.* tenant, clientId, its secret/,
  },
  out('expired token of Zhipu', zhipu, 'expired token', /^Zhipu refused the key \(HTTP 401\).*expired/),
  {
    ...OUT,
    name: 'clock ahead by 10 min',
    dialect: jwt,
    around: dated(jwt, -10),
    says: /; the clock of this machine is 10 min ahead: set it right$/,
  },
  {
    ...OUT,
    name: 'clock behind by 10 min',
    dialect: tongyi,
    around: dated(tongyi, 10),
    says: /; the clock of this machine is 10 min behind: set it right$/,
  },
];

const models: readonly BadInput[] = [
  out('deployment that is missing', azure, 'deployment not there', new RegExp(`"mini-deployment".*${IS_IT_RIGHT}`)),
  out('model that is gone', openai, 'model not there', new RegExp(`^OpenAI has no "gpt-4.1-mini".*${IS_IT_RIGHT}`)),
  {
    ...OUT,
    name: 'model that is retired',
    dialect: deepseek,
    around: answers(openAiError(410, { message: 'The model has been retired' })),
    says: new RegExp(`^DeepSeek has no "deepseek-v4-flash" for this key \\(HTTP 410\\): ${IS_IT_RIGHT}`),
  },
  {
    ...FAILED,
    name: 'model that a service by URL lacks',
    dialect: groq,
    around: answers(rowOf(groq, 'model not there')),
    says: /HTTP 404/,
    log: /HTTP 404: The model `llama-0` does not exist/,
  },
];

const accounts: readonly BadInput[] = [
  out('empty account of DeepSeek (402)', deepseek, 'no balance', NO_CREDIT('DeepSeek')),
  out('no quota of OpenAI (429)', openai, 'no quota', NO_CREDIT('OpenAI')),
  out('arrears of Tongyi (400)', tongyi, 'arrears', NO_CREDIT('Alibaba Model Studio')),
  out('arrears of Zhipu (429)', zhipu, 'arrears', NO_CREDIT('Zhipu')),
  out('quota of Moonshot (429)', moonshot, 'no balance', NO_CREDIT('Moonshot')),
  out('daily limit of Spark (200)', spark, 'daily limit', NO_CREDIT('iFlytek Spark')),
];

const pages: readonly BadInput[] = [
  {
    ...FAILED,
    name: 'page with 200',
    dialect: openai,
    around: answers({ status: 200, body: '<html>Sign in</html>' }),
    says: /not OpenAI-shaped/,
    log: /The engine sent content-type "text\/html"/,
  },
  {
    ...FAILED,
    name: 'page with 502',
    dialect: openai,
    around: answers({ status: 502, body: '<html>Bad Gateway</html>' }),
    says: /HTTP 502/,
    log: /HTTP 502: <html>Bad Gateway/,
  },
  {
    ...FAILED,
    name: 'page of another place',
    dialect: azure,
    around: answers(rowOf(azure, 'redirect')),
    says: /HTTP 302/,
    log: /HTTP 302/,
  },
];

/** All of them but those by which an instance is not even ready. */
export const BAD_INPUTS: readonly BadInput[] = [...keys, ...models, ...accounts, ...pages];
