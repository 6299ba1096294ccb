/** What a fetch is doing. `waiting`: another process fetches the same file. */
export type FetchPhase = 'connecting' | 'waiting' | 'downloading' | 'verifying' | 'done';

/** How far a model file has come. */
export interface FetchProgress {
  /** The source as messages name it; its last path segment is the file's name. */
  readonly source: string;
  readonly phase: FetchPhase;
  /** Bytes that are on this machine, those of an earlier, broken-off fetch included. */
  readonly receivedBytes: number;
  /** Size of the whole; absent while it is not known. */
  readonly totalBytes?: number;
  /** Smoothed over about 2 s; present while downloading. */
  readonly bytesPerSecond?: number;
}

/** Reports one step; `totalBytes` undefined = not known. */
export type Report = (phase: FetchPhase, receivedBytes: number, totalBytes?: number) => void;

const INTERVAL_MS = 100;
const SMOOTHING_MS = 2_000;

/** Turns many small steps into at most ten calls a second; a new phase is passed on at once. */
export function createReport(
  source: string,
  listener: (progress: FetchProgress) => void,
  now: () => number = () => performance.now(),
): Report {
  let last: { phase: FetchPhase; atMs: number; bytes: number } | undefined;
  let bytesPerSecond: number | undefined;
  return (phase, receivedBytes, totalBytes) => {
    const atMs = now();
    const elapsedMs = last === undefined ? 0 : atMs - last.atMs;
    if (last?.phase === phase && elapsedMs < INTERVAL_MS) return;
    if (last?.phase === 'downloading' && phase === 'downloading') {
      const rate = Math.max(0, ((receivedBytes - last.bytes) / elapsedMs) * 1_000);
      const weight = bytesPerSecond === undefined ? 1 : 1 - Math.exp(-elapsedMs / SMOOTHING_MS);
      bytesPerSecond = (bytesPerSecond ?? 0) * (1 - weight) + rate * weight;
    }
    last = { phase, atMs, bytes: receivedBytes };
    listener({
      source,
      phase,
      receivedBytes,
      ...(totalBytes === undefined ? {} : { totalBytes }),
      ...(phase === 'downloading' && bytesPerSecond !== undefined ? { bytesPerSecond } : {}),
    });
  };
}

/** One line for a terminal or an instance's state: `model.gguf  34 %  33/98 MB  12 MB/s`. */
export function formatProgress(progress: FetchProgress): string {
  const { phase, receivedBytes, totalBytes, bytesPerSecond } = progress;
  const parts = [progress.source.slice(progress.source.lastIndexOf('/') + 1) || progress.source];
  if (phase === 'connecting') parts.push('connecting');
  if (phase === 'waiting') parts.push('waiting for another process');
  if (phase === 'verifying') parts.push('verifying');
  if (totalBytes !== undefined && totalBytes > 0 && phase === 'downloading') {
    parts.push(`${Math.min(100, Math.floor((receivedBytes / totalBytes) * 100))} %`);
    const unit = unitOf(totalBytes);
    parts.push(`${amount(receivedBytes, unit)}/${amount(totalBytes, unit)} ${unit.name}`);
  } else if (receivedBytes > 0) {
    parts.push(formatBytes(receivedBytes));
  }
  if (bytesPerSecond !== undefined) parts.push(`${formatBytes(bytesPerSecond)}/s`);
  return parts.join('  ');
}

const UNITS = [
  { name: 'GB', bytes: 1e9 },
  { name: 'MB', bytes: 1e6 },
  { name: 'kB', bytes: 1e3 },
  { name: 'B', bytes: 1 },
] as const;

type Unit = (typeof UNITS)[number];

function unitOf(bytes: number): Unit {
  return UNITS.find((unit) => bytes >= unit.bytes) ?? UNITS[3];
}

function amount(bytes: number, unit: Unit): string {
  return (bytes / unit.bytes).toFixed(unit.name === 'GB' ? 1 : 0);
}

/** A size for people: `98 MB`, `1.2 GB`. */
export function formatBytes(bytes: number): string {
  const unit = unitOf(bytes);
  return `${amount(bytes, unit)} ${unit.name}`;
}
