/** Lets text through up to the first stop text; keeps back an end that may be the beginning of one. */
export interface StopGate {
  readonly isStopped: boolean;
  /** Adds text and gives what may go out. */
  push(text: string): string;
  /** What was kept back; no more text will come. */
  end(): string;
}

/**
 * A gate over an answer. Models are told the stop texts, but some write them out, and some take only one.
 * @param stops none of them empty
 */
export function createStopGate(stops: readonly string[]): StopGate {
  let kept = '';
  let isStopped = false;
  return {
    get isStopped() {
      return isStopped;
    },
    push(text) {
      if (isStopped) return '';
      kept += text;
      const places = stops.map((stop) => kept.indexOf(stop)).filter((at) => at >= 0);
      isStopped = places.length > 0;
      const length = isStopped ? Math.min(...places) : kept.length - possibleStart(kept, stops);
      const passed = kept.slice(0, length);
      kept = isStopped ? '' : kept.slice(length);
      return passed;
    },
    end() {
      const rest = kept;
      kept = '';
      return rest;
    },
  };
}

/** Length of the longest end of `text` that is a beginning of a stop text. */
function possibleStart(text: string, stops: readonly string[]): number {
  let longest = 0;
  for (const stop of stops) {
    for (let length = Math.min(stop.length - 1, text.length); length > longest; length--) {
      if (text.endsWith(stop.slice(0, length))) longest = length;
    }
  }
  return longest;
}
