import { type Member, openMessage, within } from '@smmf/cluster';
import { type Clock, type Logger, SmmfError } from '@smmf/core';
import type { EngineLog, InstanceReport, LogQuery } from '@smmf/protocol';

/** Limit of asking a member, milliseconds. */
const ASK_LIMIT_MS = 1_000;

/** The members that can be asked what they run. */
export class MemberBook {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #members = new Set<Member>();

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  join(member: Member): () => void {
    this.#members.add(member);
    return () => void this.#members.delete(member);
  }

  clear(): void {
    this.#members.clear();
  }

  /** What all of them run, as far as they answer in time. */
  async reports(): Promise<readonly InstanceReport[]> {
    const reports = await Promise.all([...this.#members].map((member) => this.#ask(member)));
    return reports.flat();
  }

  /** @throws NOT_FOUND when the host is not there, or runs no engines */
  async logs(instance: string, host: string | undefined, query: LogQuery): Promise<EngineLog> {
    const member = [...this.#members].find(({ id }) => id === host);
    if (!member?.logs) {
      const why = host === undefined ? 'it runs elsewhere, and so is its log' : `its host "${host}" is not there`;
      throw new SmmfError('NOT_FOUND', `There is no log of "${instance}" here: ${why}`);
    }
    const ask = (signal: AbortSignal): Promise<string> | undefined => member.logs?.(instance, query, signal);
    const text = await within(this.#clock, ASK_LIMIT_MS, 'its log', async (signal) => (await ask(signal)) ?? '');
    return openMessage('log', text);
  }

  async #ask(member: Member): Promise<readonly InstanceReport[]> {
    try {
      const text = await within(this.#clock, ASK_LIMIT_MS, 'its report', (signal) => member.report(signal));
      return openMessage('report', text).instances;
    } catch (error) {
      this.#logger.debug({ member: member.id, reason: String(error) }, 'a member did not say what it runs');
      return [];
    }
  }
}
