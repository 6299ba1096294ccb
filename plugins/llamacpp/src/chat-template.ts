import type { Clock, Logger } from '@smmf/core';
import type { LlamaModel } from 'node-llama-cpp';
import { builtinTemplate } from './builtin-templates.ts';
import { type ControlTokens, controlTokens } from './control-tokens.ts';
import { compileTemplate } from './jinja/template.ts';
import { Text } from './jinja/text.ts';
import type { Value } from './jinja/value.ts';
import { probeTemplate, type TemplateTraits } from './template-probes.ts';

/** A template of chats, and what it was found to do. */
export interface ChatTemplate extends TemplateTraits {
  readonly source: string;
  /** Texts at which an answer ends besides the model's own end. */
  readonly stops: readonly string[];
  /** @throws TemplateError */
  render(names: Iterable<readonly [string, Value]>): Text;
}

/** The templates of a model. */
export interface ChatTemplates {
  readonly plain: ChatTemplate;
  /** For requests with functions; often the same. */
  readonly tools: ChatTemplate;
  readonly control: ControlTokens;
}

/**
 * Reads the file's own templates; a file without one, or with one that cannot be read, gets a built-in one, which the log says.
 */
export function loadChatTemplates(model: LlamaModel, clock: Clock, logger: Logger): ChatTemplates {
  const { tokenizer, general } = model.fileInfo.metadata;
  const control = controlTokens(model);
  const names = specialNames(model);
  const named = tokenizer as unknown as Readonly<Record<string, unknown>>;
  const own = (key: string): ChatTemplate | undefined => {
    const source = named[key];
    if (typeof source !== 'string' || source.trim() === '') return undefined;
    try {
      return createTemplate(source, [], names, clock);
    } catch (error) {
      logger.warn({ template: key, reason: String(error) }, "the model's chat template cannot be read");
      return undefined;
    }
  };
  const plain = own('chat_template') ?? builtin(String(general.architecture), control, names, clock, logger);
  return { plain, tools: own('chat_template.tool_use') ?? plain, control };
}

function builtin(
  architecture: string,
  control: ControlTokens,
  names: readonly (readonly [string, Value])[],
  clock: Clock,
  logger: Logger,
): ChatTemplate {
  const { name, source, stops } = builtinTemplate(architecture, control.has);
  logger.warn({ template: name }, `the model file has no chat template of use; the built-in one is taken: ${name}`);
  return createTemplate(source, stops, names, clock);
}

/** @throws TemplateError */
export function createTemplate(
  source: string,
  stops: readonly string[],
  special: readonly (readonly [string, Value])[],
  clock: Pick<Clock, 'wallMs'>,
): ChatTemplate {
  const template = compileTemplate(source);
  const render = (names: Iterable<readonly [string, Value]>): Text =>
    template.render([...special, ...names], clock.wallMs());
  const traits = probeTemplate(source, (messages, names) => render([['messages', messages], ...Object.entries(names)]));
  return { ...traits, source, render, stops };
}

/** The tokens that templates write by name, as the file has them. */
function specialNames({ tokens }: LlamaModel): [string, Value][] {
  const texts = { bos_token: tokens.bosString, eos_token: tokens.eosString, eot_token: tokens.eotString };
  return Object.entries(texts).map(([name, text]) => [name, Text.own(text ?? '')]);
}
