// Started by ends-by-itself.test.ts with `node --test`.
import { test } from 'node:test';
import { leakingSuites } from './suites.ts';

leakingSuites((name, run, timeout) => test(name, { timeout }, run));
