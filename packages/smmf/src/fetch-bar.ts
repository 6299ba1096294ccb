import { createProgressBar, type ProgressBar } from './progress-bar.ts';

/** Shows how files come in on standard error, but nothing for one that is here already. */
export function createFetchBar(): ProgressBar {
  const bar = createProgressBar(process.stderr);
  const begun = new Set<string>();
  return {
    show(instance, progress) {
      if (progress.phase === 'done' && !begun.has(instance)) return;
      begun.add(instance);
      bar.show(instance, progress);
    },
    clear: () => bar.clear(),
  };
}
