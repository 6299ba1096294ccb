import type { RawConfig } from './read-config.ts';

/** Where to listen, in place of what the config says. */
export interface ListenerOverrides {
  /** Of the OpenAI API. */
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly adminPort?: number | undefined;
  /** Controllers of the cluster to join. */
  readonly join?: readonly string[] | undefined;
}

/** Only what is given, so that nothing else is taken out of the config. */
function given(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** The config with other listeners. What is no config at all stays as it is: the check says so. */
export function withListeners(raw: RawConfig, { host, port, adminPort, join }: ListenerOverrides): RawConfig {
  const { value } = raw;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return raw;
  const { server, admin, ...rest } = value as Record<string, unknown>;
  const merged = (section: unknown, more: Record<string, unknown>): unknown =>
    Object.keys(more).length > 0 && (section === undefined || (typeof section === 'object' && section !== null))
      ? { ...section, ...more }
      : section;
  const sections = given({
    server: merged(server, given({ host, port })),
    admin: merged(admin, given({ port: adminPort })),
    join,
  });
  return { ...raw, value: { ...rest, ...sections } };
}
