import { SmmfError } from '@smmf/runtime';
import { Command, CommanderError } from 'commander';
import { chat } from './commands/chat.ts';
import { check, init, listPlugins, schema } from './commands/config.ts';
import { listModels } from './commands/model.ts';
import { addCommands, addEngineFlags } from './commands/register.ts';
import { addClusterCommands, addInstanceCommands } from './commands/register-control.ts';
import { startAny } from './commands/start-models.ts';
import { testVendor } from './commands/vendor.ts';
import { commaList, portNumber, severalTimes } from './flags.ts';
import { jsonFault } from './json-faults.ts';
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
    reach(parent.command('chat').description('talk to a model; in a pipe, or with a question: one answer'))
      .argument('[model]', 'needed where several are served')
      .argument('[question...]')
      .action((name, question, options) => run(chat(name, question, options)));
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

/** `smmf check [FILE]`. @throws CONFIG_INVALID, also for two different files */
async function checkFile(file: string | undefined, options: Parameters<typeof check>[0]): ReturnType<typeof check> {
  const { config } = options;
  if (file === undefined || config === undefined || file === config) {
    return check({ ...options, config: file ?? config });
  }
  throw new SmmfError('CONFIG_INVALID', `Two config files are named, ${file} and ${config}; check one after the other`);
}

function addStartCommand(program: Command, run: (work: Result) => Promise<void>): void {
  const start = program
    .command('start')
    .description('serve the models of a config, or without one those that --model names')
    .argument('[role]', 'controller, worker or apiserver: one role of a cluster; none: all in one program')
    .option(...CONFIG)
    .option(
      '--model <source>',
      'serve this without a config: SOURCE or NAME=SOURCE; several times for several',
      severalTimes,
    )
    .option('--join <url>', 'controller of the cluster, in place of join; several with commas', commaList)
    .option('--strict', 'end with 1 when any model cannot be served; default: only when none can')
    .option('--host <address>', 'address of the OpenAI API, in place of server.host')
    .option('--port <number>', 'port of the OpenAI API, in place of server.port', portNumber)
    .option('--admin-port <number>', 'port of the admin API, in place of admin.port', portNumber);
  addEngineFlags(start).action((role, options) => run(startAny(role, { ...options, verbose: program.opts().verbose })));
}

/** The command line, ready to parse; `onExit` gets the exit code of the command that ran. */
export function createProgram(version: string, onExit: (code: number) => void): Command {
  const program = new Command('smmf')
    .description('One OpenAI endpoint over many models and engines')
    .version(version)
    .option('--verbose', 'show stack traces of errors')
    .showHelpAfterError('(smmf --help lists the commands)')
    .exitOverride();
  let isJson = false;
  program.hook('preAction', (_, command) => {
    isJson = command.opts().json === true;
  });
  const run = async (work: Result): Promise<void> => {
    try {
      const code = await work;
      onExit(typeof code === 'number' ? code : 0);
    } catch (error) {
      if (isJson) console.log(jsonFault(error));
      else console.error(describeError(error, program.opts().verbose === true));
      onExit(exitCodeOf(error));
    }
  };
  addStartCommand(program, run);
  addCommands(program, run);
  program
    .command('check')
    .description('check a config without starting anything')
    .argument('[file]', 'the config file, as -c names it')
    .option(...CONFIG)
    .option('--online', 'also ask the servers that it names whether they are there')
    .option(...JSON_FLAG)
    .action((file, options) => run(checkFile(file, options)));
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
  addClusterCommands(program, run);
  addPluginCommands(program, run);
  return program;
}

/** What commander says of a command line that it cannot read, as an error of ours. */
function usageFault({ message }: CommanderError): SmmfError {
  return new SmmfError('CONFIG_INVALID', message.replace(/^error: /, ''));
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
    if (error.exitCode !== 0 && argv.includes('--json')) console.log(jsonFault(usageFault(error)));
    return error.exitCode === 0 ? 0 : 2;
  }
}
