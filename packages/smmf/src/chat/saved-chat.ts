import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { SmmfError } from '@smmf/runtime';
import type { Conversation, Message } from './conversation.ts';
import { type Parameters, withParameter } from './parameters.ts';

const MARK = 'smmf chat';

type Saved = Pick<Conversation, 'system' | 'parameters' | 'messages'>;

const usage = (message: string, cause?: unknown): SmmfError => new SmmfError('INVALID_REQUEST', message, { cause });

const isMessage = (value: unknown): value is Message => {
  const { role, content } = Object(value) as Partial<Message>;
  return typeof content === 'string' && (role === 'user' || role === 'assistant');
};

function parse(text: string): Saved | undefined {
  const { kind, system, parameters, messages } = Object(JSON.parse(text)) as Record<string, unknown>;
  if (kind !== MARK || !Array.isArray(messages) || !messages.every(isMessage)) return undefined;
  const pairs = Object.entries(Object(parameters) as Parameters).flatMap(([name, value]) =>
    [value].flat().map((one) => [name, String(one)] as const),
  );
  const known = pairs.reduce<Parameters>((all, [name, value]) => withParameter(all, name, value), {});
  return { system: typeof system === 'string' ? system : undefined, parameters: known, messages };
}

function readSaved(path: string): Saved | undefined {
  try {
    return parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * Writes the conversation to a file that only this user can read. Returns its path.
 * @throws INVALID_REQUEST where something else stands in the file, or it cannot be written
 */
export function saveChat({ model, system, parameters, messages }: Conversation, file: string): string {
  const path = resolve(file);
  if (existsSync(path) && !readSaved(path)) throw usage(`${path} exists and holds no chat; take another name`);
  const text = JSON.stringify({ kind: MARK, model, system, parameters, messages }, null, 2);
  try {
    writeFileSync(path, `${text}\n`, { mode: 0o600 });
  } catch (cause) {
    throw usage(`${path} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
  return path;
}

/** Takes up the conversation of a file that {@link saveChat} wrote. @throws INVALID_REQUEST where there is none in it */
export function loadChat(conversation: Conversation, file: string): void {
  const path = resolve(file);
  if (!existsSync(path)) throw usage(`There is no file ${path}`);
  const saved = readSaved(path);
  if (!saved) throw usage(`${path} holds no chat that /save wrote`);
  Object.assign(conversation, saved, { tokens: undefined });
}
