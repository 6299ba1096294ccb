import { readFileSync } from 'node:fs';
import { cpuMs, type Started } from '../processes.ts';

/** What is asked of a target: so many streams at once, each with a prompt of its own. */
export interface Scenario {
  readonly name: string;
  readonly streams: number;
  readonly words: number;
  readonly tokens: number;
}

/** What one target did in one scenario. */
export interface Figures {
  readonly tokensPerSecond: number;
  /** The longest that one of the streams waited for its first token. */
  readonly worstFirstMs: number;
  /** CPU time of all processes of the target, for each token that was written, or for each that was read in `prompt`. */
  readonly cpuMsPerToken: number;
  /** Cores that anything but the targets and this process used meanwhile. */
  readonly others: number;
}

interface Answer {
  readonly firstMs: number;
  readonly read: number;
  readonly written: number;
}

const WORDS = ['river', 'stone', 'light', 'garden', 'paper', 'winter', 'window', 'bread', 'morning', 'silver'];
let serial = 0;

/** Text that no target has read before: what is remembered of prompts must help nobody. */
function promptOf(words: number): string {
  const number = ++serial;
  const word = (index: number): string => WORDS[(number * 7 + index * 3 + Math.floor(index / 9)) % WORDS.length] ?? '';
  return `${number} ${Array.from({ length: words }, (_, index) => word(index)).join(' ')}`;
}

async function ask(port: number, { words, tokens }: Scenario): Promise<Answer> {
  const sampling = { max_tokens: tokens, temperature: 0, ignore_eos: true };
  const body = { ...{ model: 'chat', prompt: promptOf(words) }, ...sampling, stream: true, cache_prompt: false };
  const begun = performance.now();
  const answer = await fetch(`http://127.0.0.1:${port}/v1/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...body, stream_options: { include_usage: true } }),
  });
  let [text, firstMs] = ['', Number.NaN];
  for await (const piece of answer.body ?? []) {
    text += Buffer.from(piece).toString();
    if (Number.isNaN(firstMs) && /"text":"[^"]/.test(text)) firstMs = performance.now() - begun;
  }
  const count = (name: string): number => Number(new RegExp(`"${name}":(\\d+)`).exec(text)?.[1]);
  const [read, written] = [count('prompt_tokens'), count('completion_tokens')];
  if (written !== tokens) throw new Error(`${written} tokens were written, not ${tokens}: ${text.slice(0, 300)}`);
  return { firstMs, read, written };
}

const TICK_MS = 10;

/** CPU time that all processes of the machine have used, milliseconds. */
function machineMs(): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, soft = 0, steal = 0] = readFileSync('/proc/stat', 'utf8')
    .split('\n', 1)[0]
    ?.split(/\s+/)
    .slice(1)
    .map(Number) ?? [0];
  return (user + nice + system + irq + soft + steal) * TICK_MS;
}

function ownMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** One scenario on one of the targets. */
export async function measure(scenario: Scenario, target: Started, all: readonly Started[]): Promise<Figures> {
  const used = (): readonly [number, number] => [machineMs(), sum(all.map(({ pid }) => cpuMs(pid))) + ownMs()];
  const [machineBefore, knownBefore] = used();
  const [targetBefore, begun] = [cpuMs(target.pid), performance.now()];
  const answers = await Promise.all(Array.from({ length: scenario.streams }, () => ask(target.port, scenario)));
  const ms = performance.now() - begun;
  const targetMs = cpuMs(target.pid) - targetBefore;
  const [machineAfter, knownAfter] = used();
  const [read, written] = [sum(answers.map((answer) => answer.read)), sum(answers.map((answer) => answer.written))];
  return {
    tokensPerSecond: (written * 1000) / ms,
    worstFirstMs: Math.max(...answers.map(({ firstMs }) => firstMs)),
    cpuMsPerToken: targetMs / (scenario.name === 'prompt' ? read : written),
    others: Math.max(0, machineAfter - machineBefore - (knownAfter - knownBefore)) / ms,
  };
}
