import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isSmmfError } from '@smmf/core';
import { afterAll, describe, expect, it } from 'vitest';
import { readConfig, resolveConfig } from '../src/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'smmf-faults-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ENGINE = join(import.meta.dirname, '../../testkit/src/demo/demo-engine.ts');
const BALANCER = join(import.meta.dirname, 'plugins/first.ts');
const ref = (text: string): string => `\${${text}}`;
const head = 'version: 1\nmodels:\n';
const TENSORRT = join(import.meta.dirname, '../../../plugins/tensorrt/src/index.ts');
const EMBEDDINGS = join(import.meta.dirname, '../../../plugins/embeddings/src/index.ts');
const chat = (lines = '') => `${head}  chat:\n    engine: ${ENGINE}\n${lines}`;
const server = (lines: string) => `version: 1\nserver: { ${lines} }\nmodels: { chat: { engine: ${ENGINE} } }\n`;
const admin = (lines: string) => `version: 1\nadmin: { ${lines} }\nmodels: { chat: { engine: ${ENGINE} } }\n`;
const workers = (lines: string) => `${head}  chat:\n    workers:\n${lines}`;

async function faultsOf(text: string, env: Record<string, string> = {}): Promise<readonly string[]> {
  const file = join(folder, 'smmf.yaml');
  writeFileSync(file, text);
  try {
    await resolveConfig(await readConfig(file), env);
  } catch (error) {
    if (!isSmmfError(error)) throw error;
    return (error.details?.faults as string[] | undefined) ?? [error.message];
  }
  return [];
}

