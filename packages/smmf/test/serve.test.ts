import { expect, it } from 'vitest';
import { ModelLines } from '../src/model-lines.ts';
import { hopeless, stopText } from '../src/serve.ts';

type Status = Parameters<typeof hopeless>[0][number];

const status = (id: string, state: Status['state'], reason?: string): Status => ({
  ...{ id, state, ready: state === 'ready' ? 1 : 0, instances: 1 },
  ...(reason === undefined ? {} : { reason }),
});

it('a model gets one line when it is ready and one for each reason that keeps it from it', () => {
  const lines: string[] = [];
  const told = new ModelLines((line) => lines.push(line), 0);
  const look = (model: Status, nowMs: number) => told.look([model], nowMs);
  look(status('a', 'starting', 'not started'), 10);
  look(status('a', 'starting', 'loading'), 20);
  look(status('a', 'ready'), 2_100);
  look(status('a', 'ready'), 3_000);
  look(status('a', 'starting', 'its process has ended'), 4_000);
  look(status('a', 'starting', 'restarting in 250 ms after signal SIGKILL'), 4_100);
  look(status('a', 'starting', 'loading'), 4_400);
  look(status('a', 'ready'), 6_000);
  look(status('a', 'down', 'refused'), 7_000);
  look(status('a', 'down', 'refused'), 8_000);
  look(status('a', 'down', 'timed out'), 9_000);
  expect(lines).toEqual([
    'a is ready after 2.1 s',
    'a is starting: restarting in 250 ms after signal SIGKILL',
    'a is ready again',
    'a is down: refused',
    'a is down: timed out',
  ]);
});

it('the same reason is told once, however long the waits between restarts grow; the first time that it is ready is none of "again"', () => {
  const lines: string[] = [];
  const told = new ModelLines((line) => lines.push(line), 0);
  for (const wait of ['250 ms', '500 ms', '1000 ms']) {
    told.look([status('a', 'starting', `restarting in ${wait} after exit code 7`)], 1_000);
    told.look([status('a', 'starting', 'loading')], 1_100);
  }
  for (const times of [5, 6]) {
    const reason = `it crashes again and again (${times} times by now): restarting in ${times * 2} s after exit code 7`;
    told.look([status('a', 'down', reason)], 2_000);
  }
  told.look([status('a', 'ready')], 9_000);
  expect(lines).toEqual([
    'a is starting: restarting in 250 ms after exit code 7',
    'a is down: it crashes again and again (5 times by now): restarting in 10 s after exit code 7',
    'a is ready after 9.0 s',
  ]);
});

it('there is no sense in going on when no model can ever be served, or, where it is asked for strictly, when one cannot', () => {
  const bad = status('a', 'failed', 'bad file');
  expect(hopeless([bad], false)).toBe('Model "a" cannot be served: bad file');
  expect(hopeless([bad, status('b', 'starting')], false)).toBeUndefined();
  expect(hopeless([bad, status('b', 'down', 'refused')], false)).toBeUndefined();
  expect(hopeless([bad, status('b', 'ready')], true)).toBe('Model "a" cannot be served: bad file');
  expect(hopeless([status('a', 'down', 'refused')], true)).toBe('Model "a" cannot be served: refused');
  expect(hopeless([status('a', 'starting')], true)).toBeUndefined();
});

it('who stops it is told what runs, how long it may, and what a second Ctrl-C does', () => {
  expect(stopText(0, 30_000, 0)).toBe('Stopping');
  expect(stopText(1, 30_000, 0)).toBe(
    'Stopping: 1 request is running and has up to 30 s to end; Ctrl-C again ends them now, with an error',
  );
  expect(stopText(3, 30_000, 5_000)).toBe(
    'Stopping: new requests are taken for 5 s more; 3 requests are running and have up to 30 s to end; Ctrl-C again ends them now, with an error',
  );
  expect(stopText(0, 30_000, 5_000)).toBe('Stopping: new requests are taken for 5 s more; Ctrl-C again stops at once');
});
