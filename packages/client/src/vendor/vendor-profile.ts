import type { Secret } from '@smmf/core';
import type { FinishReason, TaskId } from '@smmf/protocol';

/** How a vendor wants to be shown who calls. */
export type VendorAuth =
  /** `Authorization: Bearer KEY` */
  | { readonly kind: 'bearer' }
  /** The key alone in a header of its own. */
  | { readonly kind: 'header'; readonly name: string }
  /** A JWT (HS256) made of a key `id.secret`, sent as a bearer token. `claims` says what each field of the payload holds. */
  | {
      readonly kind: 'jwt';
      readonly header: Readonly<Record<string, string>>;
      readonly claims: Readonly<Record<string, 'id' | 'issuedMs' | 'expiresMs'>>;
      /** How long one is good for, milliseconds. */
      readonly lifeMs: number;
    }
  /** A bearer token by OAuth's client credentials; fetched ahead, at 80 % of its life. */
  | {
      readonly kind: 'client-credentials';
      readonly tokenUrl: string;
      /** What is posted beside the secrets. */
      readonly form: Readonly<Record<string, string>>;
      readonly secrets: Readonly<Record<string, Secret>>;
      /** Fields whose value is read from a file each time: federated tokens, which rotate. */
      readonly files?: Readonly<Record<string, string>>;
    };

/** A value that is put to the nearest that the vendor takes. `above`, `below`: the limit itself is refused, `step` is how near it comes. */
export interface Clamp {
  readonly min?: number;
  readonly max?: number;
  readonly above?: number;
  readonly below?: number;
  readonly step?: number;
}

/**
 * What happens to the fields of a request. The rules of a list apply one after another, as far as `when` holds. Renamed and reshaped
 * fields mean what they meant; dropped and clamped ones are named to the client, and refused where the operator is strict.
 */
export interface ParameterRule {
  readonly when?: {
    /** The vendor's own name of the model. */
    readonly model?: RegExp;
    readonly tasks?: readonly TaskId[];
    readonly stream?: boolean;
    /** A field of the request has such a value, as JSON text. */
    readonly field?: readonly [name: string, text: RegExp];
  };
  /** New names. A field that stands there already under the new name stays, and the old one goes. */
  readonly rename?: Readonly<Record<string, string>>;
  /** The same in another form; undefined leaves it as it is, null takes out what says nothing. */
  readonly reshape?: Readonly<Record<string, (value: unknown) => unknown>>;
  readonly drop?: readonly string[];
  readonly clamp?: Readonly<Record<string, Clamp>>;
  /** What is sent where the client sends nothing. */
  readonly default?: Readonly<Record<string, unknown>>;
  /** All others are dropped. */
  readonly allow?: readonly string[];
  /** Another value cannot be served: the request is refused, strict or not. */
  readonly only?: Readonly<Record<string, unknown>>;
}

/**
 * What an error means. `key`, `quota`, `denied`, `missing`: the lane is out for five minutes. `rate`: it rests until the vendor's
 * reset, a minute at most. `plain`: what the router makes of its status. The others are as the codes of the same name.
 */
export type FaultKind =
  | 'key'
  | 'quota'
  | 'denied'
  | 'missing'
  | 'rate'
  | 'overloaded'
  | 'timeout'
  | 'failed'
  | 'request'
  | 'context'
  | 'filter'
  | 'plain';

/** One row of a vendor's error table: all that it names must fit. */
export interface VendorError {
  readonly status?: number;
  /** The whole of the vendor's code, or of its type. */
  readonly code?: string | RegExp;
  readonly message?: RegExp;
  readonly is: FaultKind;
}

/** A chunk or a whole answer, parsed. */
export type Answer = Record<string, unknown>;

/** How the events of a vendor are mended. */
export interface ChunkHook {
  /** An event that holds none of these bytes passes as it is. */
  readonly marks: readonly (string | RegExp)[];
  /** The vendor's own finish reasons; what is neither here nor OpenAI's becomes `stop`. */
  readonly finishReasons?: Readonly<Record<string, FinishReason>>;
  /** Changes a chunk or a whole answer in place, and says whether it did. `memory` is kept between the chunks of one stream. */
  readonly mend?: (answer: Answer, memory: Record<string, unknown>) => boolean;
  /** An error that stands in a chunk or an answer beside the choices. */
  readonly fault?: (answer: Answer) => { readonly code?: string; readonly message: string } | undefined;
}

/** How a vendor differs from OpenAI, as data and pure functions. */
export interface VendorProfile {
  /** As messages call it: `Acme`. */
  readonly vendor: string;
  /** Origin and base path with the version. */
  readonly url: string;
  /** Hosts that may be reached with its keys, token hosts included; `*.` stands for one or more labels. */
  readonly hosts: readonly string[];
  readonly auth: VendorAuth;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Where an operation is served when not at OpenAI's path, relative to `url`. */
  readonly paths?: Readonly<Partial<Record<TaskId, string>>>;
  /** Path of the list of models relative to `url`; false where there is none. Default `/models`. */
  readonly models?: string | false;
  readonly parameters?: readonly ParameterRule[];
  /**
   * How usage comes with a stream: `asked`, by `stream_options.include_usage` (default); `unasked`, in any case or never: then
   * `stream_options` is left out.
   */
  readonly usage?: 'asked' | 'unasked';
  readonly chunks: 'as-is' | ChunkHook;
  readonly errors?: readonly VendorError[];
  /** Headers that tell when a limit of calls is lifted: durations (`1s`, `6m0s`), seconds, or a date. */
  readonly resets?: readonly string[];
  /** What to look at when a key is refused, beside the key itself. */
  readonly keyHint?: string;
  /** `batch`: most inputs of one call; more are sent in parts. `floatsOnly`: it knows no base64. */
  readonly embeddings?: { readonly batch?: number; readonly floatsOnly?: boolean };
}
