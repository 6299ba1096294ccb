import type { ClusterMember, ControllerClient, ControllerLink, Member } from '@smmf/cluster';
import { sealMessage } from '@smmf/cluster';
import { memberReport } from '@smmf/protocol';

/** The members that run elsewhere, each asked at the address in its record. */
export class RemoteMembers {
  readonly #controller: Pick<ControllerLink, 'join'>;
  readonly #clientOf: (origin: string) => ControllerClient;
  readonly #joined = new Map<string, { readonly url: string; readonly end: () => void }>();

  constructor(controller: Pick<ControllerLink, 'join'>, clientOf: (origin: string) => ControllerClient) {
    this.#controller = controller;
    this.#clientOf = clientOf;
  }

  /** Takes in who is there. One in this process has no address: it has joined by itself. */
  update(members: readonly ClusterMember[]): void {
    const present = new Map<string, { readonly id: string; readonly url: string }>();
    for (const { kind, id, url, state } of members) {
      if (kind !== 'controller' && url !== undefined && state !== 'gone') present.set(`${kind} ${id}`, { id, url });
    }
    for (const [key, { url, end }] of this.#joined) {
      if (present.get(key)?.url === url) continue;
      end();
      this.#joined.delete(key);
    }
    for (const [key, { id, url }] of present) {
      if (this.#joined.has(key)) continue;
      this.#joined.set(key, { url, end: this.#controller.join(this.#member(id, url)) });
    }
  }

  clear(): void {
    for (const { end } of this.#joined.values()) end();
    this.#joined.clear();
  }

  #member(id: string, url: string): Member {
    const client = this.#clientOf(url);
    return {
      id,
      report: async (signal) => {
        const answer = await client.call('/member/v1/report', signal);
        return sealMessage('report', memberReport.parse(answer));
      },
      logs: async (instance, query, signal) => {
        const asked = new URLSearchParams();
        for (const [name, value] of Object.entries(query)) if (value !== undefined) asked.set(name, String(value));
        const path = `/member/v1/instances/${encodeURIComponent(instance)}/logs?${asked}`;
        return JSON.stringify(await client.call(path, signal));
      },
    };
  }
}
