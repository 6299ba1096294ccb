import type { Pooling } from './model-folder.ts';
import type { Output } from './onnx-model.ts';

/** The vector of a row from what the model gave: of its tokens, or already one of the row. */
export function pool({ data, dims }: Output, row: number, tokens: number, pooling: Pooling): Float32Array {
  const width = dims.at(-1) ?? 0;
  if (dims.length === 2) return data.slice(row * width, (row + 1) * width);
  const start = row * (dims[1] ?? 0) * width;
  if (pooling === 'cls') return data.slice(start, start + width);
  if (pooling === 'last') return data.slice(start + (tokens - 1) * width, start + tokens * width);
  // In 64 bits: a sum of thousands of floats loses digits.
  const sums = new Float64Array(width);
  for (let at = start; at < start + tokens * width; at += width)
    for (let index = 0; index < width; index++) sums[index] = (sums[index] ?? 0) + (data[at + index] ?? 0);
  return Float32Array.from(sums, (sum) => sum / tokens);
}

/** The first `size` numbers of a vector; of length 1 where wanted, as vectors that are cut must be made again. */
export function shape(vector: Float32Array, size: number, normalize: boolean): Float32Array {
  const cut = size < vector.length ? vector.slice(0, size) : vector;
  if (!normalize) return cut;
  let squares = 0;
  for (const value of cut) squares += value * value;
  const length = Math.sqrt(squares);
  return length > 0 ? cut.map((value) => value / length) : cut;
}
