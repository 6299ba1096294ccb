import { isSmmfError, SmmfError } from '@smmf/core';

interface ForeignError {
  readonly code?: string;
  readonly name: string;
  readonly message: string;
}

/** Codes of TLS whose remedy is a file. */
const AUTHORITY = /SELF_SIGNED|UNABLE_TO_GET_ISSUER|UNABLE_TO_VERIFY/;

/** What Redis says no with, by the first word of its answer. */
const REMEDIES: Readonly<Record<string, string>> = {
  OOM: 'its memory is full: raise maxmemory',
  READONLY: 'it is a replica: name the primary in url',
  MOVED: 'it is one of a Redis Cluster and does not hold our keys: name the one that does in url',
  CROSSSLOT: 'it is one of a Redis Cluster that cannot run our scripts',
  LOADING: 'it is reading its data: it will answer soon',
  MASTERDOWN: 'it is a replica without its primary',
  MISCONF: 'it cannot write its data to disk: look into its log',
};

/** The error of a caller, out of one of the client's. `place`: host and port. */
export function errorOf(error: unknown, place: string, user: string | undefined): SmmfError {
  if (isSmmfError(error)) return error;
  const { code, message } = error as ForeignError;
  const [word = ''] = message.split(' ');
  const name = JSON.stringify(user ?? 'default');
  switch (word) {
    case 'WRONGPASS': {
      const remedy = 'check username and password (`ACL SETUSER` sets another one)';
      return new SmmfError('REGISTRY_AUTH', `Redis at ${place} refuses user ${name} or its password; ${remedy}`);
    }
    case 'NOAUTH':
      return anonymous(place);
    case 'NOPERM': {
      const remedy = 'the README of @smmf/registry-redis has the ACL that is needed';
      return new SmmfError('REGISTRY_AUTH', `Redis at ${place} gives user ${name} no access (${message}); ${remedy}`);
    }
  }
  // A command of many parts from somebody unknown is not even read.
  if (message.includes('Protocol error: unauthenticated')) return anonymous(place);
  // `AUTH <password> called without any password configured`: an older server, or one without users.
  if (/^ERR AUTH\b|without any password configured/.test(message)) {
    const remedy = 'set one there (requirepass, or ACL SETUSER), or take it out of the options';
    return new SmmfError('REGISTRY_AUTH', `Redis at ${place} has no password, and was given one; ${remedy}`);
  }
  // The connection was given up while this command was on it.
  if (code === 'ABORT_ERR') {
    const why = 'did not answer, so that its connection was given up; is it stopped or overloaded?';
    return new SmmfError('REGISTRY_UNAVAILABLE', `Redis at ${place} ${why}`, { cause: error });
  }
  const remedy = REMEDIES[word] ?? remedyOf(code);
  const why = code === undefined || message.includes(code) ? message : `${code} ${message}`.trim();
  return new SmmfError('REGISTRY_UNAVAILABLE', `Redis at ${place} cannot be used: ${why}; ${remedy}`, { cause: error });
}

function anonymous(place: string): SmmfError {
  return new SmmfError('REGISTRY_AUTH', `Redis at ${place} asks who is calling; give username and password`);
}

function remedyOf(code: string | undefined): string {
  if (code !== undefined && AUTHORITY.test(code)) return 'its authority is not known: name the file in tls.caFile';
  return 'is it running, and may this machine reach it?';
}
