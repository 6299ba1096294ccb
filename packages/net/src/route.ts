import { type DialRoute, type DialTarget, SmmfError } from '@smmf/core';
import type { EgressRule } from './egress.ts';
import { type Environment, type HostPort, proxyOfEnvironment } from './proxy-environment.ts';

/** What a route depends on besides the target. */
export interface RouteContext {
  readonly env: Environment;
  readonly egress: EgressRule;
}

/** A route as the dialer takes it: with the proxy's whole URL, which may hold its credentials. */
export type InnerRoute = Exclude<DialRoute, { kind: 'proxy' }> | { readonly kind: 'proxy'; readonly url: URL };

/** Host and port that a URL means. @throws CONFIG_INVALID for a text that is no `http:` or `https:` URL */
export function hostPortOf(text: string): HostPort & { readonly protocol: 'http:' | 'https:' } {
  const { protocol = 'this', hostname = '', port = '' } = URL.parse(text) ?? {};
  if (protocol !== 'http:' && protocol !== 'https:') {
    // Nothing more of the text is shown: it may hold a password.
    throw new SmmfError(
      'CONFIG_INVALID',
      `An address to reach begins with http:// or https://, such as http://gpu1:8000; ${protocol} does not`,
    );
  }
  const host = hostname.replace(/^\[|\]$/g, '').replace(/(?<=.)\.$/, '');
  return { protocol, host, port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port) };
}

/** The URL of a proxy; the reason when it is none. Nothing of the text is shown: it may hold a password. */
function parseProxy(text: string, name: string): URL | string {
  const url = URL.parse(text.includes('://') ? text : `http://${text}`);
  if (url?.hostname && (url.protocol === 'http:' || url.protocol === 'https:')) return url;
  const socks = url?.protocol.startsWith('socks') ? ' SOCKS is not supported.' : '';
  return `${name} is not the URL of a proxy, such as http://proxy:3128.${socks}`;
}

function proxyOf(target: DialTarget, { env }: RouteContext): URL | string | undefined {
  const { proxy = 'none' } = target;
  if (proxy === 'none') return undefined;
  if (proxy !== 'env') return parseProxy(proxy, 'The option proxy');
  const { protocol, ...hostPort } = hostPortOf(target.url);
  const found = proxyOfEnvironment(env, protocol, hostPort);
  return found && parseProxy(found.value, found.name);
}

const refused = (by: 'egress' | 'proxy', why: string): InnerRoute => ({ kind: 'refused', by, why });

/** The route with what only the dialer may see. */
export function innerRouteOf(target: DialTarget, context: RouteContext): InnerRoute {
  const { url, socketPath, egress: zone = 'configured' } = target;
  if (socketPath !== undefined) {
    if (zone === 'configured') return { kind: 'socket', path: socketPath };
    return refused('egress', `${socketPath}: a unix socket is reached only where the config names it`);
  }
  const { host, port } = hostPortOf(url);
  const proxy = proxyOf(target, context);
  const why = context.egress.host(host, port, zone, proxy !== undefined);
  if (why !== undefined) return refused('egress', why);
  if (proxy === undefined) return { kind: 'direct' };
  return typeof proxy === 'string' ? refused('proxy', proxy) : { kind: 'proxy', url: proxy };
}

/**
 * The way that a target is reached, found without DNS and without the network.
 * @throws CONFIG_INVALID for a URL that is neither `http:` nor `https:`
 */
export function routeOf(target: DialTarget, context: RouteContext): DialRoute {
  const route = innerRouteOf(target, context);
  return route.kind === 'proxy' ? { kind: 'proxy', proxy: route.url.origin } : route;
}

/** A route in words for an operator: "direct", "through proxy http://proxy:3128". */
export function describeRoute(route: DialRoute): string {
  switch (route.kind) {
    case 'direct':
      return 'direct';
    case 'socket':
      return `by the unix socket ${route.path}`;
    case 'proxy':
      return `through proxy ${route.proxy}`;
    case 'refused':
      return `refused${route.by === 'egress' ? ' by the egress rule' : ''}: ${route.why}`;
  }
}
