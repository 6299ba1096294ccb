import { setTimeout as delay } from 'node:timers/promises';
import { describe } from 'vitest';
import { clusterOverRegistry } from '../../../../packages/runtime/test/cluster-over-registry.ts';
import { etcdClient } from '../etcd-backend.ts';
import { ETCD_USER, etcdMissing, startEtcd } from '../real-etcd.ts';
import { createWireProxy } from '../wire-proxy.ts';

describe.skipIf(etcdMissing !== undefined)('a cluster over a real etcd with TLS and users', () => {
  clusterOverRegistry({
    namespace: 'drill',
    ports: '22501-22520',
    async open(namespace) {
      const etcd = await startEtcd({ tls: true, auth: true });
      const wire = await createWireProxy(etcd.port, etcd.tls);
      const { registry, close } = await etcdClient(etcd, namespace);
      return {
        section: (password = ETCD_USER.password) => ({
          ...{ use: 'etcd', endpoints: [`https://127.0.0.1:${wire.port}`] },
          ...{ username: ETCD_USER.username, password, tls: { caFile: etcd.tls?.caFile } },
        }),
        kill: (awayMs) => etcd.restart('kept', awayMs),
        async pause(awayMs) {
          const goOn = etcd.pause();
          await delay(awayMs);
          goOn();
        },
        async wipe() {
          // Nobody gets through before its users are back.
          wire.cut();
          await etcd.restart('wiped');
          wire.mend();
        },
        async listed() {
          const { entries } = await registry.snapshot(AbortSignal.timeout(2_000));
          return entries.map(({ id }) => id).sort();
        },
        async close() {
          await close();
          await wire.close();
          await etcd.stop();
        },
      };
    },
  });
});
