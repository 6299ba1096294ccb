import { tryVendor, type VendorTrial } from '@smmf/runtime';
import { type OutputOptions, plainText } from '../output.ts';
import { configFile } from './start.ts';

const ms = (time: number | undefined): string | undefined =>
  time === undefined ? undefined : `${Math.round(time)} ms`;

function describe(model: string, trial: VendorTrial): string {
  const { engine, key, task, ok, reason, code, tokens, servedAs } = trial;
  const who = `${model}: ${engine}${key === undefined ? '' : ` (${key})`}, ${task}`;
  if (!ok) return plainText(`${who}: failed after ${ms(trial.totalMs)}: ${reason} [${code?.toLowerCase()}]`);
  const times = Object.entries({
    connected: ms(trial.connectedMs),
    'first byte': ms(trial.firstByteMs),
    whole: ms(trial.totalMs),
  }).flatMap(([name, time]) => (time === undefined ? [] : [`${name} ${time}`]));
  const more = [
    tokens === undefined ? undefined : `${tokens} tokens`,
    servedAs === undefined ? undefined : `as "${servedAs}"`,
  ];
  return plainText(`${who}: ok: ${[...times, ...more.filter((part) => part !== undefined)].join(', ')}`);
}

/** `smmf vendor test MODEL`: one real call with each key of the model. Resolves with the exit code: 1 when one failed. */
export async function testVendor(
  model: string,
  options: OutputOptions & { readonly config?: string | undefined },
): Promise<number> {
  const trials = await tryVendor(configFile(options.config), model);
  if (options.json) console.log(JSON.stringify(trials, null, 2));
  else for (const trial of trials) console.log(describe(model, trial));
  return trials.every(({ ok }) => ok) ? 0 : 1;
}
