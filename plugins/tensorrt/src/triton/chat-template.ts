import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type EngineContext, SmmfError } from '@smmf/core';
import type { ModelSource } from '@smmf/protocol';
import * as z from 'zod';
import type { TritonSettings } from '../options.ts';

/** A chat template, made ready. */
export interface ChatTemplate {
  /** Texts that end turns and the like: what a caller writes must not hold them. */
  readonly control: readonly string[];
  /** What the template writes where the prompt begins; '' for nothing. */
  readonly bos: string;
  /** @throws Error with the template's own words, or those of the library */
  render(names: Readonly<Record<string, unknown>>): string;
  /** Does the template itself hold this text. */
  says(text: string): boolean;
}

const token = z
  .union([z.string(), z.looseObject({ content: z.string() }).transform(({ content }) => content)])
  .nullish();
const named = z.array(z.looseObject({ name: z.string(), template: z.string() }));

const tokenizerConfig = z.looseObject({
  bos_token: token,
  eos_token: token,
  chat_template: z.union([z.string(), named]).nullish(),
  added_tokens_decoder: z
    .record(z.string(), z.looseObject({ content: z.string(), special: z.boolean().optional() }))
    .nullish(),
});

type TokenizerConfig = z.output<typeof tokenizerConfig>;

/** What most families write control tokens like; for a template without a tokenizer's folder. */
const CONTROL = /<[|｜][\w▁ -]{1,40}[|｜]>|<(?:start_of_turn|end_of_turn|bos|eos)>|\[\/?INST\]|<\/?s>/g;

function invalid(text: string, cause?: unknown): SmmfError {
  return new SmmfError('CONFIG_INVALID', text, { cause });
}

/** A file's text; undefined where there is none. */
async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw invalid(`${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`, error);
  }
}

async function readTokenizer(
  source: ModelSource,
  context: EngineContext,
): Promise<[TokenizerConfig, string | undefined]> {
  const folder = await context.modelFile(source);
  const [config, own] = await Promise.all([
    textOf(join(folder, 'tokenizer_config.json')),
    textOf(join(folder, 'chat_template.jinja')),
  ]);
  if (config === undefined) {
    throw invalid(`${folder} has no tokenizer_config.json: tokenizer is the folder of the model as it was published`);
  }
  const parsed = tokenizerConfig.safeParse(parseJson(config));
  if (!parsed.success) throw invalid(`${join(folder, 'tokenizer_config.json')} is no config of a tokenizer`);
  return [parsed.data, own ?? plainTemplate(parsed.data)];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Of several templates the one for plain chats. */
function plainTemplate({ chat_template: given }: TokenizerConfig): string | undefined {
  if (typeof given === 'string' || !given) return given ?? undefined;
  return given.find(({ name }) => name === 'default')?.template;
}

/** `template` itself where it is one; else what the file of that path holds. */
async function readTemplate(template: string, context: EngineContext): Promise<string> {
  if (/\{[{%]/.test(template)) return template;
  const path = await context.modelFile(template);
  const text = await textOf(path);
  if (text === undefined) throw invalid(`${path}, named as template, is not there`);
  return text;
}

/**
 * The chat template that the settings name; undefined where they name none, or a folder without one.
 * @throws CONFIG_INVALID for one that cannot be read
 * @throws SOURCE_UNAVAILABLE, SOURCE_CORRUPT
 */
export async function loadChatTemplate(
  { template, tokenizer }: TritonSettings,
  context: EngineContext,
): Promise<ChatTemplate | undefined> {
  const [config, own] = tokenizer === undefined ? [{}, undefined] : await readTokenizer(tokenizer, context);
  const source = template === undefined ? own : await readTemplate(template, context);
  return source === undefined || source.trim() === '' ? undefined : compile(source, config);
}

async function compile(source: string, config: Partial<TokenizerConfig>): Promise<ChatTemplate> {
  const { Template } = await import('@huggingface/jinja');
  const [bos, eos] = [config.bos_token ?? '', config.eos_token ?? ''];
  const special = Object.values(config.added_tokens_decoder ?? {}).flatMap((one) => (one.special ? [one.content] : []));
  const control = new Set([...special, ...(source.match(CONTROL) ?? []), bos, eos]);
  control.delete('');
  try {
    const compiled = new Template(source);
    return {
      control: [...control],
      bos,
      render: (names) => compiled.render({ ...names, bos_token: bos, eos_token: eos }),
      says: (text) => source.includes(text),
    };
  } catch (error) {
    throw invalid(`The chat template cannot be read: ${error instanceof Error ? error.message : String(error)}`, error);
  }
}
