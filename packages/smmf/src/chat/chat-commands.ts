import { didYouMean, SmmfError } from '@smmf/runtime';
import type { Conversation } from './conversation.ts';
import { PARAMETER_NAMES, parameterLines, withParameter } from './parameters.ts';
import { loadChat, saveChat } from './saved-chat.ts';

/** What a command of a chat says; undefined ends the chat. */
type Said = readonly string[] | undefined;

interface ChatCommand {
  readonly takes: string;
  readonly does: string;
  run(conversation: Conversation, rest: string): Said;
}

function show({ model, system, parameters, messages, tokens }: Conversation): Said {
  const used = tokens === undefined ? '' : `, ${tokens} tokens at the last answer`;
  return [
    `model             ${model}`,
    `messages          ${messages.length}${used}`,
    ...(system === undefined ? [] : [`system            ${system}`]),
    ...parameterLines(parameters),
  ];
}

function setSystem(conversation: Conversation, rest: string): Said {
  if (rest === '') return [conversation.system ?? 'There is no system message; /system TEXT sets one'];
  conversation.system = rest;
  return ['System message set'];
}

/** `/set temperature 0.2`; also as Ollama has it: `/set parameter temperature 0.2`, `/set system TEXT`. */
function set(conversation: Conversation, rest: string): Said {
  const [, name = '', value = ''] = /^(?:parameter\s+)?(\S*)\s*(.*)$/s.exec(rest) ?? [];
  if (name === 'system') return setSystem(conversation, value);
  if (name === '') {
    const set = parameterLines(conversation.parameters);
    return [...set, `/set NAME VALUE sets one, /set NAME takes it away. Names: ${PARAMETER_NAMES.join(', ')}`];
  }
  conversation.parameters = withParameter(conversation.parameters, name, value.trim());
  const now = conversation.parameters[name];
  return [now === undefined ? `${name} is as the server has it` : `${name} is ${JSON.stringify(now)}`];
}

const needsFile = (rest: string, name: string): void => {
  if (rest === '') throw new SmmfError('INVALID_REQUEST', `/${name} needs the name of a file`);
};

const COMMANDS: Readonly<Record<string, ChatCommand>> = {
  help: {
    takes: '',
    does: 'this list',
    run: () => helpLines(),
  },
  clear: {
    takes: '',
    does: 'forget the conversation; system message and parameters stay',
    run(conversation) {
      Object.assign(conversation, { messages: [], tokens: undefined });
      return ['The conversation is forgotten'];
    },
  },
  system: { takes: 'TEXT', does: 'what the model is told before everything else', run: setSystem },
  set: { takes: 'NAME VALUE', does: 'a parameter, such as temperature 0.2; without a name: the list', run: set },
  show: { takes: '', does: 'model, system message, parameters, size of the conversation', run: show },
  save: {
    takes: 'FILE',
    does: 'write the conversation to a file',
    run(conversation, rest) {
      needsFile(rest, 'save');
      return [`Saved to ${saveChat(conversation, rest)}`];
    },
  },
  load: {
    takes: 'FILE',
    does: 'go on with a conversation that was saved',
    run(conversation, rest) {
      needsFile(rest, 'load');
      loadChat(conversation, rest);
      return [`${conversation.messages.length} messages loaded`];
    },
  },
  bye: { takes: '', does: 'end', run: () => undefined },
};

const ALSO: Readonly<Record<string, string>> = { '?': 'help', exit: 'bye', quit: 'bye' };

function helpLines(): string[] {
  const rows = Object.entries(COMMANDS).map(([name, { takes, does }]) => `/${`${name} ${takes}`.padEnd(17)}${does}`);
  const lines = [
    `"""               begins and ends a message of several lines; pasted lines are one message anyway`,
    'Ctrl-C            stops an answer; twice at the prompt it ends, as Ctrl-D does',
  ];
  return [...rows, ...lines];
}

/** Is the line a command, and not a message that begins with a path? */
export function isChatCommand(line: string): boolean {
  return /^\/[a-z?]+(?:\s|$)/i.test(line);
}

/**
 * Runs a line such as `/set temperature 0.2`. Returns what to say; undefined ends the chat.
 * @throws INVALID_REQUEST for what is not known, with those that are
 */
export function runChatCommand(conversation: Conversation, line: string): readonly string[] | undefined {
  const [, written = '', rest = ''] = /^\/(\S+)\s*(.*)$/s.exec(line) ?? [];
  const word = written.toLowerCase();
  const name = ALSO[word] ?? word;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command) return command.run(conversation, rest.trim());
  throw new SmmfError(
    'INVALID_REQUEST',
    `There is no /${word}${didYouMean(word, Object.keys(COMMANDS))}; /help lists all`,
  );
}
