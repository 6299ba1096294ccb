// Started by ends-by-itself.test.ts with vitest.
import { test } from 'vitest';
import { leakingSuites } from './suites.ts';

leakingSuites(test);
