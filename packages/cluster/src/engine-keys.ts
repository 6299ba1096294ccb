import { createHmac } from 'node:crypto';
import { Secret } from '@smmf/core';

/** Makes the key of an engine from its name. */
export type EngineKeys = (keyId: string) => Secret;

/**
 * Keys of engines that listen on a port. The record of such an engine names its key, which is made for one start; whoever holds
 * the secret of the data plane makes the key from that name (HMAC-SHA-256), so that no key stands in a record.
 */
export function createEngineKeys(secret: Secret): EngineKeys {
  return (keyId) => new Secret(createHmac('sha256', secret.reveal()).update(`engine\n${keyId}`).digest('base64url'));
}
