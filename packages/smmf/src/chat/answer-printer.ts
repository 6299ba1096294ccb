import { styleText } from 'node:util';
import { plainText } from '../output.ts';
import type { AnswerEnd, AnswerPiece, AnswerPrinter } from './answer.ts';

const dim = (text: string): string => styleText('dim', text, { stream: process.stdout });

function remarkOf(end: AnswerEnd | undefined): string | undefined {
  if (end === undefined) return undefined;
  const { isStopped, reason } = end;
  if (isStopped) return '(stopped)';
  if (reason === 'length') return '(cut: the limit of tokens was reached)';
  return reason === 'content_filter' ? '(cut by the filter of the service)' : undefined;
}

/** On a terminal: reasoning dim, between marks, in front of the answer. */
function terminalPrinter(): AnswerPrinter {
  let [kind, isLineEnd]: [AnswerPiece['kind'] | undefined, boolean] = [undefined, true];
  const write = (text: string): void => {
    if (text === '') return;
    process.stdout.write(kind === 'reasoning' ? dim(text) : text);
    isLineEnd = text.endsWith('\n');
  };
  const endLine = (): void => write(isLineEnd ? '' : '\n');
  const turnTo = (next: AnswerPiece['kind'] | undefined): void => {
    if (next === kind) return;
    endLine();
    if (kind === 'reasoning') write('(end of the reasoning)\n\n');
    kind = next;
    if (kind === 'reasoning') write('(reasoning)\n');
  };
  return {
    piece(piece) {
      turnTo(piece.kind);
      write(plainText(piece.text));
    },
    end(end) {
      turnTo(undefined);
      endLine();
      const remark = remarkOf(end);
      if (remark !== undefined) console.log(dim(remark));
    },
  };
}

/** In a pipe: the answer alone on standard output; what else there is to say on standard error. */
function pipePrinter(): AnswerPrinter {
  let reasoning = '';
  let isLineEnd = true;
  return {
    piece({ kind, text }) {
      const plain = plainText(text);
      if (kind === 'reasoning') reasoning += plain;
      else {
        process.stdout.write(plain);
        isLineEnd = plain === '' ? isLineEnd : plain.endsWith('\n');
      }
    },
    end(end) {
      if (!isLineEnd) process.stdout.write('\n');
      const remark = remarkOf(end);
      if (reasoning !== '') console.error(`(reasoning)\n${reasoning.trim()}\n(end of the reasoning)`);
      if (remark !== undefined) console.error(remark);
    },
  };
}

/** Shows an answer on standard output, whatever that is. */
export function createAnswerPrinter(): AnswerPrinter {
  return process.stdout.isTTY ? terminalPrinter() : pipePrinter();
}
