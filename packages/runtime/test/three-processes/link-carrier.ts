import { connect, createServer, type Server, type Socket } from 'node:net';
import type { ControllerLink, Member } from '@smmf/cluster';
import { linesOf } from '../../../cluster/test/registry-carrier.ts';

/** What a member says to its controller, and what it hears. */
type FromMember =
  | { readonly follow: 'settings' }
  | { readonly follow: 'assignment'; readonly host: string }
  | { readonly join: string }
  | { readonly answer: number; readonly text: string };
type ToMember = { readonly settings: string } | { readonly assignment: string } | { readonly ask: number };

const send = (socket: Socket, message: FromMember | ToMember): void => {
  socket.write(`${JSON.stringify(message)}\n`);
};

/** A controller's link as JSON lines on loopback. For tests: no retry, no key, no resync. */
export function serveLink(link: ControllerLink): Server {
  return createServer((socket) => {
    const ends: (() => void)[] = [];
    const asked = new Map<number, (text: string) => void>();
    const report = (): Promise<string> => {
      const { promise, resolve } = Promise.withResolvers<string>();
      const ask = asked.size;
      asked.set(ask, resolve);
      send(socket, { ask });
      return promise;
    };
    linesOf(socket, (line) => {
      const message = JSON.parse(line) as FromMember;
      if ('answer' in message) asked.get(message.answer)?.(message.text);
      else if ('join' in message) ends.push(link.join({ id: message.join, report }));
      else if (message.follow === 'settings') ends.push(link.followSettings((settings) => send(socket, { settings })));
      else ends.push(link.followAssignment(message.host, (assignment) => send(socket, { assignment })));
    });
    socket.on('close', () => {
      for (const end of ends) end();
    });
  });
}

/** The other end of {@link serveLink}, for one member. */
export function connectLink(port: number): ControllerLink & { readonly socket: Socket } {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  const heard: { settings?: (text: string) => void; assignment?: (text: string) => void; member?: Member } = {};
  linesOf(socket, (line) => {
    const message = JSON.parse(line) as ToMember;
    if ('settings' in message) heard.settings?.(message.settings);
    else if ('assignment' in message) heard.assignment?.(message.assignment);
    else
      void heard.member?.report(AbortSignal.timeout(1_000)).then((text) => send(socket, { answer: message.ask, text }));
  });
  const end = (key: keyof typeof heard) => () => {
    delete heard[key];
  };
  return {
    socket,
    followSettings(listener) {
      heard.settings = listener;
      send(socket, { follow: 'settings' });
      return end('settings');
    },
    followAssignment(host, listener) {
      heard.assignment = listener;
      send(socket, { follow: 'assignment', host });
      return end('assignment');
    },
    join(member) {
      heard.member = member;
      send(socket, { join: member.id });
      return end('member');
    },
  };
}
