import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

/** Both ends of a file tell one model from another; all of it would take minutes. */
const PART = 2 ** 20;

/** A name for what writes an answer, the same as long as both the build and the model's file are: seeded answers repeat under it. */
export async function fingerprintOf(path: string, build: string): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const hash = createHash('sha256').update(JSON.stringify([build, size]));
    for (const at of [0, Math.max(0, size - PART)]) {
      const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(PART), position: at });
      hash.update(buffer.subarray(0, bytesRead));
    }
    return `fp_${hash.digest('hex').slice(0, 12)}`;
  } finally {
    await file.close();
  }
}
