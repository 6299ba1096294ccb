import { readFileSync } from 'node:fs';
import { join } from 'node:path';

// A BERT in 64 bits, from safetensors, one text at a time and without padding: the witness for what ONNX Runtime computes.

const HEADS = 12;
const LAYERS = 6;
const EPSILON = 1e-12;

type Matrix = readonly Float64Array[];

/** What a model makes of tokens: a vector for each. */
export type Witness = (ids: readonly number[], types: readonly number[]) => Matrix;

/** The tensors of a safetensors file: eight bytes of length, a JSON header, the data. */
function readTensors(path: string): (name: string) => Float64Array {
  const bytes = readFileSync(path);
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, start)) as Record<string, { data_offsets: [number, number] }>;
  return (name) => {
    const [from, to] = header[name]?.data_offsets ?? [0, 0];
    return Float64Array.from({ length: (to - from) / 4 }, (_, at) => bytes.readFloatLE(start + from + at * 4));
  };
}

/** Makes the witness from a folder with model.safetensors. */
export function createWitness(folder: string): Witness {
  const read = readTensors(join(folder, 'model.safetensors'));
  const kept = new Map<string, Float64Array>();
  const tensor = (name: string): Float64Array => {
    const found = kept.get(name) ?? read(name);
    kept.set(name, found);
    return found;
  };
  const linear = (name: string, rows: Matrix): Matrix => {
    const [weight, bias] = [tensor(`${name}.weight`), tensor(`${name}.bias`)];
    return rows.map((row) => bias.map((start, out) => start + dot(weight, out * row.length, row)));
  };
  const normed = (name: string, rows: Matrix): Matrix => {
    const [weight, bias] = [tensor(`${name}.weight`), tensor(`${name}.bias`)];
    return rows.map((row) => {
      const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
      const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length;
      return row.map(
        (value, at) => ((value - mean) / Math.sqrt(variance + EPSILON)) * (weight[at] ?? 0) + (bias[at] ?? 0),
      );
    });
  };
  const layer = (at: string, state: Matrix): Matrix => {
    const [query, key, value] = ['query', 'key', 'value'].map((part) => linear(`${at}.attention.self.${part}`, state));
    const mixed = attend(query ?? [], key ?? [], value ?? []);
    const joined = normed(
      `${at}.attention.output.LayerNorm`,
      add(state, linear(`${at}.attention.output.dense`, mixed)),
    );
    const inner = linear(`${at}.intermediate.dense`, joined).map((row) => row.map(gelu));
    return normed(`${at}.output.LayerNorm`, add(joined, linear(`${at}.output.dense`, inner)));
  };
  return (ids, types) => {
    const [word, kind, place] = ['word', 'token_type', 'position'].map((one) =>
      tensor(`embeddings.${one}_embeddings.weight`),
    );
    const rowOf = (table: Float64Array | undefined, row: number) =>
      (table ?? new Float64Array()).subarray(row * 384, (row + 1) * 384);
    const embedded = ids.map(
      (id, at) =>
        add([rowOf(word, id)], add([rowOf(kind, types[at] ?? 0)], [rowOf(place, at)]))[0] ?? new Float64Array(),
    );
    let state = normed('embeddings.LayerNorm', embedded);
    for (let index = 0; index < LAYERS; index++) state = layer(`encoder.layer.${index}`, state);
    return state;
  };
}

function dot(weight: Float64Array, from: number, row: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < row.length; at++) sum += (weight[from + at] ?? 0) * (row[at] ?? 0);
  return sum;
}

const add = (a: Matrix, b: Matrix): Matrix =>
  a.map((row, at) => row.map((value, index) => value + (b[at]?.[index] ?? 0)));

function attend(query: Matrix, key: Matrix, value: Matrix): Matrix {
  const size = (query[0]?.length ?? 0) / HEADS;
  return query.map((asked) => {
    const out = new Float64Array(asked.length);
    for (let from = 0; from < asked.length; from += size) {
      const part = asked.subarray(from, from + size);
      const scores = key.map((row) => dot(row, from, part) / Math.sqrt(size));
      const most = Math.max(...scores);
      const shares = scores.map((score) => Math.exp(score - most));
      const sum = shares.reduce((a, b) => a + b, 0);
      for (const [at, row] of value.entries())
        for (let index = from; index < from + size; index++)
          out[index] = (out[index] ?? 0) + ((shares[at] ?? 0) / sum) * (row[index] ?? 0);
    }
    return out;
  });
}

const gelu = (x: number): number => x * 0.5 * (1 + erf(x / Math.SQRT2));

/** By its series where that converges quickly, else by a continued fraction; good to 1e-14. */
function erf(x: number): number {
  const z = Math.abs(x);
  if (z > 6) return Math.sign(x);
  if (z < 2.5) {
    let [term, sum] = [z, z];
    for (let n = 1; Math.abs(term) > 1e-17 * sum; n++) {
      term *= (-z * z) / n;
      sum += term / (2 * n + 1);
    }
    return (Math.sign(x) * 2 * sum) / Math.sqrt(Math.PI);
  }
  let fraction = 0;
  for (let k = 60; k > 0; k--) fraction = k / 2 / (z + fraction);
  return Math.sign(x) * (1 - Math.exp(-z * z) / Math.sqrt(Math.PI) / (z + fraction));
}
