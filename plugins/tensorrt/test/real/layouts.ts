import { readFileSync } from 'node:fs';
import { join } from 'node:path';

type Tensor = readonly [name: string, type: string, optional?: 'optional'];

/** What a stand-in has: names and types after the config.pbtxt of each layout. */
interface StandIn {
  readonly decoupled: boolean;
  readonly input: readonly Tensor[];
  readonly output: readonly Tensor[];
}

const COUNTS: readonly Tensor[] = [
  ['return_num_input_tokens', 'BOOL', 'optional'],
  ['return_num_output_tokens', 'BOOL', 'optional'],
];
const TEXT: Tensor = ['text_input', 'STRING'];
const ANSWER: Tensor = ['text_output', 'STRING'];
const COUNTED: readonly Tensor[] = [
  ['num_input_tokens', 'INT32'],
  ['num_output_tokens', 'INT32'],
];
const REASON: Tensor = ['finish_reason', 'STRING'];
const CLASSIC: readonly Tensor[] = [
  TEXT,
  ['max_tokens', 'INT32'],
  ['stop_words', 'STRING', 'optional'],
  ['exclude_input_in_output', 'BOOL', 'optional'],
  ['top_k', 'INT32', 'optional'],
  ['temperature', 'FP32', 'optional'],
  ['frequency_penalty', 'FP32', 'optional'],
  ['seed', 'UINT64', 'optional'],
];

/**
 * Stand-ins for the layouts whose models need a GPU.
 * @see TensorRT-LLM triton_backend/all_models (inflight_batcher_llm/tensorrt_llm_bls, llmapi/tensorrt_llm) and Triton's vllm_backend, read
 * 2026-08: the inputs that the plugin uses
 */
export const STAND_INS = {
  bls: { decoupled: true, input: [...CLASSIC, ['stream', 'BOOL', 'optional']], output: [ANSWER] },
  plain: { decoupled: false, input: [...CLASSIC, ...COUNTS], output: [ANSWER, ...COUNTED] },
  llmapi: {
    decoupled: true,
    input: [
      TEXT,
      ['streaming', 'BOOL', 'optional'],
      ['sampling_param_max_tokens', 'INT32', 'optional'],
      ['sampling_param_temperature', 'FP32', 'optional'],
      ['sampling_param_top_k', 'INT32', 'optional'],
      ['sampling_param_stop', 'STRING', 'optional'],
      ['sampling_param_seed', 'UINT64', 'optional'],
      ['sampling_param_exclude_input_from_output', 'BOOL', 'optional'],
      ['return_finish_reason', 'BOOL', 'optional'],
    ],
    output: [ANSWER, REASON],
  },
  vllm: {
    decoupled: true,
    input: [
      TEXT,
      ['stream', 'BOOL', 'optional'],
      ['sampling_parameters', 'STRING', 'optional'],
      ['exclude_input_in_output', 'BOOL', 'optional'],
      ['return_finish_reason', 'BOOL', 'optional'],
      ...COUNTS,
    ],
    output: [ANSWER, REASON, ...COUNTED],
  },
} as const satisfies Readonly<Record<string, StandIn>>;

const tensorOf = ([name, type, optional]: Tensor): object => ({
  name,
  data_type: `TYPE_${type}`,
  dims: [-1],
  ...(optional ? { optional: true } : {}),
});

/** Has a running Triton load a stand-in, by the name of its kind. */
export async function loadStandIn(url: string, kind: keyof typeof STAND_INS): Promise<void> {
  const { decoupled, input, output }: StandIn = STAND_INS[kind];
  const config = {
    name: kind,
    backend: 'python',
    max_batch_size: 0,
    input: input.map(tensorOf),
    output: output.map(tensorOf),
    model_transaction_policy: { decoupled },
    parameters: { kind: { string_value: kind } },
    instance_group: [{ kind: 'KIND_CPU', count: 1 }],
  };
  const file = readFileSync(join(import.meta.dirname, 'stand-in.py')).toString('base64');
  const body = JSON.stringify({ parameters: { config: JSON.stringify(config), 'file:1/model.py': file } });
  const answer = await fetch(`${url}/v2/repository/models/${kind}/load`, { method: 'POST', body });
  if (answer.status !== 200) throw new Error(`Triton did not load ${kind}: ${await answer.text()}`);
}
