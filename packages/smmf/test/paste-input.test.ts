import { PassThrough } from 'node:stream';
import type { ReadStream } from 'node:tty';
import { describe, expect, it } from 'vitest';
import { PasteInput } from '../src/chat/paste-input.ts';

/** What readline gets of these writes of a terminal. */
function input() {
  const terminal = new PassThrough();
  const paste = new PasteInput(terminal as unknown as ReadStream);
  let text = '';
  paste.on('data', (piece: Buffer) => (text += piece.toString()));
  const write = async (...pieces: (string | Buffer)[]): Promise<string> => {
    for (const piece of pieces) {
      await new Promise<void>((done) => void paste.write(piece, () => done()));
    }
    return text;
  };
  return { paste, write };
}

const [START, END] = ['\u001b[200~', '\u001b[201~'];

describe('what is typed into a chat', () => {
  it('is handed on as it is, keys of arrows too', async () => {
    const { write } = input();
    expect(await write('a\r', '\u001b[A', '\u001b', 'b\n')).toBe('a\r\u001b[A\u001bb\n');
  });

  it('is one line where it is pasted, wherever the pieces of it are cut', async () => {
    const whole = `x${START}one\r\ntwo\rthree\nfour\u0003\u001b[A${END}\r`;
    const shown = 'xone⏎two⏎three⏎four  [A\r';
    expect(await input().write(whole)).toBe(shown);
    const cut = whole.replace('\r\n', '\n').slice(3);
    expect(await input().write('x\u001b[', ...cut)).toBe(shown);
  });

  it('keeps characters whole that come in two pieces', async () => {
    const bytes = Buffer.from('é⏎');
    const { write } = input();
    expect(await write(bytes.subarray(0, 1), bytes.subarray(1, 4), bytes.subarray(4))).toBe('é⏎');
  });

  it('waits while an answer runs; Ctrl-C alone is heard, and forgets what was typed ahead', async () => {
    const { paste, write } = input();
    let interrupts = 0;
    paste.hold(() => interrupts++);
    expect(await write('next\r')).toBe('');
    paste.resumeTyping();
    expect(await write('')).toBe('next\r');
    paste.hold(() => interrupts++);
    await write('lost', '\u0003');
    paste.resumeTyping();
    expect(await write('!')).toBe('next\r!');
    expect(interrupts).toBe(1);
  });
});
