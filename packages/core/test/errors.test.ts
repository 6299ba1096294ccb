import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES, isSmmfError, option, Secret, SmmfError } from '../src/index.ts';

describe('SmmfError', () => {
  it("shows itself in OpenAI's shape, its code in lower case", () => {
    const error = new SmmfError('MODEL_NOT_FOUND', 'no such model', { param: 'model', cause: new Error('inside') });
    expect(error.toWire()).toEqual({
      message: 'no such model',
      type: 'invalid_request_error',
      param: 'model',
      code: 'model_not_found',
    });
    expect(error.row.status).toBe(404);
    expect(JSON.stringify(error.toWire())).not.toContain('inside');
  });

  it('is recognised when another copy of the package made it', () => {
    const foreign = Object.assign(new Error('x'), { [Symbol.for('smmf.error')]: true, code: 'CLOSED' });
    expect(isSmmfError(foreign)).toBe(true);
    expect(isSmmfError(new Error('x'))).toBe(false);
    expect(isSmmfError(null)).toBe(false);
  });

  it('has a heading in docs/errors.md for every code, and no heading without one', () => {
    const text = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
    const headings = [...text.matchAll(/^### `([A-Z_]+)`/gm)].map(([, code]) => code);
    expect(headings.sort()).toEqual(Object.keys(ERROR_CODES).sort());
  });

  it('has its status and its retry advice told in docs/errors.md', () => {
    const words = { never: 'no', other: 'on another instance', same: 'by the part that met it' } as const;
    const text = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
    const told = [...text.matchAll(/^### `([A-Z_]+)`\n\nHTTP (\d+) · tried again: (.+)$/gm)].map(([, ...row]) => row);
    const wanted = Object.entries(ERROR_CODES).map(([code, { status, retry }]) => [code, String(status), words[retry]]);
    expect(told.sort()).toEqual(wanted.sort());
  });
});

describe('S37: a secret', () => {
  it('shows as [secret] in text, JSON and logs, and gives its value only when asked', () => {
    const secret = option.secret().parse('hunter2-hunter2');
    expect(`${secret} ${JSON.stringify({ secret })} ${inspect({ secret }, { showHidden: true })}`).not.toContain(
      'hunter2',
    );
    expect(secret.reveal()).toBe('hunter2-hunter2');
    expect(secret.map((value) => `Bearer ${value}`)).toBeInstanceOf(Secret);
  });
});
