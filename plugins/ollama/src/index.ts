import {
  createOpenAiWorker,
  createProfile,
  type Differences,
  type Inspection,
  type SmallClient,
  serverReach,
} from '@smmf/client';
import { definePlugin, type EngineContext, type Worker } from '@smmf/core';
import * as z from 'zod';
import { options } from './options.ts';

export type { OllamaOptions } from './options.ts';

const version = z.looseObject({ version: z.string() });
/** Before 0.5.2 (2024-12) streams carry no usage. */
const OLD = /^0\.(?:[0-4]\.|5\.[01]\b)/;

async function inspect(root: SmallClient, signal: AbortSignal): Promise<Inspection> {
  const { data } = version.safeParse((await root.get('/api/version', signal)).json);
  if (!data) return { note: 'what answers there is no Ollama (no /api/version); is it the right port (11434)?' };
  const isOld = OLD.test(data.version);
  return isOld ? { note: `Ollama ${data.version} tells no token counts in streams; 0.5.2 or a newer one does` } : {};
}

/** @see docs/openai.md of Ollama, 2026-11 */
const DIFFERENCES: Differences = {
  vendor: 'Ollama',
  parameters: [{ drop: ['tool_choice', 'logit_bias'], only: { n: 1 } }],
  chunks: 'as-is',
};

function create(settings: z.output<typeof options>, context: EngineContext): Promise<Worker> {
  const { model: servedModel = context.model, tasks, probe, strict } = settings;
  const missingModel = `get it with: ollama pull ${servedModel}`;
  const profile = createProfile(DIFFERENCES, { model: servedModel, strict });
  const own = { servedModel, tasks, probe, inspect, missingModel, profile, refusesUnlisted: true };
  return createOpenAiWorker({ ...serverReach(settings), ...own }, context);
}

/** The engine plugin `ollama`: an Ollama server that is running already. */
export default definePlugin({ kind: 'engine', name: 'ollama', options, run: () => ({ form: 'attach' }), create });
