// What the check of a request's body costs in two ways, at four sizes and for four kinds of body: `scanFields`, which looks at each
// byte, against a look at the brackets alone with `JSON.parse` after it. The least CPU time of 30 rounds, the two in turns.
// `node --conditions=smmf-source apps/bench/src/json-check.ts`
const { scanFields } = await import(`${import.meta.dirname}/../../../packages/protocol/src/top-level.ts`);

const ROUNDS = 30;
const BYTES_A_ROUND = 6_000_000;
const SIZES = [1_024, 11 * 1_024, 60 * 1_024, 1_024 * 1_024];
const MAX_DEPTH = 64;
const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/** The least that must be known before a text may be parsed: how deep it is. Strings are jumped over natively. */
function depthOf(text: Buffer): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < text.length; at++) {
    const byte = text[at];
    if (byte === QUOTE) at = closingQuote(text, at);
    else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) deepest = Math.max(deepest, ++depth);
    else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) depth--;
  }
  return deepest;
}

function closingQuote(text: Buffer, at: number): number {
  for (let quote = text.indexOf(QUOTE, at + 1); quote !== -1; quote = text.indexOf(QUOTE, quote + 1)) {
    let slashes = 0;
    while (text[quote - 1 - slashes] === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return quote;
  }
  return text.length;
}

const WAYS = {
  bytes: (text: Buffer): void => void scanFields(text),
  'brackets, then JSON.parse': (text: Buffer): void => {
    if (depthOf(text) <= MAX_DEPTH) JSON.parse(text.toString());
  },
};

const PROSE = 'A lamp burns in the hall, and someone says: "Who is there?"\nNobody answers; die Tür fällt zu. ';
const LENGTHS = [60, 700, 150, 1_500, 400];

/** Items up to `bytes` of JSON in all. */
function upTo(bytes: number, item: (index: number) => object): object[] {
  const items: object[] = [];
  for (let length = 0; length < bytes; length += JSON.stringify(items.at(-1)).length + 1)
    items.push(item(items.length));
  return items;
}

const message = (index: number): object => ({
  role: index % 2 === 0 ? 'user' : 'assistant',
  content: PROSE.repeat(16).slice(0, LENGTHS[index % LENGTHS.length]),
});
const text = { type: 'string', description: 'the place' };
const parameters = { type: 'object', properties: { text, days: { type: 'number', minimum: 0 } }, required: ['text'] };
const tool = (index: number): object => ({ type: 'function', function: { name: `tool_${index}`, parameters } });

const BODIES: Readonly<Record<string, (bytes: number) => object>> = {
  'chat of prose': (bytes) => ({ model: 'm', stream: true, messages: upTo(bytes, message) }),
  tools: (bytes) => ({ model: 'm', messages: [message(0)], tools: upTo(bytes, tool) }),
  'token ids': (bytes) => ({
    model: 'm',
    prompt: Array.from({ length: bytes / 6 }, (_, index) => 10_000 + (index % 90_000)),
  }),
  'one plain string': (bytes) => ({ model: 'm', prompt: 'x'.repeat(bytes) }),
};

for (const [kind, bodyOf] of Object.entries(BODIES)) {
  for (const size of SIZES) {
    const body = Buffer.from(JSON.stringify(bodyOf(size)));
    const calls = Math.ceil(BYTES_A_ROUND / body.length);
    const least = new Map<string, number>();
    for (let round = 0; round < ROUNDS; round++) {
      for (const [name, run] of Object.entries(WAYS)) {
        const before = process.cpuUsage();
        for (let call = 0; call < calls; call++) run(body);
        const { user, system } = process.cpuUsage(before);
        least.set(name, Math.min(least.get(name) ?? Number.POSITIVE_INFINITY, (user + system) / calls));
      }
    }
    const told = [...least].map(([name, us]) => `${name} ${us.toFixed(1)} µs`).join(', ');
    console.log(`${kind}, ${body.length} bytes: ${told}`);
  }
}
