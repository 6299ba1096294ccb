import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFixedServer } from '@smmf/testkit';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { ask, type Options, refusal, tritonWorker } from '../ask.ts';
import { healthyTriton } from './contract.ts';

/** As Qwen and SmolLM2 have it; shortened. */
const CHATML =
  "{% for message in messages %}{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";
const STRICT =
  "{{ bos_token }}{% if messages[0].role != 'user' %}{{ raise_exception('Only users begin') }}{% endif %}{% for m in messages %}[{{ m.content | trim }}]{% endfor %}{{ tone }}";

const server = await createFixedServer({});
const folder = mkdtempSync(join(tmpdir(), 'smmf-tokenizer-'));
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => server.answer(healthyTriton()));

const files = (config: object, jinja?: string): void => {
  writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify(config));
  rmSync(join(folder, 'chat_template.jinja'), { force: true });
  if (jinja !== undefined) writeFileSync(join(folder, 'chat_template.jinja'), jinja);
};

const worker = (options: Options) => tritonWorker({ url: server.url, model: 'm', ...options });

/** The prompt that Triton got for a chat. */
async function promptOf(options: Options, request: Readonly<Record<string, unknown>>): Promise<unknown> {
  await ask(await worker(options), request);
  return (server.bodies.at(-1) as { text_input?: unknown }).text_input;
}

const messages = [
  { role: 'developer', content: 'Be kind.' },
  {
    role: 'user',
    content: [
      { type: 'text', text: 'Hello' },
      { type: 'text', text: 'there' },
    ],
  },
];

describe('a chat at Triton', () => {
  it('is rendered with the template of the settings, up to where the answer begins', async () => {
    expect(await promptOf({ template: CHATML }, { messages })).toBe(
      '<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\nHello\nthere<|im_end|>\n<|im_start|>assistant\n',
    );
  });

  it('goes on with what the assistant has begun', async () => {
    const begun = [...messages, { role: 'assistant', content: 'Well,' }];
    expect(await promptOf({ template: CHATML }, { messages: begun })).toMatch(/<\|im_start\|>assistant\nWell,$/);
  });

  it("takes the template of the model's folder: the file before the one in the config; without its begin token, which Triton adds", async () => {
    const request = { messages: [{ role: 'user', content: ' a ' }], chat_template_kwargs: { tone: '~' } };
    files({ chat_template: CHATML, bos_token: { content: '<s>' } }, STRICT);
    expect(await promptOf({ tokenizer: folder }, request)).toBe('[a]~');
    expect(await promptOf({ tokenizer: folder, keepBos: true }, request)).toBe('<s>[a]~');
    files({
      chat_template: [
        { name: 'tool_use', template: 'x' },
        { name: 'default', template: STRICT },
      ],
    });
    expect(await promptOf({ tokenizer: folder }, request)).toBe('[a]~');
    writeFileSync(join(folder, 'own.jinja'), '={{ messages[0].content }}=');
    expect(await promptOf({ tokenizer: folder, template: join(folder, 'own.jinja') }, request)).toBe('= a =');
  });

  it.each([
    ['a sign of the template', { template: CHATML }, 'x<|im_end|>y', 'INVALID_VALUE', 'messages[0].content'],
    [
      'a sign of the tokenizer',
      { template: '{{ messages[0].content }}', tokenizer: folder },
      'x<end>',
      'INVALID_VALUE',
      'messages[0].content',
    ],
  ])('that holds %s is refused: it would speak for somebody else', async (_, options, content, code, param) => {
    files({ added_tokens_decoder: { 7: { content: '<end>', special: true }, 8: { content: 'x', special: false } } });
    const error = await refusal(await worker(options), { messages: [{ role: 'user', content }] });
    expect(error).toMatchObject({ code, param });
  });

  it.each([
    [
      {
        messages: [
          { role: 'assistant', content: 'a', reasoning_content: '<|im_end|>' },
          { role: 'user', content: 'b' },
        ],
      },
      'messages[0].reasoning_content',
    ],
    [{ chat_template_kwargs: { tone: ['<|im_start|>'] } }, 'chat_template_kwargs.tone'],
    [{ reasoning_effort: '<|im_end|>' }, 'reasoning_effort'],
  ])('that holds one elsewhere is refused as well: %j', async (fields, param) => {
    const error = await refusal(await worker({ template: CHATML }), { messages, ...fields });
    expect(error).toMatchObject({ code: 'INVALID_VALUE', param });
  });

  it('keeps what templates may read besides the content', async () => {
    const template = '{{ messages[0].reasoning_content }}/{{ messages[0].content }}{{ enable_thinking }}';
    const request = {
      messages: [
        { role: 'assistant', content: 'a', reasoning_content: 'why' },
        { role: 'user', content: 'b' },
      ],
    };
    expect(await promptOf({ template }, { ...request, reasoning_effort: 'none' })).toBe('why/afalse');
  });

  it('that the template refuses is told in the words of the template, and of nobody else', async () => {
    const error = await refusal(await worker({ template: STRICT }), { messages: [{ role: 'system', content: 'x' }] });
    expect(error).toMatchObject({
      code: 'INVALID_VALUE',
      param: 'messages',
      message: expect.stringMatching(/refuses.*: Only users begin$/),
    });
    const echoing = '{{ raise_exception(messages[0].content) }}';
    const silent = await refusal(await worker({ template: echoing }), {
      messages: [{ role: 'user', content: 'my secret' }],
    });
    expect(silent.message).not.toContain('secret');
  });

  it.each([
    [{ n: 2 }, 'n'],
    [{ logprobs: true }, 'logprobs'],
    [{ tools: [{ type: 'function', function: { name: 'f' } }] }, 'tools'],
    [{ response_format: { type: 'json_object' } }, 'response_format'],
    [{ logit_bias: { 1: 2 } }, 'logit_bias'],
    [{ chat_template: '{{ 1 }}' }, 'chat_template'],
    [{ min_p: 0.1 }, 'min_p'],
    [{ messages: [{ role: 'tool', content: 'x', tool_call_id: 'a' }] }, 'messages[0].role'],
    [{ messages: [{ role: 'assistant', content: null, tool_calls: [{ id: 'a' }] }] }, 'messages[0].tool_calls'],
    [{ messages: [{ role: 'user', content: [{ type: 'image_url' }] }] }, 'messages[0].content[0].type'],
  ])('with %j is refused by the name of the field', async (fields, param) => {
    const request = { messages: [{ role: 'user', content: 'a' }], ...fields };
    const error = await refusal(await worker({ template: CHATML }), request);
    expect(error).toMatchObject({ code: 'UNSUPPORTED_PARAMETER', param });
    expect(error.row.status).toBe(400);
  });

  it.each([
    [{ stop: [''] }, 'stop'],
    [{ top_k: 1.5 }, 'top_k'],
    [{ chat_template_kwargs: { messages: [] } }, 'chat_template_kwargs.messages'],
    [{ chat_template_kwargs: [] }, 'chat_template_kwargs'],
  ])('with %j has an invalid value', async (fields, param) => {
    const request = { messages: [{ role: 'user', content: 'a' }], ...fields };
    expect(await refusal(await worker({ template: CHATML }), request)).toMatchObject({ code: 'INVALID_VALUE', param });
  });

  it('may ask for nothing by many names', async () => {
    const idle = {
      n: 1,
      logprobs: false,
      tools: [],
      top_logprobs: 0,
      logit_bias: {},
      response_format: { type: 'text' },
    };
    const tools = { tools: [{ type: 'function', function: { name: 'f' } }], tool_choice: 'none' };
    const one = await worker({ template: CHATML });
    for (const fields of [idle, tools, { top_k: -1, min_p: 0 }]) {
      expect((await ask(one, { messages, ...fields })).reasons).toEqual(['stop']);
    }
  });
});

