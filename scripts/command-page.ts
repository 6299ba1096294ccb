// docs/command.md: every command of `smmf`, from the program itself, with the screens that the tests keep.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { repositoryRoot } from './workspace.ts';

/** A command of commander, as far as the page reads it. */
interface Command {
  readonly commands: readonly Command[];
  readonly options: readonly { readonly flags: string; readonly description: string; readonly hidden: boolean }[];
  readonly registeredArguments: readonly { readonly description: string; name(): string }[];
  name(): string;
  aliases(): readonly string[];
  description(): string;
  usage(): string;
}

const SCREENS: Readonly<Record<string, string>> = {
  chat: 'chat',
  'cluster status': 'cluster-status',
  pull: 'pull',
  show: 'show',
  status: 'status',
};

const INTRO = `# The command

Made from the program and from \`docs/screens\` by \`node scripts/generate-docs.ts --write\`; a check holds it to the code.

\`npm install smmf @smmf/llamacpp\`, then \`npx smmf run smollm2\`: a small chat model, fetched once, and a chat with it.

| to | |
| --- | --- |
| serve a config | \`smmf start\` |
| serve a model without a config | \`smmf run MODEL --serve\`, or several: \`smmf start --model NAME=SOURCE --model SOURCE\` |
| talk to a model | \`smmf run MODEL\`, and \`smmf chat\` where one is served already |
| ask one question | \`smmf run MODEL "Why is the sky blue?"\`, \`git diff \\| smmf chat MODEL "Review this:"\` |
| see what runs | \`smmf status\`, \`smmf status --watch\`, \`smmf ps\` |
| manage model files | \`smmf pull\`, \`smmf list\`, \`smmf show\`, \`smmf rm\` |
| manage what runs | \`smmf instance list\`, \`drain\`, \`restart\` |
| look after a cluster | \`smmf cluster status\`, \`smmf host list\`, \`drain\`, \`resume\` |

A model is named by a file (\`./model.gguf\`), a place (\`hf://org/repo/file.gguf\`, \`hf://org/repo\`, \`https://…\`, \`modelscope://…\`,
\`pypi://…\`), its name in the config of this folder, the name of a file that was fetched, or \`smollm2\`. Of a repository without a
file name the usual build is taken (\`Q4_K_M\`, or what is nearest to it), and said.

Where the server is: the flags, else \`SMMF_URL\` and \`SMMF_ADMIN_URL\`, else the config in this folder, else ports 8100 and 8010.
Keys: \`--key\` and \`--admin-key\`, else \`SMMF_KEY\` and \`SMMF_ADMIN_KEY\`.

Exit codes: 0 ok, 1 failed (\`smmf cluster status\`: not all is well), 2 bad config or usage, 3 not reachable. With \`--json\` a fault is JSON on standard output, too:
\`{ "error": { "code", "message", "faults" } }\`. Colours only at a terminal, and not with \`NO_COLOR\`.

Completion: \`source <(smmf completion bash)\`, \`source <(smmf completion zsh)\`, \`smmf completion fish | source\`.

## In a chat

Pasted lines are one message. \`"""\` begins and ends a message of several lines. Ctrl-C stops an answer, and what has come of it
stays in the conversation; at the prompt, the second one ends, as Ctrl-D and \`/bye\` do. Reasoning is dim, between marks, and not
sent back. What was typed is kept for the next chat in \`chat-history\` in the state folder (\`~/.local/state/smmf\`), for this
user alone, at most 500 lines.

| command | |
| --- | --- |
| \`/help\` | the list |
| \`/clear\` | forget the conversation; system message and parameters stay |
| \`/system TEXT\` | what the model is told before everything else |
| \`/set temperature 0.2\` | \`temperature\`, \`top_p\`, \`top_k\`, \`min_p\`, \`max_tokens\`, \`seed\`, \`presence_penalty\`, \`frequency_penalty\`, \`stop\`; without a value it is as the server has it |
| \`/show\` | model, system message, parameters, size of the conversation |
| \`/save FILE\`, \`/load FILE\` | the conversation, as JSON |

In a pipe, the answer alone goes to standard output; reasoning and remarks go to standard error.
`;

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function screenOf(name: string): string[] {
  const screen = SCREENS[name];
  if (screen === undefined) return [];
  const text = readFileSync(join(repositoryRoot, `docs/screens/${screen}.txt`), 'utf8').trimEnd();
  return ['', '```text', text, '```'];
}

function sectionOf(command: Command, path: string): string[] {
  const shown = command.options.filter(({ hidden }) => !hidden);
  const rows = shown.map(({ flags, description }) => `| \`${cell(flags)}\` | ${cell(description)} |`);
  const words = command.registeredArguments
    .filter(({ description }) => description !== '')
    .map((argument) => `| \`${argument.name()}\` | ${cell(argument.description)} |`);
  const aliases = command.aliases().map((name) => `\`smmf ${name}\``);
  const also = aliases.length > 0 ? ` Also ${aliases.join(', ')}.` : '';
  const table = rows.length + words.length > 0 ? ['', '| | |', '| --- | --- |', ...words, ...rows] : [];
  const description = command.description();
  return [
    '',
    `### \`smmf ${path}\``,
    '',
    `\`smmf ${path} ${command.usage()}\`: ${description}.${also}`,
    ...table,
    ...screenOf(path),
  ];
}

function sectionsOf(command: Command, path: string): string[] {
  const own = command.commands.length === 0 ? sectionOf(command, path) : [];
  return [...own, ...command.commands.flatMap((one) => sectionsOf(one, `${path} ${one.name()}`.trim()))];
}

/** The page of every command. */
export async function commandPage(): Promise<string> {
  const { createProgram } = (await import(
    pathToFileURL(join(repositoryRoot, 'packages/smmf/src/program.ts')).href
  )) as { createProgram(version: string, onExit: () => void): Command };
  const program = createProgram('0', () => undefined);
  return [INTRO, '## Every command', ...sectionsOf(program, ''), ''].join('\n');
}
