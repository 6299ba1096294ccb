/** One failed attempt at an instance, out of an API server's log. Times are milliseconds of the Unix epoch. */
export interface FailedAttempt {
  readonly instance: string;
  readonly code: string;
  /** When it began, at the earliest: for a later attempt of a request, when the request came. */
  readonly startedMs: number;
}

/** One request, out of an API server's log. */
export interface LoggedRequest {
  readonly id: string;
  readonly instance: string | undefined;
  readonly code: string | undefined;
  readonly startedMs: number;
}

/** What an API server has logged of its requests. */
export interface RequestLog {
  readonly failed: readonly FailedAttempt[];
  readonly requests: readonly LoggedRequest[];
}

interface Line {
  readonly time: string;
  readonly msg: string;
  readonly id?: string;
  readonly instance?: string;
  readonly code?: string;
  readonly attempts?: number;
  readonly totalMs?: number;
}

const LINE = /"msg":"(?:request|attempt failed)"\}$/;

function* linesOf(text: string): Generator<Line> {
  for (const line of text.split('\n')) if (LINE.test(line)) yield JSON.parse(line) as Line;
}

/** Reads the lines of a log in JSON: those of requests, and of the attempts before the last one of each. */
export function readRequestLog(text: string): RequestLog {
  const lines = [...linesOf(text)];
  const requests = lines
    .filter(({ msg }) => msg === 'request')
    .map(({ id = '', instance, code, time, totalMs = 0 }) => ({
      ...{ id, instance, code },
      startedMs: Date.parse(time) - totalMs,
    }));
  const arrivals = new Map(requests.map(({ id, startedMs }) => [id, startedMs]));
  const before = lines
    .filter(({ msg }) => msg === 'attempt failed')
    .map(({ id = '', instance = '', code = '' }) => ({ instance, code, startedMs: arrivals.get(id) ?? 0 }));
  const last = requests.flatMap(({ instance, code, startedMs }) =>
    instance === undefined || code === undefined ? [] : [{ instance, code, startedMs }],
  );
  return { failed: [...before, ...last], requests };
}
