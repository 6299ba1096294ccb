import { describe, expect, it } from 'vitest';
import { parameterLines, withParameter } from '../src/chat/parameters.ts';
import { pickGguf } from '../src/fetch-model.ts';
import { formatCount, formatDuration } from '../src/human.ts';
import { nameOfFile } from '../src/model-name.ts';

describe('numbers for people', () => {
  it.each([
    [0, '0 s'],
    [-5, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [3_600_000 - 1, '59 min'],
    [3_600_000, '1 h'],
    [47.9 * 3_600_000, '47 h'],
    [48 * 3_600_000, '2 d'],
  ])('are times in the unit that fits: %d ms', (ms, text) => expect(formatDuration(ms)).toBe(text));

  it.each([
    [999, '999'],
    [1_500, '1.5 k'],
    [134_515_008, '135 M'],
    [7_620_000_000, '7.6 B'],
  ])('are counts with few digits: %d', (count, text) => expect(formatCount(count)).toBe(text));
});

describe('the build of a model that is taken', () => {
  it.each([
    [['m-Q8_0.gguf', 'm-q4_k_m.gguf', 'm-F16.gguf'], 'm-q4_k_m.gguf'],
    [['m-Q8_0.gguf', 'm-Q5_K_M.gguf'], 'm-Q5_K_M.gguf'],
    [['mmproj-m-Q4_K_M.gguf', 'big-Q4_K_M-00001-of-00002.gguf', 'm-other.gguf'], 'm-other.gguf'],
    [['big-Q4_K_M-00001-of-00002.gguf', 'big-Q4_K_M-00002-of-00002.gguf'], undefined],
    [[], undefined],
  ])('is the usual one, or what is nearest to it: %j', (files, file) => expect(pickGguf(files)).toBe(file));

  it.each([
    ['/models/Qwen3-8B-Q4_K_M.gguf', 'Qwen3-8B-Q4_K_M'],
    ['my model (1).GGUF', 'my-model--1-'],
    ['.gguf', 'model'],
    ['hf://org/repo', 'repo'],
  ])('gives a model its name: %s', (file, name) => expect(nameOfFile(file)).toBe(name));
});

describe('parameters of a chat', () => {
  it('are set, replaced and taken away; texts that end an answer add up', () => {
    let set = withParameter({}, 'temperature', '0.2');
    set = withParameter(set, 'temperature', '0');
    for (const stop of ['END', String.raw`\n\n`]) set = withParameter(set, 'stop', stop);
    expect(set).toEqual({ temperature: 0, stop: ['END', '\n\n'] });
    expect(parameterLines(set)).toEqual(['temperature       0', String.raw`stop              ["END","\n\n"]`]);
    expect(withParameter(withParameter(set, 'stop', ''), 'temperature', '')).toEqual({});
  });

  it.each([
    ['temperature', '3', 'a number from 0 to 2'],
    ['max_tokens', '1.5', 'a whole number from 1'],
    ['seed', 'x', 'seed is a whole number, not "x"'],
    ['temp', '1', 'did you mean "temperature"'],
    ['xyz', '1', 'known are'],
    ['constructor', '1', 'There is no parameter "constructor"'],
  ])('are refused with what is right: %s %s', (name, text, words) =>
    expect(() => withParameter({}, name, text)).toThrow(words),
  );
});
