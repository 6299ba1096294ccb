import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { SmmfError } from '@smmf/core';

/** What ONNX Runtime's binding for Node (version 1.30, N-API 6) takes and gives. Its class is ours: the binding only calls it. */
export class Tensor {
  readonly location = 'cpu';
  readonly type: string;
  readonly data: Float32Array | BigInt64Array | Int32Array;
  readonly dims: readonly number[];

  constructor(type: string, data: Tensor['data'], dims: readonly number[]) {
    this.type = type;
    this.data = data;
    this.dims = dims;
  }
}

/** An input or output of a model; `type` is a number of ONNX's TensorProto.DataType. */
export interface ValueInfo {
  readonly name: string;
  readonly type?: number;
  /** -1: any. */
  readonly shape?: readonly number[];
}

/** A loaded model. Every call is synchronous. */
export interface NativeSession {
  readonly inputMetadata: readonly ValueInfo[];
  readonly outputMetadata: readonly ValueInfo[];
  loadModel(path: string, options: Readonly<Record<string, unknown>>): void;
  run(
    feeds: Readonly<Record<string, Tensor>>,
    fetches: Readonly<Record<string, null>>,
    options: object,
  ): Record<string, Tensor>;
}

interface Binding {
  readonly InferenceSession: new () => NativeSession;
  initOrtOnce(logLevel: number, tensor: typeof Tensor, isMain: boolean): void;
}

/** Errors alone: what it warns of is noise to whoever reads our log. */
const LOG_LEVEL = 3;
const FILE = 'onnxruntime_binding.node';
const require = createRequire(import.meta.url);

/** The binding for this platform: of our package, else of `onnxruntime-node` where that is installed. */
function bindingFile(): string {
  const { platform, arch } = process;
  const own = folderOf(() => require.resolve(`@smmf/onnxruntime-${platform}-${arch}/package.json`), 'bin');
  const beside = folderOf(() => require.resolve('onnxruntime-node/package.json'), `bin/napi-v6/${platform}/${arch}`);
  const found = [own, beside].map((folder) => join(folder, FILE)).find((file) => existsSync(file));
  if (found !== undefined) return found;
  const text = `@smmf/embeddings has no ONNX Runtime for ${platform}-${arch}; install onnxruntime-node@1.30.0 beside it`;
  throw new SmmfError('MODEL_LOAD_FAILED', text);
}

/** A folder of a package that may not be there. */
function folderOf(find: () => string, name: string): string {
  try {
    return join(dirname(find()), name);
  } catch {
    return '';
  }
}

/** Loads the native library, once a thread. @throws MODEL_LOAD_FAILED where there is none for this machine */
export function createSession(): NativeSession {
  const binding = require(bindingFile()) as Binding;
  binding.initOrtOnce(LOG_LEVEL, Tensor, isMainThread);
  return new binding.InferenceSession();
}
