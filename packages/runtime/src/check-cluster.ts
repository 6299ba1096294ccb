import { isLoopbackHost } from '@smmf/protocol';
import type { ParsedConfig } from './config.ts';
import type { FaultList } from './faults.ts';

/** What a config is for: one role in a process of its own, or all of them in one. */
export type Roles = 'all' | 'controller' | 'worker' | 'apiserver';

/** What {@link checkCluster} looks at. */
export interface ClusterCheck {
  readonly role: Roles;
  readonly file: string;
  /** Undefined while other faults hide it. */
  readonly config: ParsedConfig | undefined;
  /** As it stands, references replaced. */
  readonly written: unknown;
}

const NO_MODELS = 'is missing; add a model: models: { chat: { engine: llamacpp, source: ./model.gguf } }';
const EMPTY = 'names no model; add one: chat: { engine: llamacpp, source: ./model.gguf }';

/** The controllers that a config joins. */
export function controllersOf({ join }: Pick<ParsedConfig, 'join'>): readonly string[] {
  const origins = join === undefined ? [] : typeof join === 'string' ? [join] : join;
  return origins.map((origin) => new URL(origin).origin);
}

/** Models stand in the config of the controller that owns them, and nowhere else. */
function checkModels({ role, file, config, written }: ClusterCheck, faults: FaultList): void {
  if (!faults.isKnown(['models'])) return;
  const { models } = Object(written) as { readonly models?: unknown };
  const isReplica = role === 'controller' && config?.controller.primary !== undefined;
  const isMember = role === 'worker' || role === 'apiserver' || (role === 'all' && config?.join !== undefined);
  if (isReplica || isMember) {
    if (models === undefined) return;
    const what = isReplica ? 'a controller with a primary' : `this ${role === 'all' ? 'member' : role}`;
    faults.add(['models'], `${what} gets its models from the controller; take the section out of ${file}`);
    return;
  }
  if (models === undefined) faults.add(['models'], NO_MODELS);
  else if (typeof models === 'object' && models !== null && Object.keys(models).length === 0)
    faults.add(['models'], EMPTY);
}

const isPlainBeyond = (origin: string): boolean => {
  const { protocol, hostname } = new URL(origin);
  return protocol === 'http:' && !isLoopbackHost(hostname);
};

/** What goes between machines without TLS needs a word of its own. */
function checkPlain({ role, config }: ClusterCheck, faults: FaultList): void {
  if (!config || config.cluster.allowPlain) return;
  const remedy = 'or set cluster.allowPlain: true where nobody else is on the network';
  const text = `listens beyond this machine without TLS; give it tls: { certFile, keyFile }, ${remedy}`;
  const isOpen = ({ host, tls }: { readonly host: string; readonly tls?: unknown }): boolean =>
    tls === undefined && !isLoopbackHost(host);
  if (role === 'controller' && isOpen(config.controller)) faults.add(['controller', 'host'], text);
  if (role === 'worker' && isOpen(config.worker)) faults.add(['worker', 'host'], text);
  const plain = controllersOf(config).find(isPlainBeyond);
  if (plain !== undefined && role !== 'controller')
    faults.add(['join'], `${plain} would be called without TLS; write https://, ${remedy}`);
}

/** Tells what keeps a config from being that of its role in a cluster. */
export function checkCluster(check: ClusterCheck, faults: FaultList): void {
  const { role, config } = check;
  checkModels(check, faults);
  checkPlain(check, faults);
  if (!config) return;
  const isApart = role !== 'all' || config.join !== undefined;
  if (isApart && config.cluster.secrets === undefined) {
    faults.add(
      ['cluster', 'secrets'],
      'is missing; all members share one, best from an environment variable: openssl rand -base64 32',
    );
  }
  for (const [index, secret] of (config.cluster.secrets ?? []).entries()) {
    if (Buffer.byteLength(secret.reveal()) >= 16) continue;
    faults.add(['cluster', 'secrets', index], 'has fewer than 16 bytes; make one: openssl rand -base64 32');
  }
  if ((role === 'worker' || role === 'apiserver') && config.join === undefined)
    faults.add(['join'], 'is missing; name the controller: --join http://controller:8000');
}
