import { createInterface, type Interface } from 'node:readline';
import { styleText } from 'node:util';
import type { ApiClient } from '@smmf/client';
import { describeError, plainText } from '../output.ts';
import { createAnswerPrinter } from './answer-printer.ts';
import { isChatCommand, runChatCommand } from './chat-commands.ts';
import { ask, beginConversation, type Conversation } from './conversation.ts';
import { openHistory } from './history-file.ts';
import { BRACKETED_PASTE, LINE_MARK, PasteInput } from './paste-input.ts';

const PROMPT = '> ';
const MORE = '. ';
const QUOTES = '"""';

const dim = (text: string): string => styleText('dim', text, { stream: process.stdout });
const withLines = (line: string): string => line.replaceAll(LINE_MARK, '\n');

/** What a person does at the prompt: a line, Ctrl-C (null), or the end: Ctrl-D, a terminal that is gone (undefined). */
type Deed = string | null | undefined;

/** Reads messages: lines, pasted texts, and what stands between two `"""`. */
class Prompt {
  readonly #input = new PasteInput(process.stdin);
  readonly #terminal: Interface;
  readonly #deeds: Deed[] = [];
  #wake = (): void => undefined;
  #isWarned = false;

  constructor() {
    const history = openHistory();
    const settings = { terminal: true, historySize: 500, removeHistoryDuplicates: true };
    const streams = { input: this.#input, output: process.stdout };
    this.#terminal = createInterface({ ...streams, ...settings, history: [...history.lines] });
    this.#terminal.on('line', (line) => {
      if (line.trim() !== '') history.add(line);
      this.#add(line);
    });
    this.#terminal.on('SIGINT', () => this.#add(null));
    this.#terminal.on('close', () => this.#add(undefined));
    process.stdout.write(BRACKETED_PASTE.on);
  }

  #add(deed: Deed): void {
    this.#deeds.push(deed);
    this.#wake();
  }

  async #deed(): Promise<Deed> {
    while (this.#deeds.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#deeds.shift();
  }

  /** The next line; undefined at the end. */
  async #line(prompt: string): Promise<string | undefined> {
    this.#terminal.setPrompt(prompt);
    for (;;) {
      this.#terminal.prompt();
      const deed = await this.#deed();
      if (deed !== null) return deed;
      const isEmpty = this.#terminal.line === '';
      if (isEmpty && this.#isWarned) return undefined;
      this.#isWarned = isEmpty;
      // To the end and back to the beginning: nothing of the line is left.
      for (const name of ['e', 'u']) this.#terminal.write(null, { ctrl: true, name });
      process.stdout.write(`\n${isEmpty ? dim('(Ctrl-C once more, Ctrl-D or /bye ends)\n') : ''}`);
    }
  }

  async message(): Promise<string | undefined> {
    const first = await this.#line(PROMPT);
    this.#isWarned = false;
    if (first === undefined) return undefined;
    let text = withLines(first);
    if (!text.trimStart().startsWith(QUOTES)) return text.trim();
    text = text.trimStart().slice(QUOTES.length);
    while (!text.includes(QUOTES)) {
      const next = await this.#line(MORE);
      if (next === undefined) return undefined;
      text += `\n${withLines(next)}`;
    }
    return text.slice(0, text.indexOf(QUOTES)).trim();
  }

  /** Runs `work` while nothing is read but Ctrl-C, which aborts it. */
  async during<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const stop = new AbortController();
    this.#input.hold(() => stop.abort());
    try {
      return await work(stop.signal);
    } finally {
      this.#input.resumeTyping();
    }
  }

  close(): void {
    process.stdout.write(BRACKETED_PASTE.off);
    this.#terminal.close();
    this.#input.close();
  }
}

/** Answers one message; false ends the chat. A fault is told, and the conversation stays as it was. */
async function respond(api: ApiClient, conversation: Conversation, message: string, prompt: Prompt): Promise<boolean> {
  try {
    if (!isChatCommand(message)) {
      await prompt.during((signal) => ask(api, conversation, message, createAnswerPrinter(), signal));
      return true;
    }
    const said = runChatCommand(conversation, message);
    for (const line of said ?? []) console.log(plainText(line));
    return said !== undefined;
  } catch (error) {
    console.log(styleText('red', `error: ${describeError(error, false)}`, { stream: process.stdout }));
    return true;
  }
}

/** A chat with a person at the terminal; resolves when they leave. `remark` stands above it. */
export async function chatOnTerminal(api: ApiClient, model: string, remark?: string): Promise<void> {
  const conversation = beginConversation(model);
  const prompt = new Prompt();
  if (remark !== undefined) console.log(dim(plainText(remark)));
  console.log(dim(`Chatting with ${plainText(model)}. /help lists the commands, /bye or Ctrl-D ends.`));
  try {
    for (let message = await prompt.message(); message !== undefined; message = await prompt.message()) {
      if (message !== '' && !(await respond(api, conversation, message, prompt))) return;
    }
    process.stdout.write('\n');
  } finally {
    prompt.close();
  }
}
