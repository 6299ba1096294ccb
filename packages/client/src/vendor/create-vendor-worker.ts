import type { BodyEdits, EngineContext, Profile, RouterRequest, Worker } from '@smmf/core';
import { createOpenAiWorker } from '../openai-worker.ts';
import { createMender } from './chunk-hook.ts';
import { createCredentials, headersFor } from './credentials.ts';
import { createEmbedder } from './embedding-batches.ts';
import { addressOf, zoneOf } from './hosts.ts';
import { createParameterMap } from './parameters.ts';
import { createClassifier, VENDOR_ERRORS } from './vendor-errors.ts';
import { keysOf, type VendorSettings } from './vendor-options.ts';
import type { VendorProfile } from './vendor-profile.ts';

/** The edits of a request whose fields have been found. */
function editsOf(map: NonNullable<ReturnType<typeof createParameterMap>>) {
  return ({ task, stream, body, fields }: RouterRequest): BodyEdits | undefined =>
    map({
      task,
      stream,
      names: fields.keys(),
      has: (name) => fields.has(name),
      text(name) {
        const field = fields.get(name);
        return body.toString('utf8', field?.start, field?.end);
      },
    });
}

/** How an engine or a vendor differs from OpenAI, without where it is and who may use it. */
export type Differences = Omit<VendorProfile, 'url' | 'hosts' | 'auth'>;

/** For what, and how, a profile is made. */
export interface ProfileSettings {
  /** The engine's own name of the model. */
  readonly model: string;
  /** Refuse what would be dropped or clamped; default false. */
  readonly strict?: boolean;
  readonly headers?: Profile['headers'];
  readonly wallMs?: () => number;
}

/** A core profile out of data, for one model. */
export function createProfile(
  vendor: Differences,
  { model, strict = false, headers, wallMs = Date.now }: ProfileSettings,
): Profile {
  const { chunks } = vendor;
  const mender = chunks === 'as-is' ? undefined : createMender(chunks);
  const map = createParameterMap(vendor, model, strict);
  return {
    ...(headers ? { headers } : {}),
    ...(map ? { edits: editsOf(map) } : {}),
    classify: createClassifier(vendor, model, wallMs),
    ...(mender ? { event: mender.event, reply: mender.reply } : {}),
  };
}

const hasKeys = ({ auth }: VendorProfile, settings: VendorSettings): boolean =>
  auth.kind === 'client-credentials' || keysOf(settings).length > 0;

/** A worker over a vendor: bytes go to its endpoint, with its keys as lanes. */
export async function createVendorWorker(
  vendor: VendorProfile,
  settings: VendorSettings,
  context: EngineContext,
): Promise<Worker> {
  const { clock, http, dialer } = context;
  const { tasks, slots, probe, proxy, tls, connectTimeout, strict } = settings;
  const model = settings.model ?? context.model;
  const url = addressOf(vendor, settings.url);
  const egress = zoneOf(url, vendor);
  const credentials = createCredentials(vendor, keysOf(settings), { clock, http, proxy });
  const headers = { ...vendor.headers, ...settings.headers, ...credentials.fixed };
  const profile = createProfile(
    { ...vendor, errors: [...(vendor.errors ?? []), ...VENDOR_ERRORS] },
    {
      ...{ model, strict },
      ...(credentials.fixed || !hasKeys(vendor, settings) ? {} : { headers: credentials.headers }),
      wallMs: () => clock.wallMs(),
    },
  );
  const { batch, floatsOnly } = vendor.embeddings ?? {};
  const way = { url, proxy, egress, tls, connectTimeoutMs: connectTimeout };
  const shown = (lane: string) => ({ ...headers, ...headersFor(credentials, lane) });
  const embed = createEmbedder(
    { vendor, model, strict, profile, headers: shown, now: () => clock.now(), ...way },
    http,
  );
  const worker = await createOpenAiWorker(
    {
      ...{ ...way, headers, servedModel: model, tasks, slots, probe, profile },
      lanes: credentials.lanes,
      ...(vendor.paths ? { paths: vendor.paths } : {}),
      streamUsage: vendor.usage !== 'unasked',
      handlers: tasks.includes('embeddings') && (batch !== undefined || floatsOnly) ? { embeddings: embed } : {},
      asVendor: {
        listPath: vendor.models ?? '/models',
        headers: () => headersFor(credentials, credentials.lanes[0]?.id ?? 'default'),
        fault: () => credentials.fault(),
      },
      dialer,
    },
    context,
  );
  return {
    ...worker,
    get models() {
      return worker.models;
    },
    async close() {
      credentials.close();
      await worker.close();
    },
  };
}
