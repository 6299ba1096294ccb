/** A slice is meant to take this long: the most that a cancelled request keeps its sequence, and others wait for a token. */
const SLICE_MS = 100;
/** Smaller slices cost more than they save: below it, a call costs more than its tokens. */
const SMALLEST = 32;
/** The smallest where a token alone takes longer than {@link SLOW_TOKEN_MS}. */
const SMALLEST_OF_SLOW = 8;
const SLOW_TOKEN_MS = 50;
const LARGEST = 512;
/** Slices that are remembered: enough that one hiccup says nothing, few enough that a load that stays is noticed. */
const MEMORY = 4;

/** One slice that was read. */
interface Slice {
  readonly size: number;
  readonly tookMs: number;
}

/** Chooses how many tokens of a prompt are read at once, from what the slices before took. */
export interface SliceSize {
  readonly next: number;
  took(size: number, ms: number): void;
}

/** Begins with {@link SMALLEST}. */
export function createSliceSize(): SliceSize {
  const seen: Slice[] = [];
  let next = SMALLEST;
  return {
    get next() {
      return next;
    },
    took(size, ms) {
      seen.push({ size, tookMs: Math.max(ms, 0.001) });
      if (seen.length > MEMORY) seen.shift();
      next = sizeFor(seen);
    },
  };
}

/**
 * The size that takes {@link SLICE_MS}; where calls are dear it may take twice what a call costs: else a busy machine or a far
 * device would spend its time on calls. At most twice the last size, so that one lucky slice misleads little.
 */
function sizeFor(seen: readonly Slice[]): number {
  const { callMs, tokenMs } = costs(seen);
  const last = seen.at(-1)?.size ?? SMALLEST;
  const smallest = tokenMs > SLOW_TOKEN_MS ? SMALLEST_OF_SLOW : SMALLEST;
  // One size alone says nothing of what a call costs; a larger one next will.
  if (seen.length === 1 && smallest === SMALLEST) return Math.max(smallest, last * probe(seen));
  const fitting = Math.round((Math.max(SLICE_MS, 2 * callMs) - callMs) / Math.max(tokenMs, 0.001));
  return Math.max(smallest, Math.min(fitting, last * 2, LARGEST));
}

/** What a call costs, however small, and what each token costs beside. The least times count. */
function costs(seen: readonly Slice[]): { readonly callMs: number; readonly tokenMs: number } {
  const sizes = seen.map(({ size }) => size);
  const [small, large] = [Math.min(...sizes), Math.max(...sizes)];
  const most = Math.min(...seen.map(({ size, tookMs }) => tookMs / size));
  const slope = (leastOf(seen, large) - leastOf(seen, small)) / Math.max(large - small, 1);
  const tokenMs = small === large ? most : Math.min(Math.max(slope, 0), most);
  return { tokenMs, callMs: Math.max(0, Math.min(...seen.map(({ size, tookMs }) => tookMs - tokenMs * size))) };
}

const leastOf = (seen: readonly Slice[], wanted: number): number =>
  Math.min(...seen.filter(({ size }) => size === wanted).map(({ tookMs }) => tookMs));

/** How much larger the second slice is than the first: less where that took long. */
const probe = ([first]: readonly Slice[]): number => ((first?.tookMs ?? 0) > 2 * SLICE_MS ? 1.5 : 2);
