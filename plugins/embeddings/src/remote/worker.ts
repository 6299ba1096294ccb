import { createOpenAiWorker, createProfile, type OpenAiWorkerOptions, serverReach } from '@smmf/client';
import type { EngineContext, Worker } from '@smmf/core';
import type { RemoteSettings } from '../options.ts';
import { createHfEmbedder, hfDifferences } from './hugging-face.ts';
import { infinityDifferences, infinityProfile } from './infinity.ts';
import { createTei, teiDifferences } from './tei.ts';

/** Without a list of models a connection is what a probe can see; what a server says of itself comes by `inspect`. */
const unlisted: NonNullable<OpenAiWorkerOptions['asVendor']> = {
  listPath: false,
  headers: () => ({}),
  fault: async () => undefined,
};

/** Calls at once; more wait in line. */
const HF_SLOTS = 256;

/** A worker over a server that is running already. */
export async function createRemoteWorker(settings: RemoteSettings, context: EngineContext): Promise<Worker> {
  const { server, url, task, probe, model = context.model } = settings;
  const reach = serverReach(settings);
  const common = { ...reach, tasks: [task], probe };
  if (server === 'infinity') {
    const profile = infinityProfile(createProfile(infinityDifferences, { model }));
    return createOpenAiWorker({ ...common, url, servedModel: settings.model, profile }, context);
  }
  if (server === 'tei') {
    const profile = createProfile(teiDifferences, { model });
    const tei = createTei(settings, { ...reach, model, profile }, context);
    return createOpenAiWorker({ ...common, ...tei, asVendor: unlisted }, context);
  }
  const embeddings = await createHfEmbedder(
    settings,
    { ...reach, profile: createProfile(hfDifferences, { model }) },
    context,
  );
  const own = { url, handlers: { embeddings }, asVendor: unlisted, slots: HF_SLOTS };
  // What answers there is no OpenAI API: nothing may be sent as bytes.
  const { endpoint: _, ...worker } = await createOpenAiWorker({ ...common, ...own }, context);
  return worker;
}
