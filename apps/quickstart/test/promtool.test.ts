import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Config, createSmmf } from 'smmf';
import { expect, it } from 'vitest';

const script = join(process.env.SMMF_REAL ?? resolve(import.meta.dirname, '../../../../shared/real'), 'prometheus');
const isHere = existsSync(script);
if (!isHere) console.warn(`skipped: no promtool (${script} is absent; SMMF_REAL names its folder)`);

const ENGINE = join(import.meta.dirname, '../../../packages/testkit/src/demo/demo-engine.ts');

it.skipIf(!isHere)(
  'promtool finds nothing to say of the metrics of a server that has answered',
  async () => {
    const config: Config = {
      version: 1,
      server: { port: 0 },
      admin: { port: 0 },
      models: {
        demo: { engine: ENGINE },
        away: { engine: 'vllm', url: 'http://127.0.0.1:9', fallbacks: ['demo'] },
      },
    };
    await using smmf = await createSmmf(config, { baseDir: import.meta.dirname });
    const { server } = await smmf.listen();
    await smmf.chat({ model: 'away', messages: [{ role: 'user', content: 'one' }] });
    const text = await (await fetch(`${server.url}/metrics`)).text();
    expect(text).toContain('smmf_fallbacks_total{from="away",to="demo"} 1\n');
    expect(text).toMatch(/^smmf_engine_starts_total\{smmf_instance="demo-0"\} 1$/m);
    const { status, stdout, stderr } = spawnSync(script, ['--promtool', 'check', 'metrics'], {
      input: text,
      encoding: 'utf8',
    });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
  },
  120_000,
);
