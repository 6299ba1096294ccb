import { defineVendor } from '@smmf/client';

/** A vendor whose hook has marks that no chunk of the load holds, as most chunks of real ones hold none. */
// biome-ignore lint/style/noDefaultExport: the one of a plugin
export default defineVendor({
  name: 'some-chunks',
  options: {},
  profile: () => ({
    vendor: 'Some',
    url: 'http://127.0.0.1:9/v1',
    hosts: [],
    auth: { kind: 'bearer' },
    chunks: {
      marks: ['"thinking"', '"content":[', '"tool_calls"', '"eos_token"', /"code":\s*(?!0[,}\s])/],
      finishReasons: { eos_token: 'stop' },
    },
  }),
});
