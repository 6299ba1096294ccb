import type { Command } from 'commander';
import { countNumber } from '../flags.ts';
import { showCluster } from './cluster.ts';
import { commandHost, describeHost, type HostAction, listHosts } from './host.ts';
import { commandInstance, describeInstance, listInstances } from './instance.ts';
import { showLogs } from './logs.ts';

/** Runs a command's work and reports how it ended. */
type Run = (work: Promise<unknown>) => Promise<void>;

const ADMIN_URL = 'address of the admin API; default from SMMF_ADMIN_URL, the config, or http://127.0.0.1:8010';

/** Adds the flags that say where the admin API is. */
const reach = (command: Command): Command =>
  command
    .option('-c, --config <file>', 'config file; default smmf.yaml in this folder')
    .option('--url <url>', ADMIN_URL)
    .option('--key <key>', 'admin key; default from SMMF_ADMIN_KEY');

const withJson = (command: Command): Command => reach(command).option('--json', 'print JSON');

function logsOf(command: Command, run: Run): void {
  const text = 'the last lines that the engine of an instance wrote, and what became of it between them';
  const named = command.description(text).argument('<id>', 'of the instance, or the model that has only one');
  const flags = named
    .option('-n, --lines <number>', 'how many lines, at most 1000', countNumber, 100)
    .option('-f, --follow', 'and those that come, until Ctrl-C');
  reach(flags)
    .option('--json', 'a line of JSON for each')
    .action((id, options) => run(showLogs(id, options)));
}

/** Adds `smmf logs`. */
export function addLogsCommand(program: Command, run: Run): void {
  logsOf(program.command('logs'), run);
}

/** Adds `smmf instance …`. */
export function addInstanceCommands(program: Command, run: Run): void {
  const instance = program.command('instance').description('instances of a running SMMF');
  withJson(instance.command('list').description('list the instances with state and reason')).action((options) =>
    run(listInstances(options)),
  );
  withJson(instance.command('describe').description('all that is known of one instance').argument('<id>')).action(
    (id, options) => run(describeInstance(id, options)),
  );
  logsOf(instance.command('logs'), run);
  const actions = {
    online: 'take new requests again',
    resume: 'take new requests again, as online does',
    offline: 'take no new requests',
    drain: 'take no new requests; those in flight finish',
    restart: 'drain, stop and start again',
  } as const;
  for (const [action, text] of Object.entries(actions) as [keyof typeof actions, string][]) {
    const command = withJson(instance.command(action).description(text).argument('<id>'));
    if (action === 'restart') command.option('--no-wait', 'do not wait until it is ready again');
    command.action((id, options) => run(commandInstance(action, id, options)));
  }
}

/** Adds `smmf host …` and `smmf cluster …`. */
export function addClusterCommands(program: Command, run: Run): void {
  const cluster = program.command('cluster').description('a cluster: its members, and what is not well');
  withJson(cluster.command('status').description('who is there, what runs, and what to do about what is not well'))
    .option('-w, --watch', 'again and again, until Ctrl-C')
    .action((options) => run(showCluster(options)));
  const host = program.command('host').description('worker hosts of a cluster');
  withJson(host.command('list').description('list the worker hosts with what they can run')).action((options) =>
    run(listHosts(options)),
  );
  withJson(host.command('describe').description('all that is known of one worker host').argument('<host>')).action(
    (id, options) => run(describeHost(id, options)),
  );
  const actions: Readonly<Record<HostAction, string>> = {
    cordon: 'place no new instances on it; what runs goes on',
    uncordon: 'place instances on it again',
    drain: 'place no new instances on it, and send no new requests to those that it runs',
    resume: 'undo drain and cordon',
  };
  for (const [action, text] of Object.entries(actions) as [HostAction, string][]) {
    withJson(host.command(action).description(text).argument('<host>')).action((id, options) =>
      run(commandHost(action, id, options)),
    );
  }
}