/** Distinct faults: what is wrong, the config, and what one of the reported lines must say. */
const FAULTS: readonly (readonly [string, string, RegExp])[] = [
  // The file itself.
  ['no YAML', 'version: 1\nmodels: {', /line \d+, column \d+/],
  ['a repeated key', 'version: 1\nversion: 1\nmodels: {}', /line 2.*unique/i],
  ['a tab for indentation', 'version: 1\nmodels:\n\tchat: {}', /line 3/],
  ['an empty file', '', /^version/],
  ['a list at the top', '- a', /\(file\): .*expected/i],
  ['a text at the top', 'hello', /\(file\)/],
  // The frame.
  ['no version', `models: { chat: { engine: ${ENGINE} } }`, /^version: .*1/],
  ['another version', `version: 2\nmodels: { chat: { engine: ${ENGINE} } }`, /^version: .*1/],
  ['the version as text', `version: "1"\nmodels: { chat: { engine: ${ENGINE} } }`, /^version/],
  ['no models', 'version: 1', /^models/],
  ['an empty list of models', 'version: 1\nmodels: {}', /^models: names no model/],
  ['models as a list', 'version: 1\nmodels: [chat]', /^models: .*record/],
  ['an unknown section', `${chat()}sever: { port: 1 }\n`, /^sever: unknown key; did you mean "server"\?/],
  ['a section that is nothing like any', `${chat()}zzzzzz: 1\n`, /^zzzzzz: unknown key; known are/],
  ['a registry that is not there', `${chat()}registry: consule\n`, /^registry: .*known are etcd, memory, redis/],
  [
    'a registry that is not installed',
    `${chat()}registry: etcd\n`,
    /^registry: .*@smmf\/registry-etcd.* is not installed; run/,
  ],
  // The server.
  ['a port beyond 65535', server('port: 70000'), /^server\.port: .*65535/],
  ['a negative port', server('port: -1'), /^server\.port/],
  ['a port as text', server('port: "8100"'), /^server\.port: .*number/],
  ['a port with a fraction', server('port: 80.5'), /^server\.port/],
  ['a mistyped key of the server', server('prot: 1'), /^server\.prot: unknown key; did you mean "port"\?/],
  ['listening beyond this machine without keys', server('host: 0.0.0.0'), /^server\.host: .*keys/],
  [
    'a sample key beyond this machine',
    server('host: 0.0.0.0, keys: [change-me-please-now]'),
    /^server\.host: .*sample/,
  ],
  ['the same key twice', server('keys: [aaaaaaaaaaaaaaaaaaaa, aaaaaaaaaaaaaaaaaaaa]'), /^server\.keys: .*same/],
  ['an empty key', server('keys: [""]'), /^server\.keys\[0\]/],
  [
    'a scope that does not exist',
    server('keys: [{ key: aaaaaaaaaaaaaaaaaaaa, scopes: [root] }]'),
    /^server\.keys\[0\]\.scopes\[0\]/,
  ],
  [
    'a mistyped key of a key',
    server('keys: [{ key: aaaaaaaaaaaaaaaaaaaa, scope: [inference] }]'),
    /^server\.keys\[0\]\.scope: unknown key/,
  ],
  ['half of TLS', server('tls: { certFile: a.pem }'), /^server\.tls\.keyFile/],
  [
    "a key of TLS that is another program's",
    server('tls: { cert: a.pem, key: b.pem }'),
    /^server\.tls\.cert: unknown key; did you mean "certFile"\?/,
  ],
  ['an origin that is no address', server('cors: [example]'), /^server\.cors\[0\]/],
  ['a size without unit', server('bodyLimit: 4000'), /^server\.bodyLimit: .*unit/],
  ['a size in an unknown unit', server('bodyLimit: 4 parsecs'), /^server\.bodyLimit: .*MiB/],
  ['a duration without unit', server('drain: 30'), /^server\.drain: .*30s/],
  ['no connections at all', server('maxConnections: 0'), /^server\.maxConnections/],
  // The admin API and the log.
  ['one port for both APIs', `${server('port: 8100')}admin: { port: 8100 }\n`, /^admin\.port: .*server/],
  ['an admin API beyond this machine without keys', admin('host: "::"'), /^admin\.host: .*keys/],
  ['a level that does not exist', `${chat()}log: { level: loud }\n`, /^log\.level/],
  ['a format that does not exist', `${chat()}log: { format: xml }\n`, /^log\.format/],
  // Models.
  ['a model without engine', `${head}  chat: { aliases: [a] }\n`, /^models\.chat: needs an engine or workers/],
  ['a model that is a text', `${head}  chat: llama\n`, /^models\.chat: .*object/],
  ['a name with a space', `${head}  "my model": { engine: ${ENGINE} }\n`, /^models\["my model"\]: .*name/],
  ['engine and workers at once', `${chat('    workers: [{ engine: x }]\n')}`, /^models\.chat: has both/],
  ['an empty list of workers', workers('      []\n'), /^models\.chat\.workers/],
  ['a worker without engine', workers('      - { weight: 1 }\n'), /^models\.chat\.workers\[0\]\.engine/],
  [
    'a mistyped option of the engine',
    chat('    tokenM: 5\n'),
    /^models\.chat\.tokenM: unknown key; did you mean "tokenMs"\?/,
  ],
  ['an option of the wrong type', chat('    tokenMs: fast\n'), /^models\.chat\.tokenMs: .*number/],
  [
    'a wrong option of the second worker',
    workers(`      - { engine: ${ENGINE} }\n      - { engine: ${ENGINE}, startMs: -1 }\n`),
    /^models\.chat\.workers\[1\]\.startMs/,
  ],
  [
    'a mistyped key of the model',
    chat('    alias: [a]\n'),
    /^models\.chat\.alias: unknown key; did you mean "aliases"\?/,
  ],
  ['replicas of zero', chat('    replicas: 0\n'), /^models\.chat\.replicas/],
  ['a negative weight', chat('    weight: -1\n'), /^models\.chat\.weight/],
  ['labels that are no texts', chat('    labels: { zone: 3 }\n'), /^models\.chat\.labels\.zone/],
  [
    'an alias that names a model',
    `${chat('    aliases: [other]\n')}  other: { engine: ${ENGINE} }\n`,
    /^models\.chat\.aliases\[0\]: .*already names/,
  ],
  [
    'an alias that two models have',
    `${chat('    aliases: [a]\n')}  other: { engine: ${ENGINE}, aliases: [a] }\n`,
    /^models\.other\.aliases\[0\]: .*already names model "chat"/,
  ],
  [
    'a fallback to nowhere',
    chat('    fallbacks: [chatt]\n'),
    /^models\.chat\.fallbacks\[0\]: there is no model "chatt"/,
  ],
  ['a fallback to itself', chat('    fallbacks: [chat]\n'), /^models\.chat\.fallbacks\[0\]: .*own fallback/],
  [
    'a mistyped time limit',
    chat('    timeouts: { totl: 5s }\n'),
    /^models\.chat\.timeouts\.totl: unknown key; did you mean "total"\?/,
  ],
  ['a time limit without unit', chat('    timeouts: { total: 5 }\n'), /^models\.chat\.timeouts\.total/],
  // Balancers and plugins.
  [
    'a balancer that does not exist',
    chat('    balancer: round-robbin\n'),
    /^models\.chat\.balancer: unknown balancer "round-robbin"; known are least-outstanding, .*; did you mean "round-robin"\?/,
  ],
  [
    'options for a balancer that takes none',
    chat('    balancer: { use: random, seed: 1 }\n'),
    /^models\.chat\.balancer\.seed: unknown key/,
  ],
  [
    'an engine in place of a balancer',
    chat(`    balancer: ${ENGINE}\n`),
    /^models\.chat\.balancer: .*is a engine, not a balancer|^models\.chat\.balancer: .*an engine/,
  ],
  [
    'a balancer in place of an engine',
    `${head}  chat: { engine: ${BALANCER} }\n`,
    /^models\.chat\.engine: .*balancer, not/,
  ],
  [
    'an engine that is not installed',
    `${head}  chat: { engine: vllm, url: "http://127.0.0.1:1" }\n`,
    /^models\.chat\.engine: .*npm install @smmf\/vllm/,
  ],
  [
    'an unknown form of options',
    `${head}  chat: { engine: ${TENSORRT}, server: tritn, url: "http://a" }\n`,
    /^models\.chat\.server: server is trtllm-serve \(default\) or triton/,
  ],
  [
    'a mistyped option of one form of several',
    `${head}  chat: { engine: ${TENSORRT}, server: triton, url: "http://a", mange: true }\n`,
    /^models\.chat\.mange: unknown key; did you mean "manage"\?/,
  ],
  [
    'a mistyped engine',
    `${head}  chat: { engine: vlm }\n`,
    /^models\.chat\.engine: unknown engine "vlm"; known are embeddings, .*; did you mean "vllm"\?$/,
  ],
  [
    'an engine that nothing is like',
    `${head}  chat: { engine: left-pad }\n`,
    /^models\.chat\.engine: unknown engine "left-pad"; known are embeddings, (?!.*npm install).*@scope\/name/,
  ],
  [
    'a service in place of an engine',
    `${head}  chat: { engine: LMStudio }\n`,
    /unknown engine "LMStudio": use proxy-openai, with url/,
  ],
  [
    "somebody's plugin that is not installed",
    `${head}  chat: { engine: "@acme/engine" }\n`,
    /^models\.chat\.engine: the plugin "@acme\/engine" is not installed; run in \/.*: npm install @acme\/engine$/,
  ],
  ['a file that is not there', `${head}  chat: { engine: ./nowhere.ts }\n`, /^models\.chat\.engine: there is no file/],
  [
    'an address in place of a plugin',
    `${head}  chat: { engine: "https://example.org/x.js" }\n`,
    /^models\.chat\.engine: .*names no plugin/,
  ],
  [
    'a data module in place of a plugin',
    `${head}  chat: { engine: "data:text/javascript,1" }\n`,
    /^models\.chat\.engine: .*names no plugin/,
  ],
  [
    'a module that is no plugin',
    `${head}  chat: { engine: ./no-plugin.mjs }\n`,
    /^models\.chat\.engine: .*definePlugin/,
  ],
  [
    'a plugin of another contract',
    `${head}  chat: { engine: ./contract.mjs }\n`,
    /^models\.chat\.engine: .*contract 9.*update smmf/,
  ],
  [
    'a plugin that cannot be loaded',
    `${head}  chat: { engine: ./broken.mjs }\n`,
    /^models\.chat\.engine: .*cannot be loaded/,
  ],
  [
    'a model file that is not there',
    chat('    source: ./nowhere.gguf\n'),
    /^models\.chat\.source: there is no file .*nowhere\.gguf/,
  ],
  [
    'a source that is no place',
    `${head}  chat: { engine: ${EMBEDDINGS}, source: 5 }\n`,
    /^models\.chat\.source: where the model is: \.\/model\.gguf, /,
  ],
  ['a source of an unknown form', chat('    source: "ftp://host/x.gguf"\n'), /^models\.chat\.source: /],
  // References.
  [
    'a variable that is not set',
    server(`keys: ["${ref('env:SMMF_NOT_SET')}"]`),
    /^server\.keys\[0\]: environment variable SMMF_NOT_SET is not set/,
  ],
  [
    'a file of a secret that is not there',
    server(`keys: ["${ref('file:./nokey')}"]`),
    /^server\.keys\[0\]: file \.\/nokey cannot be read/,
  ],
];

