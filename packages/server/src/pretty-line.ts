import * as z from 'zod';

/** What a line for people shows of the line of a request. */
const requestLine = z.object({
  msg: z.literal('request'),
  time: z.string(),
  level: z.string(),
  status: z.number(),
  asked: z.string().optional(),
  model: z.string().optional(),
  instance: z.string().optional(),
  attempts: z.number().default(0),
  code: z.string().optional(),
  cause: z.string().optional(),
  endedBy: z.string().optional(),
  firstTokenMs: z.number().optional(),
  queueMs: z.number().default(0),
  totalMs: z.number(),
  promptTokens: z.number().optional(),
  completionTokens: z.number().optional(),
  key: z.string().optional(),
});

type RequestLine = z.infer<typeof requestLine>;

/** A queue that a person would want to know of, milliseconds. */
const LONG_QUEUE_MS = 100;

const COLORS: Readonly<Record<string, number>> = { info: 32, warn: 33, error: 31 };

/** `0.19 s`, `6.1 s`, `130 s`: three figures or fewer. */
function seconds(ms: number): string {
  const value = ms / 1000;
  return `${value < 1 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0)} s`;
}

function way({ asked, model, instance, attempts }: RequestLine): string {
  const names = [asked, model, instance].filter((name) => name !== undefined && name !== '');
  return `${names.join(' → ')}${attempts > 1 ? ` (attempt ${attempts})` : ''}`;
}

function times({ queueMs, firstTokenMs, totalMs }: RequestLine): string {
  const queued = queueMs >= LONG_QUEUE_MS ? `${seconds(queueMs)} in the queue, ` : '';
  const first = firstTokenMs === undefined ? '' : `${seconds(firstTokenMs)} first, `;
  return `${queued}${first}${seconds(totalMs)}`;
}

function outcome({ code, cause, endedBy, promptTokens, completionTokens }: RequestLine): string {
  if (endedBy === 'client') return 'the client left';
  if (code !== undefined) return cause === undefined ? code : `${code}: ${cause}`;
  if (promptTokens === undefined) return '';
  return `${promptTokens}${completionTokens === undefined ? '' : `+${completionTokens}`} tokens`;
}

/** What a line for people shows of the line of an instance. */
const stateLine = z.object({
  msg: z.literal('instance state'),
  time: z.string(),
  level: z.string(),
  instance: z.string(),
  state: z.string(),
  reason: z.string().optional(),
});

/** What a line for people shows of a crash. */
const crashLine = z.object({
  msg: z.literal('engine crashed'),
  time: z.string(),
  level: z.string(),
  instance: z.string(),
  how: z.string(),
  crashes: z.number(),
  restartInMs: z.number(),
  output: z.string().default(''),
});

function crashText({ instance, how, crashes, restartInMs, output }: z.infer<typeof crashLine>): string {
  const last = output.trimEnd().split('\n').at(-1) ?? '';
  const count = crashes > 1 ? `, ${crashes} times by now` : '';
  return `${instance}: ${how}${count}; started again in ${seconds(restartInMs)}${last === '' ? '' : `; it wrote: ${last}`}`;
}

function requestText(data: RequestLine): string {
  const who = data.key === undefined ? '' : `key ${data.key}`;
  return [way(data), times(data), outcome(data), who].filter((part) => part !== '').join('  ');
}

function shownAs(time: string, level: string, mark: string, text: string, isColored: boolean): string {
  const start = isColored ? `\u001b[${COLORS[level] ?? 0}m${plain(mark)}\u001b[39m` : plain(mark);
  return `${clock(time)} ${start} ${plain(text)}\n`;
}

/** What was escaped as JSON would steer the terminal. */
const plain = (text: string): string => text.replaceAll(/\p{Cc}/gu, (char) => JSON.stringify(char).slice(1, -1));

/**
 * The lines that people look at most, as people say it; undefined for any other one.
 * A request: `03:15:51 200 smollm2 → smollm2-0  0.19 s first, 6.1 s  12+100 tokens`.
 * An instance: `03:15:51 ready smollm2-0`, with its reason. A crash: `03:15:51 crashed smollm2-0: signal SIGKILL; started again in 0.25 s`.
 */
export function prettyLine(line: string, isColored: boolean): string | undefined {
  if (!/"msg":"(?:request|instance state|engine crashed)"/.test(line)) return undefined;
  const json: unknown = JSON.parse(line);
  const { data: request } = requestLine.safeParse(json);
  if (request) return shownAs(request.time, request.level, String(request.status), requestText(request), isColored);
  const { data: crash } = crashLine.safeParse(json);
  if (crash) return shownAs(crash.time, crash.level, 'crashed', crashText(crash), isColored);
  const { data: state } = stateLine.safeParse(json);
  if (!state) return undefined;
  const why = state.reason === undefined ? '' : `: ${state.reason.split('\n', 1)[0]}`;
  return shownAs(state.time, state.level, state.state, `${state.instance}${why}`, isColored);
}

/** The time of day where the server is. */
function clock(time: string): string {
  const date = new Date(time);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}
