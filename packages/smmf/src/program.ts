import { Command, CommanderError } from 'commander';
import { check, init, listPlugins, schema } from './commands/config.ts';
import { commandInstance, describeInstance, listInstances } from './commands/instance.ts';
import { chat, listModels } from './commands/model.ts';
import { start } from './commands/start.ts';
import { testVendor } from './commands/vendor.ts';
import { describeError, exitCodeOf } from './output.ts';

/** What a command reports: an exit code, or nothing for 0. */
type Result = Promise<unknown>;

const CONFIG = ['-c, --config <file>', 'config file; default smmf.yaml in this folder'] as const;
const JSON_FLAG = ['--json', 'print JSON'] as const;

function addModelCommands(program: Command, run: (work: Result) => Promise<void>): void {
  const reach = (command: Command): Command =>
    command
      .option(...CONFIG)
      .option('--url <url>', 'address of the OpenAI API; default from SMMF_URL, the config, or http://127.0.0.1:8100')
      .option('--key <key>', 'bearer key; default from SMMF_KEY');
  const model = program.command('model').description('models of a running SMMF');
  reach(model.command('list').description('list the models'))
    .option(...JSON_FLAG)
    .action((options) => run(listModels(options)));
  for (const parent of [model, program]) {
    reach(parent.command('chat').description('talk to a model').argument('<model>')).action((name, options) =>
      run(chat(name, options)),
    );
  }
}

function addInstanceCommands(program: Command, run: (work: Result) => Promise<void>): void {
  const reach = (command: Command): Command =>
    command
      .option(...CONFIG)
      .option(
        '--url <url>',
        'address of the admin API; default from SMMF_ADMIN_URL, the config, or http://127.0.0.1:8010',
      )
      .option('--key <key>', 'admin key; default from SMMF_ADMIN_KEY')
      .option(...JSON_FLAG);
  const instance = program.command('instance').description('instances of a running SMMF');
  reach(instance.command('list').description('list the instances with state and reason')).action((options) =>
    run(listInstances(options)),
  );
  reach(instance.command('describe').description('all that is known of one instance').argument('<id>')).action(
    (id, options) => run(describeInstance(id, options)),
  );
  const actions = {
    online: 'take new requests again',
    offline: 'take no new requests',
    drain: 'take no new requests; those in flight finish',
    restart: 'drain, stop and start again',
  } as const;
  for (const [action, text] of Object.entries(actions) as [keyof typeof actions, string][]) {
    const command = reach(instance.command(action).description(text).argument('<id>'));
    if (action === 'restart') command.option('--no-wait', 'do not wait until it is ready again');
    command.action((id, options) => run(commandInstance(action, id, options)));
  }
}

function addPluginCommands(program: Command, run: (work: Result) => Promise<void>): void {
  const plugin = program.command('plugin').description('plugins');
  plugin
    .command('list')
    .description('list the known plugins and which are installed')
    .option(...JSON_FLAG)
    .action((options) => run(listPlugins(options)));
  const vendor = program.command('vendor').description('services that models are taken from');
  vendor
    .command('test')
    .description('make one real call with each key of a model, and say what came of it; costs a few tokens')
    .argument('<model>', 'as the config names it')
    .option(...CONFIG)
    .option(...JSON_FLAG)
    .action((model, options) => run(testVendor(model, options)));
}

/** The command line, ready to parse; `onExit` gets the exit code of the command that ran. */
export function createProgram(version: string, onExit: (code: number) => void): Command {
  const program = new Command('smmf')
    .description('One OpenAI endpoint over many models and engines')
    .version(version)
    .option('--verbose', 'show stack traces of errors')
    .showHelpAfterError('(smmf --help lists the commands)')
    .exitOverride();
  const run = async (work: Result): Promise<void> => {
    try {
      const code = await work;
      onExit(typeof code === 'number' ? code : 0);
    } catch (error) {
      console.error(describeError(error, program.opts().verbose === true));
      onExit(exitCodeOf(error));
    }
  };
  program
    .command('start')
    .description('serve the models of a config')
    .argument('[role]', 'reserved')
    .option(...CONFIG)
    .action((role, options) => run(start(role, { ...options, verbose: program.opts().verbose })));
  program
    .command('check')
    .description('check a config without starting anything')
    .option(...CONFIG)
    .option('--online', 'also ask the servers that it names whether they are there')
    .option(...JSON_FLAG)
    .action((options) => run(check(options)));
  program
    .command('schema')
    .description('print the JSON Schema of the config')
    .option('-o, --output <file>', 'write it to a file')
    .action((options) => run(schema(options)));
  program
    .command('init')
    .description('write a commented smmf.yaml for the installed plugins')
    .option('--force', 'write over an existing file')
    .action((options) => run(init(options)));
  addModelCommands(program, run);
  addInstanceCommands(program, run);
  addPluginCommands(program, run);
  return program;
}

/** Parses and runs; resolves with the exit code. */
export async function runProgram(version: string, argv: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = createProgram(version, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...argv]);
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
}
