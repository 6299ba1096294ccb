import { defineVendor } from '@smmf/client';

/** A vendor of which every chunk is written anew. */
// biome-ignore lint/style/noDefaultExport: the one of a plugin
export default defineVendor({
  name: 'every-chunk',
  options: {},
  profile: () => ({
    vendor: 'Every',
    url: 'http://127.0.0.1:9/v1',
    hosts: [],
    auth: { kind: 'bearer' },
    chunks: {
      marks: ['"id":'],
      mend(answer) {
        answer.id = 'chatcmpl-mended';
        return true;
      },
    },
  }),
});
