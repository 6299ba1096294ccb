import type { Token } from './lexer.ts';
import { TemplateError } from './value.ts';

/** Goes through the tokens of a template. */
export class TokenReader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get next(): Token | undefined {
    return this.#tokens[this.#at];
  }

  /** Is the token `ahead` of the next one this operator or name. */
  is(text: string, ahead = 0): boolean {
    const token = this.#tokens[this.#at + ahead];
    return token?.text === text && (token.kind === 'operator' || token.kind === 'name');
  }

  isKind(kind: Token['kind']): boolean {
    return this.next?.kind === kind;
  }

  take(): Token {
    const token = this.#tokens[this.#at++];
    if (!token) throw new TemplateError('the template ends in the middle');
    return token;
  }

  /** Takes the next token if it is this operator or name. */
  skip(text: string): boolean {
    const found = this.is(text);
    if (found) this.#at++;
    return found;
  }

  expect(text: string): void {
    if (!this.skip(text)) throw this.unexpected(`"${text}"`);
  }

  kind(kind: Token['kind']): string {
    if (this.next?.kind !== kind) throw this.unexpected(kind);
    return this.take().text;
  }

  unexpected(wanted: string): TemplateError {
    return new TemplateError(`${wanted} is missing before "${this.next?.text ?? 'the end'}"`);
  }
}
