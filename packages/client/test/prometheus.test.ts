import { describe, expect, it } from 'vitest';
import { metricValues, readLoad } from '../src/index.ts';

const TEXT = `# HELP jobs Number of jobs.
# TYPE jobs gauge
jobs 2
jobs_total{queue="a"} 9
jobs_by_kind{kind="waiting",model="m {1}"} 3.0 1700000000000
jobs_by_kind{kind="active",model="say \\"hi\\", } you"} 4
jobs_by_kind{model="other", kind="active"} 1e1
broken{kind="active" 5
share NaN
share{gpu="0"} +Inf
share{gpu="1"} 0.5
`;

describe('a text in the format of Prometheus', () => {
  it('gives the numbers of one metric, and not those of another whose name begins alike', () => {
    expect(metricValues(TEXT, ['jobs'])).toEqual([2]);
    expect(metricValues(TEXT, ['job'])).toEqual([]);
  });

  it('gives those with the labels asked for, whatever else stands in them', () => {
    const kind = (value: string) => [{ name: 'jobs_by_kind', labels: { kind: value } }];
    expect(metricValues(TEXT, kind('waiting'))).toEqual([3]);
    expect(metricValues(TEXT, kind('active'))).toEqual([4, 10]);
    expect(metricValues(TEXT, kind('idle'))).toEqual([]);
  });

  it('gives those of the first name that it holds', () => {
    expect(metricValues(TEXT, ['jobs_new', 'jobs_total', 'jobs'])).toEqual([9]);
  });

  it('is read past lines that cannot be read and values that are no number', () => {
    expect(metricValues(TEXT, ['broken'])).toEqual([]);
    expect(metricValues(TEXT, ['share'])).toEqual([0.5]);
    expect(metricValues('<html>jobs 1</html>\r\njobs 7\r\n', ['jobs'])).toEqual([7]);
  });

  it('is a load: sums, the fullest cache, the mean rate; shares stay between 0 and 1', () => {
    const metrics = {
      running: ['run'],
      waiting: ['wait'],
      cacheUse: ['cache'],
      prefixHitRate: ['rate'],
      prefixQueries: ['queries'],
      prefixHits: ['hits'],
    };
    const text = 'run{e="0"} 1\nrun{e="1"} 2\nwait 0\ncache{e="0"} 0.1\ncache{e="1"} 1.2\nqueries 8\nhits 2\n';
    expect(readLoad(text, metrics, 7)).toEqual({
      running: 3,
      waiting: 0,
      cacheUse: 1,
      prefixHitRate: 0.25,
      sampledAtMs: 7,
    });
    expect(readLoad(`${text}rate{e="0"} 0.5\nrate{e="1"} 1\n`, metrics, 7).prefixHitRate).toBe(0.75);
    expect(readLoad('queries 0\nhits 0\n', metrics, 7)).toEqual({ sampledAtMs: 7 });
  });
});
