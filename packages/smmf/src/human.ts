const STEPS = [
  { unit: 'd', ms: 86_400_000, from: 48 * 3_600_000 },
  { unit: 'h', ms: 3_600_000, from: 3_600_000 },
  { unit: 'min', ms: 60_000, from: 60_000 },
  { unit: 's', ms: 1_000, from: 0 },
] as const;

/** How long something took or takes, for people: `12 s`, `3 min`, `2 h`, `4 d`. */
export function formatDuration(ms: number): string {
  const time = Math.max(0, ms);
  const { unit, ms: unitMs } = STEPS.find(({ from }) => time >= from) ?? STEPS[3];
  return `${Math.floor(time / unitMs)} ${unit}`;
}

/** A number for people: `135 M`, `7.6 B`. */
export function formatCount(count: number): string {
  const unit = [
    { name: ' T', size: 1e12 },
    { name: ' B', size: 1e9 },
    { name: ' M', size: 1e6 },
    { name: ' k', size: 1e3 },
  ].find(({ size }) => count >= size);
  if (!unit) return String(count);
  const value = count / unit.size;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)}${unit.name}`;
}

/** How long something has been so, for people: from `ms` of the Unix epoch until now. Nothing where that is not known. */
export const formatSince = (ms: number | undefined): string =>
  ms === undefined ? '' : formatDuration(Date.now() - ms);
