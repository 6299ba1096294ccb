import { scanFields } from '@smmf/protocol';

const EMPTY = Buffer.alloc(0);

/** Has nothing been opened before `at` but the object itself; the general way is for the rest. */
function isOutermost(bytes: Buffer, at: number): boolean {
  const inner = bytes.indexOf('{', bytes.indexOf('{') + 1);
  const list = bytes.indexOf('[');
  return (inner === -1 || inner > at) && (list === -1 || list > at);
}

/**
 * Gives an answer the name of the model that was asked for, where the engine has one of its own: clients compare it, and
 * what stands behind a name is the operator's business (ADR 6). The other bytes stay the engine's.
 */
export class ModelNames {
  readonly #asked: string | undefined;
  #replacement = EMPTY;
  #needle: Buffer | undefined;
  /** How the engine names the model, as far as it has said so. */
  engineModel: string | undefined;

  constructor(asked: string | undefined) {
    this.#asked = asked;
  }

  /** Does the engine name the model otherwise than the request; learns its name. */
  differs(found: unknown): found is string {
    if (typeof found !== 'string') return false;
    this.engineModel ??= found;
    return this.#asked !== undefined && found !== this.#asked;
  }

  /** Where the last JSON object in `bytes` names the model `found`: the bytes with the name asked for; undefined when nothing differs. */
  replaced(bytes: Buffer, found: unknown): Buffer | undefined {
    if (!this.differs(found)) return undefined;
    // The same field stands in every event of a stream. Inside a text its quotes would be escaped.
    const at = this.#needle && found === this.engineModel ? bytes.indexOf(this.#needle) : -1;
    const known = this.#needle;
    if (known && at !== -1 && isOutermost(bytes, at) && bytes.indexOf(known, at + 1) === -1)
      return Buffer.concat([bytes.subarray(0, at), this.#replacement, bytes.subarray(at + known.length)]);
    return this.#find(bytes, found);
  }

  #find(bytes: Buffer, found: string): Buffer | undefined {
    const start = bytes.indexOf('{');
    const field = scanFields(bytes.subarray(start, bytes.lastIndexOf('}') + 1)).fields?.get('model');
    if (!field) return undefined;
    const [from, to] = [start + field.start, start + field.end];
    const name = JSON.stringify(this.#asked);
    const key = bytes.lastIndexOf('"model"', from);
    if (found === this.engineModel && key !== -1) {
      this.#needle = bytes.subarray(key, to);
      this.#replacement = Buffer.concat([bytes.subarray(key, from), Buffer.from(name)]);
    }
    return Buffer.concat([bytes.subarray(0, from), Buffer.from(name), bytes.subarray(to)]);
  }
}
