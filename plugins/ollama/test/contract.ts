import type { FixedRoutes } from '@smmf/testkit';

/**
 * What Ollama answers beside its OpenAI routes; it has no metrics.
 * @see docs/api.md and docs/openai.md of Ollama, read at 0.33 (2026-08); not run: no build of it for this machine
 */
export function healthy(more: FixedRoutes = {}): FixedRoutes {
  const data = ['qwen3:8b', 'llama3.2:latest'].map((id) => ({ id, object: 'model', created: 1, owned_by: 'library' }));
  return {
    'GET /': { body: 'Ollama is running', headers: { 'content-type': 'text/plain' } },
    'GET /api/version': { body: { version: '0.33.0' } },
    'GET /v1/models': { body: { object: 'list', data } },
    ...more,
  };
}
