import { runExample } from './example.ts';

await runExample((line) => console.log(line));
