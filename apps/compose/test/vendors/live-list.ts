import type { Json } from './dialect.ts';

/** A vendor that a real call can be made to. */
export interface LiveVendor {
  readonly plugin: string;
  /** The variable that its own documents name for the key. */
  readonly key: string;
  /** What its model needs beside key and name. */
  readonly more?: Json;
  /** Variables that its options come from. */
  readonly needs?: Readonly<Record<string, string>>;
}

/** By the names that `SMMF_LIVE` takes. */
export const LIVE: Readonly<Record<string, LiveVendor>> = {
  openai: { plugin: 'proxy-openai', key: 'OPENAI_API_KEY' },
  azure: { plugin: 'proxy-azure', key: 'AZURE_OPENAI_API_KEY', needs: { resource: 'AZURE_OPENAI_RESOURCE' } },
  baichuan: { plugin: 'proxy-baichuan', key: 'BAICHUAN_API_KEY' },
  deepseek: { plugin: 'proxy-deepseek', key: 'DEEPSEEK_API_KEY' },
  google: { plugin: 'proxy-google', key: 'GEMINI_API_KEY' },
  groq: { plugin: 'proxy-openai', key: 'GROQ_API_KEY', more: { url: 'https://api.groq.com/openai/v1' } },
  mistral: { plugin: 'proxy-mistral', key: 'MISTRAL_API_KEY' },
  moonshot: { plugin: 'proxy-moonshot', key: 'MOONSHOT_API_KEY' },
  openrouter: { plugin: 'proxy-openrouter', key: 'OPENROUTER_API_KEY' },
  siliconflow: { plugin: 'proxy-openai', key: 'SILICONFLOW_API_KEY', more: { url: 'https://api.siliconflow.cn/v1' } },
  spark: { plugin: 'proxy-spark', key: 'SPARK_API_PASSWORD' },
  tongyi: { plugin: 'proxy-tongyi', key: 'DASHSCOPE_API_KEY' },
  wenxin: { plugin: 'proxy-wenxin', key: 'QIANFAN_API_KEY' },
  xai: { plugin: 'proxy-openai', key: 'XAI_API_KEY', more: { url: 'https://api.x.ai/v1' } },
  yi: {
    plugin: 'proxy-openai',
    key: 'YI_API_KEY',
    more: { url: 'https://api.lingyiwanwu.com/v1', streamUsage: false },
  },
  zhipu: { plugin: 'proxy-zhipu', key: 'ZHIPU_API_KEY' },
};

/** One vendor that is called, and its model as a config has it, but for the engine. */
export interface LiveRun {
  readonly name: string;
  readonly plugin: string;
  readonly model: Json;
}

/** What is called, and why the rest is not. */
export interface LivePlan {
  readonly runs: readonly LiveRun[];
  readonly skipped: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

function runOf(name: string, { plugin, key, more, needs = {} }: LiveVendor, env: Environment): LiveRun | string {
  const modelVariable = `SMMF_LIVE_${name.toUpperCase()}_MODEL`;
  const missing = [key, modelVariable, ...Object.values(needs)].filter((variable) => !env[variable]);
  if (missing.length > 0) return `skipped: ${name} needs ${missing.join(' and ')}`;
  const given = Object.entries(needs).map(([option, variable]) => [option, env[variable]]);
  // The key itself stays where it is: the config names its variable.
  const model = { ...more, ...Object.fromEntries(given), model: env[modelVariable], apiKey: `\${env:${key}}` };
  return { name, plugin, model };
}

/** Reads `SMMF_LIVE`: names of vendors, separated by commas. @throws Error for a name that is none */
export function livePlan(env: Environment): LivePlan {
  const names = (env.SMMF_LIVE ?? '').split(',').flatMap((name) => name.trim() || []);
  if (names.length === 0) {
    const variables = 'SMMF_LIVE=openai,… with the key of each and SMMF_LIVE_OPENAI_MODEL, …';
    return { runs: [], skipped: [`skipped: calls of real vendors need ${variables}`] };
  }
  const found = names.map((name) => {
    const vendor = Object.hasOwn(LIVE, name) ? LIVE[name] : undefined;
    if (!vendor) throw new Error(`SMMF_LIVE names "${name}"; there are ${Object.keys(LIVE).join(', ')}`);
    return runOf(name, vendor, env);
  });
  return {
    runs: found.filter((one) => typeof one !== 'string'),
    skipped: found.filter((one) => typeof one === 'string'),
  };
}
