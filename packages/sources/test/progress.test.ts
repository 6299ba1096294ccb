import { describe, expect, it } from 'vitest';
import { createReport, type FetchProgress, formatProgress } from '../src/progress.ts';

describe('progress', () => {
  it('comes at most ten times a second, and at once when the phase changes', () => {
    let nowMs = 0;
    const seen: FetchProgress[] = [];
    const report = createReport(
      'hf://o/r/m.gguf',
      (progress) => seen.push(progress),
      () => nowMs,
    );
    report('connecting', 0);
    for (nowMs = 0; nowMs <= 1_000; nowMs += 1) report('downloading', nowMs * 1_000, 2_000_000);
    expect(seen.length).toBeGreaterThan(9);
    expect(seen.length).toBeLessThanOrEqual(12);
    report('done', 2_000_000, 2_000_000);
    expect(seen.at(-1)).toEqual({
      source: 'hf://o/r/m.gguf',
      phase: 'done',
      receivedBytes: 2_000_000,
      totalBytes: 2_000_000,
    });
  });

  it('tells the speed, smoothed', () => {
    let nowMs = 0;
    const seen: FetchProgress[] = [];
    const report = createReport(
      'm',
      (progress) => seen.push(progress),
      () => nowMs,
    );
    for (nowMs = 0; nowMs < 5_000; nowMs += 100) report('downloading', nowMs * 12_000);
    expect(seen.at(-1)?.bytesPerSecond).toBeCloseTo(12e6, -3);
    nowMs += 100;
    report('downloading', 4_900 * 12_000);
    expect(seen.at(-1)?.bytesPerSecond).toBeLessThan(12e6);
    expect(seen.at(-1)?.bytesPerSecond).toBeGreaterThan(10e6);
  });

  it.each<[Omit<FetchProgress, 'source'>, string]>([
    [
      { phase: 'downloading', receivedBytes: 33.4e6, totalBytes: 98e6, bytesPerSecond: 12e6 },
      'm.gguf  34 %  33/98 MB  12 MB/s',
    ],
    [{ phase: 'downloading', receivedBytes: 1.24e9, totalBytes: 4.7e9 }, 'm.gguf  26 %  1.2/4.7 GB'],
    [{ phase: 'downloading', receivedBytes: 33.4e6, bytesPerSecond: 900e3 }, 'm.gguf  33 MB  900 kB/s'],
    [{ phase: 'connecting', receivedBytes: 0 }, 'm.gguf  connecting'],
    [{ phase: 'waiting', receivedBytes: 5e6 }, 'm.gguf  waiting for another process  5 MB'],
    [{ phase: 'verifying', receivedBytes: 98e6, totalBytes: 98e6 }, 'm.gguf  verifying  98 MB'],
    [{ phase: 'done', receivedBytes: 98e6, totalBytes: 98e6 }, 'm.gguf  98 MB'],
  ])('is one line for a person: %j', (progress, line) => {
    expect(formatProgress({ source: 'hf://org/repo/m.gguf', ...progress })).toBe(line);
  });
});
