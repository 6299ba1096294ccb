// Prints the vectors of texts by transformers.js, in a process of its own: two copies of ONNX Runtime's binding do not share one.
// Arguments: the folder of the model. Input: a list of texts as JSON.
import { registerHooks } from 'node:module';
import { basename, dirname } from 'node:path';
import { text } from 'node:stream/consumers';

// It imports a library for pictures as it starts, which no text needs.
registerHooks({
  resolve: (name, context, next) =>
    name === 'sharp' ? { url: 'data:text/javascript,export default {}', shortCircuit: true } : next(name, context),
});

const [folder] = process.argv.slice(2);
const texts = JSON.parse(await text(process.stdin));
const { cat, env, pipeline } = await import('@huggingface/transformers');
env.allowRemoteModels = false;
env.allowLocalModels = true;
env.localModelPath = dirname(folder);
env.useFSCache = false;
const extract = await pipeline('feature-extraction', basename(folder), {
  dtype: 'fp32',
  device: 'cpu',
  session_options: { intraOpNumThreads: 1 },
});
// What is too long loses its last mark with transformers.js; with us, and with those who made the model, it keeps it.
const { tokenizer } = extract;
const most = tokenizer.model_max_length;
const cut = (row) => {
  const [, length] = row.dims;
  return length > most ? cat([row.slice(null, [0, most - 1]), row.slice(null, [length - 1, length])], 1) : row;
};
extract.tokenizer = (given) => {
  const inputs = Object.entries(tokenizer(given, { truncation: false }));
  return Object.fromEntries(inputs.map(([name, row]) => [name, cut(row)]));
};
// One by one: nothing is padded, and so the padding of ours is tried, too.
const vectors = [];
for (const one of texts) vectors.push(...(await extract([one], { pooling: 'mean', normalize: true })).tolist());
process.stdout.write(JSON.stringify(vectors));
