/** A template for files that bring none, with the control token by which a file is known to follow it. */
export interface BuiltinTemplate {
  readonly name: string;
  readonly source: string;
  /** Texts at which an answer ends; for templates without control tokens. */
  readonly stops: readonly string[];
}

const CHATML = `{%- for message in messages -%}
{{ '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}
{%- endfor -%}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}`;

const LLAMA3 = `{{ bos_token }}
{%- for message in messages -%}
{{ '<|start_header_id|>' + message.role + '<|end_header_id|>\n\n' + message.content | trim + '<|eot_id|>' }}
{%- endfor -%}
{%- if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}`;

const GEMMA = `{{ bos_token }}
{%- for message in messages if message.role != 'system' -%}
{{ '<start_of_turn>' + ('model' if message.role == 'assistant' else message.role) + '\n' + message.content | trim + '<end_of_turn>\n' }}
{%- endfor -%}
{%- if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{% endif %}`;

const PHI = `{%- for message in messages -%}
{{ '<|' + message.role + '|>\n' + message.content + '<|end|>\n' }}
{%- endfor -%}
{%- if add_generation_prompt %}{{ '<|assistant|>\n' }}{% endif %}`;

const MISTRAL = `{{ bos_token }}
{%- for message in messages if message.role != 'system' -%}
{%- if message.role == 'assistant' %}{{ ' ' + message.content + eos_token }}{% else %}{{ '[INST] ' + message.content + ' [/INST]' }}{% endif %}
{%- endfor -%}`;

const GENERAL = `{%- for message in messages -%}
{{ {'system': '', 'user': '### Human:\n', 'assistant': '### Assistant:\n'}[message.role] + message.content + '\n\n' }}
{%- endfor -%}
{%- if add_generation_prompt %}{{ '### Assistant:\n' }}{% endif %}`;

/** By a control token that only models of the kind have. */
const BY_TOKEN: Readonly<Record<string, BuiltinTemplate>> = {
  '<|im_start|>': { name: 'ChatML', source: CHATML, stops: [] },
  '<|start_header_id|>': { name: 'Llama 3', source: LLAMA3, stops: [] },
  '<start_of_turn>': { name: 'Gemma', source: GEMMA, stops: [] },
  '<|assistant|>': { name: 'Phi', source: PHI, stops: [] },
  '[INST]': { name: 'Mistral', source: MISTRAL, stops: [] },
};

/** By what a file says its architecture is, where its tokens do not tell. */
const BY_ARCHITECTURE: Readonly<Record<string, BuiltinTemplate>> = {
  llama: { name: 'Llama 2', source: MISTRAL, stops: [] },
  gemma: { name: 'Gemma', source: GEMMA, stops: [] },
  qwen2: { name: 'ChatML', source: CHATML, stops: ['<|im_end|>'] },
  qwen3: { name: 'ChatML', source: CHATML, stops: ['<|im_end|>'] },
};

const GENERAL_TEMPLATE: BuiltinTemplate = { name: 'general', source: GENERAL, stops: ['### Human:', '### Assistant:'] };

/** The template for a file without one. */
export function builtinTemplate(architecture: string, hasToken: (text: string) => boolean): BuiltinTemplate {
  const token = Object.keys(BY_TOKEN).find(hasToken) ?? '';
  return BY_TOKEN[token] ?? BY_ARCHITECTURE[architecture] ?? GENERAL_TEMPLATE;
}
