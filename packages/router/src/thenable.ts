/** Is this a promise, of whatever kind, where none belongs. */
export const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && typeof Reflect.get(value, 'then') === 'function';

/** A promise that nobody waits for must not end the process when it is rejected. */
export function ignore(value: PromiseLike<unknown>): void {
  void Promise.resolve(value).catch(() => undefined);
}
