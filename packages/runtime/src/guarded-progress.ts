import type { Logger } from '@smmf/core';
import type { FetchProgress } from '@smmf/sources';

type OnProgress = (instance: string, progress: FetchProgress) => void;

/** What an embedder's listener throws must not end a download. */
export function guardedProgress(listener: OnProgress, logger: Logger): OnProgress {
  return (instance, progress) => {
    try {
      listener(instance, progress);
    } catch (error) {
      logger.error({ instance, error: String(error) }, 'the listener for progress failed');
    }
  };
}