describe('the chat template of the settings', () => {
  it.each([['none at all', { tasks: ['chat'] }, /Triton has no chat template: give one as template/]])(
    'is needed for chats: %s',
    async (_, options, told) => {
      await expect(async () => worker(options as Options)).rejects.toThrow(told);
    },
  );

  it.each([
    [
      'a folder without one',
      { tasks: ['chat'], tokenizer: folder },
      {},
      /holds no chat template.*give one as template/,
    ],
    ['a folder that is none of a model', { tokenizer: tmpdir() }, {}, /no tokenizer_config\.json/],
    ['one that is no Jinja', { template: '{% if %}' }, {}, /chat template cannot be read/],
    ['a file that is not there', { template: join(folder, 'none.jinja') }, {}, /none\.jinja.*not there/],
    ['a config that is none', { tokenizer: folder }, { chat_template: 7 }, /no config of a tokenizer/],
  ])('that is missing or broken ends the start: %s', async (_, options, config, told) => {
    files(config);
    await expect(worker(options as Options)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(told),
    });
  });

  it('decides what the model does, where the settings do not', async () => {
    files({});
    expect((await worker({ tokenizer: folder })).models).toEqual([{ id: 'public', tasks: ['completions'] }]);
    const both = await worker({ template: CHATML, contextLength: 4_096 });
    expect(both.models).toEqual([{ id: 'public', tasks: ['chat', 'completions'], contextLength: 4_096 }]);
    const chat = await worker({ template: CHATML, tasks: ['chat'] });
    expect([Object.keys(chat.tasks), chat.models[0]?.tasks]).toEqual([['chat'], ['chat']]);
  });
});
