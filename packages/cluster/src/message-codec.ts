import { SmmfError } from '@smmf/core';
import {
  type Assignment,
  assignment,
  type EngineLog,
  engineLog,
  type MemberReport,
  memberReport,
  type Replica,
  replica,
  type Settings,
  settings,
} from '@smmf/protocol';

/** What crosses between controllers and members. */
interface Messages {
  settings: Settings;
  assignment: Assignment;
  report: MemberReport;
  log: EngineLog;
  replica: Replica;
}

const SCHEMAS = { settings, assignment, report: memberReport, log: engineLog, replica } as const;

/** Makes the text of a message; it is what a carrier carries, in one process too. */
export function sealMessage<K extends keyof Messages>(_kind: K, message: Messages[K]): string {
  return JSON.stringify(message);
}

/**
 * Reads the text of a message, also of another version: keys that this one does not know are dropped, absent optional ones get
 * their defaults.
 * @throws INVALID_VALUE for what is no such message
 */
export function openMessage<K extends keyof Messages>(kind: K, text: string): Messages[K] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new SmmfError('INVALID_VALUE', `The ${kind} cannot be read: it is not JSON`, { cause });
  }
  const { data, error } = SCHEMAS[kind].safeParse(json);
  if (data) return data as Messages[K];
  const { path, message } = error.issues[0] ?? { path: [], message: 'no reason given' };
  throw new SmmfError('INVALID_VALUE', `The ${kind} cannot be read: ${path.join('.')}: ${message}`);
}
