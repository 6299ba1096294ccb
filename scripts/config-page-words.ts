// What docs/config.md says between its tables, which generate-docs.ts makes from the schema.

const reference = (inside: string): string => `\`\${${inside}}\``;

/** What there is to say of references. */
export const referenceLines: readonly string[] = [
  '## References',
  '',
  'A text may take values from the environment and from files:',
  '',
  '| written | stands for |',
  '| --- | --- |',
  `| ${reference('env:NAME')} | the environment variable NAME; one that is not set or empty is a fault |`,
  `| ${reference('file:PATH')} | the text of a file; paths may hold colons |`,
  `| ${reference('env:NAME:-value')}, ${reference('file:PATH:-value')} | with a default, which may hold references too |`,
  '| `$${` | the text `${` |',
  '| `$$NAME`, as a whole text | the text `$NAME` |',
  '',
  'Values are taken as they are, but for line ends at their end; nothing in them is replaced again. Where a number, or true or false',
  `is wanted, a text that is one reference and nothing else is turned into it: \`port: "\${env:PORT}"\`. Names are never references.`,
  'What looks like a reference of another program (`$NAME`, `{{env.NAME}}`, `os.environ/NAME` …) is a fault that shows the right',
  'spelling. A fault never shows the value of a reference.',
  '',
  'YAML is read as version 1.2, one document a file, with `<<` merges; names stay as they are written (`1.0` is a model called 1.0).',
  'Unknown tags, aliases without an anchor and names that stand twice are faults with their line.',
  '',
  '## The file',
];

const registryLines: readonly string[] = [
  '## `registry`',
  '',
  'Where the members of a cluster say that they are there. `memory` needs nothing: the controller keeps it, and serves it to all who `join`. A plugin keeps',
  'it elsewhere: `registry: etcd` or `redis` (their short names), a package, or a path; as a group, with the options of the plugin beside `use`:',
  '',
  '```yaml',
  'registry:',
  '  use: etcd                     # npm install @smmf/registry-etcd',
  '  endpoints: [https://etcd1:2379, https://etcd2:2379, https://etcd3:2379]',
  '  username: smmf',
  `  password: "\${env:ETCD_PASSWORD}"`,
  '  tls: { caFile: ./etcd-ca.pem }',
  '```',
  '',
  'The same section stands in the config of every member, beside `join`: settings and assignments still come from the controller. `cluster.namespace` keeps several',
  'clusters apart on one server. Options: [etcd](../plugins/registry-etcd), [Redis](../plugins/registry-redis); which one: [registries](registries.md).',
];

/** What there is to say of `registry` and of `egress`. */
export function registryAndEgressLines(table: string): readonly string[] {
  return [
    ...registryLines,
    '',
    '## `egress`',
    '',
    'Which addresses SMMF opens connections to, by the address that DNS gives, however it is written: `egress: { allow: [10.9.0.0/16] }`.',
    'A name is looked up once for each connection, its addresses are checked, and the connection goes to one of those. The rule:',
    '',
    '| who named the host | metadata of clouds, link-local, multicast, 0.0.0.0/8 | this machine | private networks | the internet |',
    '| --- | --- | --- | --- | --- |',
    '| the config (`url`, `source`, a proxy) | refused | reached | reached | reached |',
    '| a plugin, for a service that it knows by name | refused | refused | reached | at ports 80, 443 and from 1024 on |',
    '| a redirect or an answer | refused | refused | refused | at ports 80, 443 and from 1024 on |',
    '',
    table,
    '',
    'Behind a proxy (`proxy: env`) it is the proxy that looks names up and connects: there the rule sees the names and addresses of URLs',
    'alone, so let the proxy refuse what must not be reached. A redirect of an engine or a vendor is never followed.',
  ];
}

/** What there is to say of the groups of a model. */
export function modelLines(tables: { readonly timeouts: string; readonly retry: string }): readonly string[] {
  return [
    '### `timeouts`',
    '',
    'The defaults suit long answers and batch work. For people who wait, with another worker or a fallback behind: `firstToken: 5s`,',
    '`interToken: 10s`, `total: 120s`, `queue: 5s`. A first-token limit that fires before content goes to another worker once, then to',
    'the fallback.',
    '',
    tables.timeouts,
    '',
    '### `retry`',
    '',
    'A failed attempt goes to another worker of the model; with none left, the model is waited for once (what `Retry-After` asks for, or',
    '250 to 500 ms after a failure), then a fallback answers. A prompt that is too long goes to a fallback whose context is known to be',
    'longer; a refusal by a content filter goes nowhere. A key reaches a fallback only if it may use that model by name.',
    '',
    tables.retry,
    '',
    '### `slots`',
    '',
    'Engines that run elsewhere have no limit of ours unless `slots` sets one: they say themselves when they are full (429, 503). Without',
    '`slots` there is no line, and workers of a higher `order` get work only when those of a lower one answered 429 or 503 or are down.',
    '',
  ];
}
