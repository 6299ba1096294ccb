import { describe, expect, it } from 'vitest';
import { chooseThreads, cpuQuota, type Machine, readMachine } from '../src/threads.ts';

const machine = (more: Partial<Machine>): Machine => ({
  physicalCores: 8,
  logicalCpus: 16,
  allowedCpus: 16,
  allowedCores: undefined,
  quotaCpus: undefined,
  ...more,
});

const files = (content: Readonly<Record<string, string>>) => (path: string) => content[path];

describe('the threads that compute', () => {
  it.each([
    ['a machine of 8 cores with two threads each', {}, 7],
    ['one core', { physicalCores: 1, logicalCpus: 1, allowedCpus: 1 }, 1],
    ['two cores', { physicalCores: 2, logicalCpus: 2, allowedCpus: 2 }, 1],
    ['four CPUs allowed, which are two cores', { allowedCpus: 4, allowedCores: 2 }, 1],
    ['four CPUs allowed, a core each', { allowedCpus: 4, allowedCores: 4 }, 3],
    ['four CPUs allowed, their cores unknown', { allowedCpus: 4 }, 1],
    ['one CPU allowed', { allowedCpus: 1 }, 1],
    ['a limit of 4 CPUs', { quotaCpus: 4 }, 3],
    ['a limit of 3.9 CPUs', { quotaCpus: 3.9 }, 2],
    ['a limit of half a CPU', { quotaCpus: 0.5 }, 1],
    ['a limit above the machine', { quotaCpus: 64 }, 7],
    ['a limit and fewer CPUs', { quotaCpus: 6, allowedCpus: 4, allowedCores: 4 }, 3],
    ['cores that are not all good for it', { physicalCores: 6, logicalCpus: 20, allowedCpus: 20, allowedCores: 14 }, 5],
  ])('are the physical cores less one, at least one: %s', (_, more, threads) => {
    expect(chooseThreads(machine(more))).toBe(threads);
  });
});

describe('the limits of this process', () => {
  it.each([
    ['none', {}, undefined],
    ['version 2', { '/proc/self/cgroup': '0::/a/b\n', '/sys/fs/cgroup/a/b/cpu.max': '150000 100000\n' }, 1.5],
    ['version 2, in a container', { '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': '200000 100000\n' }, 2],
    ['version 2, without one', { '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': 'max 100000\n' }, undefined],
    [
      'version 2, the least of all above',
      {
        '/proc/self/cgroup': '0::/a/b\n',
        '/sys/fs/cgroup/a/b/cpu.max': '800000 100000\n',
        '/sys/fs/cgroup/a/cpu.max': '300000 100000\n',
      },
      3,
    ],
    [
      'version 1, beside a version 2 that has none',
      {
        '/proc/self/cgroup': '4:memory:/x\n3:cpu,cpuacct:/x\n0::/x\n',
        '/sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_quota_us': '250000\n',
        '/sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_period_us': '100000\n',
      },
      2.5,
    ],
    [
      'version 1, in a container that has the path of its host',
      {
        '/proc/self/cgroup': '1:cpu:/docker/abc\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '50000\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
      },
      0.5,
    ],
    [
      'version 1, without one',
      {
        '/proc/self/cgroup': '1:cpu:/\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
      },
      undefined,
    ],
  ])('are read from its cgroup: %s', (_, content, quota) => {
    expect(cpuQuota(files(content))).toBe(quota);
  });

  it('are the CPUs that it may run on, and the cores of these', () => {
    const topology = (cpu: number) => `/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`;
    const content = {
      '/proc/self/status': 'Name:\tnode\nCpus_allowed:\tff\nCpus_allowed_list:\t0-1,4-5\n',
      [topology(0)]: '0,4\n',
      [topology(1)]: '1,5\n',
      [topology(4)]: '0,4\n',
      [topology(5)]: '1,5\n',
    };
    expect(readMachine(8, files(content))).toMatchObject({ physicalCores: 8, allowedCpus: 4, allowedCores: 2 });
    expect(readMachine(8, files({})).allowedCores).toBeUndefined();
    expect(readMachine(8, files({})).allowedCpus).toBeGreaterThan(0);
  });
});
