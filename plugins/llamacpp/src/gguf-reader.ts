import type { FileHandle } from 'node:fs/promises';
import { SmmfError } from '@smmf/core';

const CHUNK_BYTES = 64 * 1024;
const MAX_READ_BYTES = 64 * 1024 * 1024;

/**
 * Reads a hostile file forwards through one buffer of 64 KiB. Every length is held against the file's size before
 * anything is skipped or read; whatever a header claims, at most 64 MiB are read.
 */
export class GgufReader {
  readonly fileBytes: number;
  readonly #handle: FileHandle;
  readonly #label: string;
  readonly #buffer: Buffer;
  /** File position of the buffer's first byte, and how many bytes of it are filled. */
  #bufferStart = 0;
  #bufferLength = 0;
  #position = 0;
  #totalRead = 0;

  constructor(handle: FileHandle, fileBytes: number, label: string) {
    this.#handle = handle;
    this.fileBytes = fileBytes;
    this.#label = label;
    this.#buffer = Buffer.alloc(Math.min(CHUNK_BYTES, fileBytes));
  }

  get position(): number {
    return this.#position;
  }

  get remaining(): number {
    return this.fileBytes - this.#position;
  }

  fault(text: string): SmmfError {
    const message = `${this.#label} is not a usable GGUF file: ${text}. Fetch it anew (remove it first where it lies in the cache), or take another build of the model`;
    return new SmmfError('SOURCE_CORRUPT', message);
  }

  /** Are the next `bytes` in the buffer? Callers with many small fields ask this first and save an await for each. */
  has(bytes: number): boolean {
    return this.#position >= this.#bufferStart && this.#position + bytes <= this.#bufferStart + this.#bufferLength;
  }

  /** Makes the next `bytes` (at most 64 KiB) readable. */
  async need(bytes: number, what: string): Promise<void> {
    if (this.has(bytes)) return;
    if (bytes > this.remaining) throw this.fault(`it ends at byte ${this.fileBytes}, inside ${what}`);
    const length = Math.min(CHUNK_BYTES, this.remaining);
    this.#totalRead += length;
    if (this.#totalRead > MAX_READ_BYTES) throw this.fault('its header is longer than 64 MiB');
    this.#bufferStart = this.#position;
    this.#bufferLength = 0;
    while (this.#bufferLength < length) {
      const at = this.#bufferLength;
      const { bytesRead } = await this.#handle.read(this.#buffer, at, length - at, this.#bufferStart + at);
      if (bytesRead === 0) throw this.fault('it became shorter while it was read');
      this.#bufferLength += bytesRead;
    }
  }

  /** Moves on by `bytes` without reading them. */
  skip(bytes: number, what: string): void {
    if (bytes > this.remaining)
      throw this.fault(`${what} takes ${bytes} bytes and the file has ${this.remaining} left`);
    this.#position += bytes;
  }

  /** Reads 4 bytes that {@link need} made readable. */
  takeU32(): number {
    const value = this.#buffer.readUInt32LE(this.#position - this.#bufferStart);
    this.#position += 4;
    return value;
  }

  /** Reads 8 bytes that {@link need} made readable. */
  takeU64(): bigint {
    const value = this.#buffer.readBigUInt64LE(this.#position - this.#bufferStart);
    this.#position += 8;
    return value;
  }

  /** Reads 8 bytes that {@link need} made readable: a count of things that each take `unitBytes` of what is left. */
  takeCount(unitBytes: number, what: string): number {
    const at = this.#position - this.#bufferStart;
    const low = this.#buffer.readUInt32LE(at);
    const high = this.#buffer.readUInt32LE(at + 4);
    this.#position += 8;
    // Below 2^53 the number is exact; whatever is above does not fit into any file.
    const count = high * 2 ** 32 + low;
    if (high >= 2 ** 21 || count > this.remaining / unitBytes) {
      throw this.fault(
        `${what} claims ${(BigInt(high) << 32n) | BigInt(low)} and the file has ${this.remaining} bytes left`,
      );
    }
    return count;
  }

  /** Reads `bytes` of text that {@link need} made readable. */
  takeText(bytes: number): string {
    const at = this.#position - this.#bufferStart;
    this.#position += bytes;
    return this.#buffer.toString('latin1', at, at + bytes);
  }
}
