import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { writeCrossEncoder } from '../../../plugins/embeddings/test/real/cross-encoder.ts';
import { folder } from './embeddings-model.ts';
import { startSmmf, stop, writeConfig } from './run-smmf.ts';

interface Reply {
  readonly results: readonly { readonly index: number; readonly relevance_score: number }[];
  readonly error?: { readonly code: string; readonly param: string };
}

describe.skipIf(!folder)('rerank over HTTP by a cross-encoder', () => {
  it('sorts documents by the scores that the witness computes, tells of cut ones, and refuses a query that is too long', async () => {
    const scratch = mkdtempSync(join(tmpdir(), 'smmf-rerank-'));
    onTestFinished(() => rmSync(scratch, { recursive: true }));
    writeCrossEncoder(folder ?? '', scratch);
    const config = writeConfig(`  cross:\n    engine: embeddings\n    task: rerank\n    source: ${scratch}\n`);
    const running = await startSmmf(config.file);
    onTestFinished(async () => {
      await stop(running);
      config.remove();
    });
    const rerank = async (query: string, documents: readonly unknown[]): Promise<{ headers: Headers; body: Reply }> => {
      const body = JSON.stringify({ model: 'cross', query, documents });
      const headers = { 'content-type': 'application/json' };
      const reply = await fetch(`${running.url}/v1/rerank`, { method: 'POST', headers, body });
      return { headers: reply.headers, body: (await reply.json()) as Reply };
    };
    const query = 'Where does the last train go?';
    const { body } = await rerank(query, ['no', { text: 'The last train goes to Cambridge.' }, 'Zum Hafen.']);
    expect(body.results.map(({ index }) => index)).toEqual([2, 0, 1]);
    for (const [at, score] of [0.4961, 0.3955, 0.3743].entries())
      expect(Math.abs((body.results[at]?.relevance_score ?? 9) - score)).toBeLessThan(1e-4);
    expect((await rerank(query, ['short', 'long '.repeat(400)])).headers.get('x-smmf-truncated')).toBe('1');
    const refused = await rerank('long '.repeat(400), ['short']);
    expect(refused.body.error).toMatchObject({ code: 'context_length_exceeded', param: 'query' });
  });
});
