import { definePlugin } from '@smmf/core';
import { EtcdRegistry } from './etcd-registry.ts';
import { options } from './options.ts';

export type { RegistryEtcdOptions } from './options.ts';

/** The registry plugin `registry-etcd`: entries in etcd (3.4 or newer), under its leases. */
export default definePlugin({
  kind: 'registry',
  name: 'registry-etcd',
  options,
  create: async (settings, context) => new EtcdRegistry(settings, context),
});
