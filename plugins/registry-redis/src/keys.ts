/** The keys of a namespace, as the scripts take them. A namespace holds no brace, so that none is the beginning of another one's keys. */
export class Keys {
  readonly #prefix: string;
  readonly events: string;

  constructor(namespace: string) {
    this.#prefix = `{smmf:${namespace}}`;
    this.events = `${this.#prefix}:events`;
  }

  entry(id: string): string {
    return `${this.#prefix}:entry:${id}`;
  }

  /** For a script about one entry. */
  of(id: string): readonly string[] {
    return [this.entry(id), ...this.#shared];
  }

  /** For a script about all: the first is the beginning of the entries' keys. */
  get all(): readonly string[] {
    return this.of('');
  }

  get #shared(): readonly string[] {
    return [`${this.#prefix}:index`, `${this.#prefix}:generation`, `${this.#prefix}:revision`, this.events];
  }
}
