import { type HttpAnswer, SmmfError } from '@smmf/core';
import { GRPC, refusal } from './wire.ts';

/** How etcd said no. */
export interface Refusal {
  readonly code: number;
  readonly message: string;
}

/** What an answer refuses; undefined for one that does not. @throws REGISTRY_UNAVAILABLE for what no etcd would answer */
export function refusalOf({ status, json, url }: HttpAnswer): Refusal | undefined {
  const read = refusal.safeParse(json);
  if (read.success) {
    const { code, message, error } = read.data;
    if (typeof error === 'string') return { code: code ?? 2, message: message || error };
    return { code: error.grpc_code ?? code ?? 2, message: error.message };
  }
  if (status === 200 && typeof json === 'object' && json !== null) return undefined;
  const why = `what answers at ${new URL(url).origin} (status ${status}) is no etcd from 3.4 on; check endpoints`;
  throw new SmmfError('REGISTRY_UNAVAILABLE', why);
}

/** The token is not known any more, or the rights have changed since it was given. */
export function isStaleToken({ code, message }: Refusal): boolean {
  return code === GRPC.unauthenticated || /auth store is old/.test(message);
}

/** What a refusal means to the caller. `user`: the one that the options name. */
export function errorOf({ code, message }: Refusal, endpoint: string, user: string | undefined): SmmfError {
  if (user === undefined && (code === GRPC.unauthenticated || /user name is empty/.test(message))) {
    const remedy = 'give username and password, or disable authentication there';
    return new SmmfError('REGISTRY_AUTH', `etcd at ${endpoint} asks who is calling; ${remedy}`);
  }
  if (code === GRPC.denied) {
    const remedy = `its role needs readwrite on the prefix /smmf/v1/; see the README of @smmf/registry-etcd`;
    return new SmmfError(
      'REGISTRY_AUTH',
      `etcd at ${endpoint} gives user ${JSON.stringify(user ?? '')} no access; ${remedy}`,
    );
  }
  if (code === GRPC.unauthenticated) {
    return new SmmfError(
      'REGISTRY_AUTH',
      `etcd at ${endpoint} takes no token of user ${JSON.stringify(user)}: ${message}`,
    );
  }
  return new SmmfError(
    'REGISTRY_UNAVAILABLE',
    `etcd at ${endpoint} cannot do what it is asked for: ${message} (code ${code})`,
  );
}

/** Why a token was not given. */
export function loginError({ code, message }: Refusal, endpoint: string, user: string): SmmfError {
  if (code === GRPC.precondition) {
    const remedy = 'enable it (`etcdctl auth enable`), or take username and password out of the options';
    return new SmmfError('REGISTRY_AUTH', `etcd at ${endpoint} has authentication disabled; ${remedy}`);
  }
  if (code !== GRPC.invalid && code !== GRPC.unauthenticated) return errorOf({ code, message }, endpoint, user);
  const remedy = 'check username and password (`etcdctl user passwd NAME` sets another one)';
  return new SmmfError(
    'REGISTRY_AUTH',
    `etcd at ${endpoint} refuses user ${JSON.stringify(user)} or its password; ${remedy}`,
  );
}
