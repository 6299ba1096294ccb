/** Runs `task` when the signal aborts, at once if it has; the returned function forgets it. */
export function whenAborted(signal: AbortSignal, task: () => void): () => void {
  if (signal.aborted) task();
  else signal.addEventListener('abort', task, { once: true });
  return () => signal.removeEventListener('abort', task);
}
