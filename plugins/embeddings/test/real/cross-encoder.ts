import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addition, node, value, weights } from '../onnx-writer.ts';

/** What the head adds. */
export const BIAS = 0.25;
/** Numbers that are the same at every run (mulberry32). */
export const head = Float32Array.from({ length: 384 }, (_, at) => {
  let state = Math.imul(at + 0x6d2b79f5, 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 15), state | 1);
  return (((state ^ (state >>> 14)) >>> 0) / 2 ** 32 - 0.5) * 0.4;
});

/** Writes a cross-encoder: MiniLM's body, and a head that makes one number of the first token's vector. */
export function writeCrossEncoder(modelFolder: string, folder: string): void {
  mkdirSync(join(folder, 'onnx'));
  for (const name of ['tokenizer.json', 'tokenizer_config.json', 'config.json'])
    copyFileSync(join(modelFolder, name), join(folder, name));
  const body = readFileSync(join(modelFolder, 'onnx/model.onnx'));
  const parts = [
    node('Gather', ['last_hidden_state', 'head.first'], 'head.cls', { axis: 1 }),
    node('MatMul', ['head.cls', 'head.weight'], 'head.product'),
    node('Add', ['head.product', 'head.bias'], 'logits'),
    weights('head.first', [], BigInt64Array.of(0n)),
    weights('head.weight', [384, 1], head),
    weights('head.bias', [1], Float32Array.of(BIAS)),
    value('output', 'logits', 'float', ['batch_size', 1]),
  ];
  writeFileSync(join(folder, 'onnx/model.onnx'), Buffer.concat([body, addition(parts)]));
}