writeFileSync(join(folder, 'no-plugin.mjs'), 'export default { kind: "engine" };\n');
writeFileSync(
  join(folder, 'contract.mjs'),
  'export default { [Symbol.for("smmf.plugin")]: true, contract: 9, kind: "engine", name: "x" };\n',
);
writeFileSync(join(folder, 'broken.mjs'), 'throw new Error("broken inside");\n');

describe('a faulty config', () => {
  it('is one of at least 60 distinct ones here', () => {
    expect(new Set(FAULTS.map(([name]) => name)).size).toBe(FAULTS.length);
    expect(FAULTS.length).toBeGreaterThanOrEqual(60);
  });

  it.each(FAULTS)('with %s is refused with its path and a remedy', async (_name, text, expected) => {
    const faults = await faultsOf(text);
    expect(
      faults.some((line) => expected.test(line)),
      faults.join('\n'),
    ).toBe(true);
  });

  it('has all its faults reported at once, those of plugins too', async () => {
    const text = `version: 3\nserver: { prot: 1, drain: 5 }\nmodels:\n  a: { engine: ${ENGINE}, tokenMs: x }\n  b: { engine: vllm }\n`;
    const faults = await faultsOf(text);
    for (const path of ['version', 'server.prot', 'server.drain', 'models.a.tokenMs', 'models.b.engine']) {
      expect(
        faults.some((line) => line.startsWith(`${path}:`)),
        path,
      ).toBe(true);
    }
  });

  it('leaves nothing behind', () => {
    expect(readdirSync(folder).sort()).toEqual(['broken.mjs', 'contract.mjs', 'no-plugin.mjs', 'smmf.yaml']);
    expect(existsSync(join(folder, 'models'))).toBe(false);
  });
});
