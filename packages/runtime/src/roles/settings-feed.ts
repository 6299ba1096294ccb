import { type ControllerLink, type KeptCopy, openMessage } from '@smmf/cluster';
import type { Logger } from '@smmf/core';
import { isLater, type Settings } from '@smmf/protocol';

/** What {@link SettingsFeed} works with. */
export interface SettingsFeedContext {
  readonly controller: ControllerLink;
  readonly logger: Logger;
  /** Where the last good settings are kept over restarts. */
  readonly copy?: KeptCopy | undefined;
  /** Brings settings into force. */
  readonly apply: (settings: Settings) => Promise<void>;
}

/** Follows the settings of a controller: the latest wins, and what cannot be read, or is older, changes nothing. */
export class SettingsFeed {
  readonly #context: SettingsFeedContext;
  #unfollow = (): void => undefined;
  #newest: Settings | undefined;
  #inForce: Settings | undefined;
  #applying: Promise<void> | undefined;

  constructor(context: SettingsFeedContext) {
    this.#context = context;
  }

  /** The newest settings; undefined while there are none. */
  get newest(): Settings | undefined {
    return this.#newest;
  }

  /** Resolves once what was kept, and what the controller says by now, is in force; a controller that says nothing is not waited for. */
  async start(): Promise<void> {
    const { copy, controller, logger } = this.#context;
    const kept = await copy?.load();
    if (kept) {
      this.#take(kept.text);
      logger.info(
        { savedAt: new Date(kept.savedAtMs).toISOString() },
        'serving by the settings of before until a controller is heard',
      );
    }
    this.#unfollow = controller.followSettings((text) => this.#take(text));
    await this.#applying;
  }

  async close(): Promise<void> {
    this.#unfollow();
    await this.#applying;
    await this.#context.copy?.settled();
  }

  #take(text: string): void {
    try {
      const next = openMessage('settings', text);
      if (!isLater(next, this.#newest)) return;
      this.#newest = next;
      this.#context.copy?.save(text);
    } catch (error) {
      this.#context.logger.error({ reason: String(error) }, 'settings were not taken: those before stay in force');
    }
    this.#applying ??= this.#applyNewest().finally(() => {
      this.#applying = undefined;
    });
  }

  async #applyNewest(): Promise<void> {
    while (this.#newest !== undefined && this.#newest !== this.#inForce) {
      this.#inForce = this.#newest;
      await this.#context.apply(this.#inForce);
    }
  }
}
