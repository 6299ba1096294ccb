/** A value of a request's body, by what OpenAI calls it, and the inputs that take it: the first that the model has. */
export interface FieldRow {
  readonly param: string;
  readonly inputs: readonly string[];
}

/** How one family of Triton's models names its inputs and outputs. */
export interface Layout {
  readonly name: 'ensemble' | 'llmapi' | 'vllm';
  /** A model is of the first layout whose mark is among its inputs. */
  readonly mark: string;
  readonly stream: string;
  readonly maxTokens: string;
  readonly stop: string;
  /** Keeps the prompt out of the answer. */
  readonly withoutPrompt: string;
  readonly fields: readonly FieldRow[];
  /** Sampling goes as one JSON text into this input, by the names of `fields`, whatever the metadata say. */
  readonly samplingInput?: string;
  /** Sent with temperature 0, so that the same prompt gets the same answer. */
  readonly greedy?: Readonly<Record<string, number>>;
  /** Each record of a stream holds a new piece of the text; or it is not known, and may be all of the text so far. */
  readonly text: 'pieces' | 'unknown';
}

const same = (...names: readonly string[]): FieldRow[] => names.map((name) => ({ param: name, inputs: [name] }));

const prefixed = (...names: readonly string[]): FieldRow[] =>
  names.map((name) => ({ param: name, inputs: [`sampling_param_${name}`] }));

/**
 * The layouts, from the one with the most telling mark on.
 * @see TensorRT-LLM triton_backend/all_models (inflight_batcher_llm, llmapi), and src/model.py and src/utils/request.py of Triton's
 * vllm_backend, read 2026-08
 */
export const LAYOUTS: readonly Layout[] = [
  {
    name: 'llmapi',
    mark: 'sampling_param_max_tokens',
    stream: 'streaming',
    maxTokens: 'sampling_param_max_tokens',
    stop: 'sampling_param_stop',
    withoutPrompt: 'sampling_param_exclude_input_from_output',
    fields: prefixed('temperature', 'top_p', 'top_k', 'frequency_penalty', 'presence_penalty', 'seed'),
    greedy: { sampling_param_top_k: 1 },
    text: 'pieces',
  },
  {
    name: 'vllm',
    mark: 'sampling_parameters',
    stream: 'stream',
    maxTokens: 'max_tokens',
    stop: 'stop',
    withoutPrompt: 'exclude_input_in_output',
    fields: same(
      'temperature',
      'top_p',
      'top_k',
      'min_p',
      'min_tokens',
      'repetition_penalty',
      'frequency_penalty',
      'presence_penalty',
      'seed',
    ),
    samplingInput: 'sampling_parameters',
    text: 'pieces',
  },
  {
    name: 'ensemble',
    mark: 'max_tokens',
    stream: 'stream',
    maxTokens: 'max_tokens',
    stop: 'stop_words',
    withoutPrompt: 'exclude_input_in_output',
    fields: [
      ...same('temperature', 'top_p', 'top_k', 'repetition_penalty', 'frequency_penalty', 'presence_penalty'),
      { param: 'min_tokens', inputs: ['min_tokens', 'min_length'] },
      { param: 'seed', inputs: ['seed', 'random_seed'] },
    ],
    greedy: { top_k: 1 },
    text: 'unknown',
  },
];

/** The input for the prompt and the output with the answer, alike in all layouts. */
export const PROMPT = 'text_input';
export const ANSWER = 'text_output';

/** What is asked for besides, by the input that asks for it: the output that then comes. */
export const EXTRAS: Readonly<Record<string, string>> = {
  return_finish_reason: 'finish_reason',
  return_num_input_tokens: 'num_input_tokens',
  return_num_output_tokens: 'num_output_tokens',
};
