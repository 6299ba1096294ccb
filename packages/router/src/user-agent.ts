import { readFileSync } from 'node:fs';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** How engines and vendors see us: several of them refuse requests that do not say who they are. */
export const USER_AGENT = `smmf/${version}`;
