const LONG_MS = 2 ** 30;

/** Keeps this process alive while it is held: between two starts of an engine nothing else may. Returns what holds and lets go. */
export function createKeepAlive(): (isHeld: boolean) => void {
  let timer: NodeJS.Timeout | undefined;
  return (isHeld) => {
    clearInterval(timer);
    timer = isHeld ? setInterval(() => undefined, LONG_MS) : undefined;
  };
}
