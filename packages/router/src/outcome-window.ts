const SIZE = 20;
const WINDOW_MS = 30_000;
const FAILURES_IN_A_ROW = 5;

/** The last answers of an instance, told apart by whether it failed by itself. */
export class OutcomeWindow {
  readonly #atMs = new Float64Array(SIZE).fill(Number.NEGATIVE_INFINITY);
  readonly #failed = new Uint8Array(SIZE);
  #next = 0;
  #row = 0;

  succeeded(nowMs: number): void {
    this.#row = 0;
    this.#add(0, nowMs);
  }

  /** @returns true when that makes five failures in a row, or more than half of the last 20 answers within 30 s */
  failed(nowMs: number): boolean {
    this.#row++;
    this.#add(1, nowMs);
    if (this.#row >= FAILURES_IN_A_ROW) return true;
    if (this.#atMs.some((atMs) => atMs < nowMs - WINDOW_MS)) return false;
    return this.#failed.reduce((sum, failed) => sum + failed, 0) > SIZE / 2;
  }

  /** What was before an ejection says nothing about what comes after it. */
  clear(): void {
    this.#row = 0;
    this.#atMs.fill(Number.NEGATIVE_INFINITY);
  }

  #add(failed: number, nowMs: number): void {
    this.#atMs[this.#next] = nowMs;
    this.#failed[this.#next] = failed;
    this.#next = (this.#next + 1) % SIZE;
  }
}
