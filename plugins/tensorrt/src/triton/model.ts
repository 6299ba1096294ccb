import * as z from 'zod';
import type { TritonClient } from './client.ts';
import { unusable, wordsOf } from './errors.ts';
import { ANSWER, EXTRAS, LAYOUTS, type Layout, PROMPT } from './layouts.ts';

/** What Triton says of a model: how a request to it is written and how its answer is read. */
export interface TritonModel {
  readonly layout: Layout;
  readonly inputs: ReadonlySet<string>;
  /** It may answer by several records: it is asked for a stream. */
  readonly decoupled: boolean;
  /** Its records hold all of the text so far; undefined: its config does not say. */
  readonly accumulates: boolean | undefined;
  /** Outputs that come because they are asked for. */
  readonly extras: ReadonlySet<string>;
}

const tensors = z.array(z.looseObject({ name: z.string() }));
const metadata = z.looseObject({
  name: z.string(),
  platform: z.string().optional(),
  inputs: tensors,
  outputs: tensors,
});

const config = z.looseObject({
  model_transaction_policy: z.looseObject({ decoupled: z.boolean().optional() }).nullish(),
  ensemble_scheduling: z.looseObject({ step: z.array(z.looseObject({ model_name: z.string() })).optional() }).nullish(),
  parameters: z.record(z.string(), z.looseObject({ string_value: z.string().optional() })).nullish(),
});

type Config = z.output<typeof config>;

const list = (names: Iterable<string>): string => [...names].join(', ') || 'none';

/**
 * Asks Triton what a model takes and gives.
 * @throws ENGINE_FAILED when it is not there, or none of the layouts fits it; with the remedy
 */
export async function discoverModel(client: TritonClient, name: string, signal: AbortSignal): Promise<TritonModel> {
  const answer = await client.get(modelPath(name), signal);
  const found = metadata.safeParse(answer.json);
  if (answer.status !== 200 || !found.success) {
    throw unusable(
      `Triton has no model "${name}" (HTTP ${answer.status}: ${wordsOf(answer)}); start it with --load-model=${name}, or set manage: true`,
    );
  }
  const inputs = new Set(found.data.inputs.map((tensor) => tensor.name));
  const outputs = new Set(found.data.outputs.map((tensor) => tensor.name));
  const layout = LAYOUTS.find(({ mark }) => inputs.has(mark));
  if (!layout || !inputs.has(PROMPT) || !outputs.has(ANSWER)) {
    const text =
      `Model "${name}" of Triton is no text generator that is known here: it takes ${list(inputs)} and gives ${list(outputs)}; ` +
      `wanted are ${PROMPT}, ${ANSWER}, and one of ${list(LAYOUTS.map(({ mark }) => mark))}. Is it the right model (ensemble, tensorrt_llm_bls, tensorrt_llm)?`;
    throw unusable(text);
  }
  const own = await configOf(client, name, signal);
  const given = own.parameters?.accumulate_tokens?.string_value?.toLowerCase();
  return {
    layout,
    inputs,
    decoupled: await isDecoupled(client, own, signal),
    accumulates: given === 'true' ? true : given === 'false' ? false : undefined,
    extras: new Set(
      Object.entries(EXTRAS).flatMap(([input, output]) => (inputs.has(input) && outputs.has(output) ? [output] : [])),
    ),
  };
}

/** Below it are `/config`, `/ready`, `/generate` and so on. */
export const modelPath = (name: string): string => `/v2/models/${encodeURIComponent(name)}`;

/** An empty config where Triton gives none. */
async function configOf(client: TritonClient, name: string, signal: AbortSignal): Promise<Config> {
  const { json } = await client.get(`${modelPath(name)}/config`, signal);
  return config.safeParse(json).data ?? {};
}

/** An ensemble is as decoupled as the models that it leads through. */
async function isDecoupled(client: TritonClient, own: Config, signal: AbortSignal): Promise<boolean> {
  const isOwn = (one: Config): boolean => one.model_transaction_policy?.decoupled === true;
  if (isOwn(own)) return true;
  const steps = new Set((own.ensemble_scheduling?.step ?? []).map((step) => step.model_name));
  for (const step of steps) if (isOwn(await configOf(client, step, signal))) return true;
  return false;
}
