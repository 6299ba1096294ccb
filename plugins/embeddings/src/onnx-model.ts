import { SmmfError } from '@smmf/core';
import { createSession, Tensor, type ValueInfo } from './onnx-runtime.ts';

const FLOAT = 1;
const INT32 = 6;
const INT64 = 7;

/** A text, or a pair, as the model reads it. */
export interface TokenRow {
  readonly ids: Int32Array;
  /** Which part each token belongs to; absent: all to the first. */
  readonly types?: Uint8Array;
}

/** What a run gives: rows × (tokens ×) width numbers. */
export interface Output {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/** A loaded ONNX model that reads tokens. */
export interface OnnxModel {
  /** Dimensions of what it gives: 3 for a vector of each token, 2 for one of each row. */
  readonly rank: number;
  readonly width: number;
  /** Rows are padded to the longest. */
  run(rows: readonly TokenRow[]): Output;
}

/** What a cell of an input holds. */
type Cell = (row: TokenRow, at: number) => number;

/** The inputs that a model of tokens may have, beyond the row's end 0 but for `input_ids`. */
const CELLS: Readonly<Record<string, Cell>> = {
  attention_mask: () => 1,
  token_type_ids: ({ types }, at) => types?.[at] ?? 0,
  position_ids: (_row, at) => at,
};

/**
 * Loads a model. Its output is the first of `names` that it has, else its first.
 * @throws MODEL_LOAD_FAILED when the file is no model, or needs what a model of tokens has not
 */
export function loadModel(
  path: string,
  { names, padId, intraOpThreads }: { names: readonly string[]; padId: number; intraOpThreads: number },
): OnnxModel {
  const session = createSession();
  try {
    session.loadModel(path, {
      intraOpNumThreads: intraOpThreads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      // A thread that spins while it waits for work takes the core from the other threads.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SmmfError('MODEL_LOAD_FAILED', `${path} cannot be loaded: ${why}`, { cause });
  }
  const inputs = session.inputMetadata;
  checkInputs(inputs, path);
  const output = chooseOutput(session.outputMetadata, names, path);
  const { name, shape = [] } = output;
  const run = (rows: readonly TokenRow[]): Output => {
    const feeds = Object.fromEntries(inputs.map((input) => [input.name, feedOf(input, rows, padId)]));
    const { [name]: tensor } = session.run(feeds, { [name]: null }, {});
    if (tensor?.data instanceof Float32Array) return { data: tensor.data, dims: tensor.dims };
    throw new SmmfError('ENGINE_FAILED', `The model gave no "${name}"`);
  };
  // The width may be open in the file; then one token tells.
  const width = shape.at(-1) ?? -1;
  return {
    rank: shape.length,
    width: width > 0 ? width : (run([{ ids: Int32Array.of(padId) }]).dims.at(-1) ?? 0),
    run,
  };
}

function checkInputs(inputs: readonly ValueInfo[], path: string): void {
  const strange = inputs.find(
    ({ name, type }) => (name !== 'input_ids' && !(name in CELLS)) || (type !== INT64 && type !== INT32),
  );
  if (strange === undefined) return;
  const text = `${path} has an input "${strange.name}", which only a model that writes text has; export it for feature extraction`;
  throw new SmmfError('MODEL_LOAD_FAILED', text);
}

function chooseOutput(outputs: readonly ValueInfo[], names: readonly string[], path: string): ValueInfo {
  const named = names.flatMap((name) => outputs.filter((output) => output.name === name));
  const [chosen] = [...named, ...outputs];
  if (chosen?.type === FLOAT && (chosen.shape?.length === 2 || chosen.shape?.length === 3)) return chosen;
  const what = chosen === undefined ? 'no output' : `an output "${chosen.name}" of another type than 32-bit floats`;
  throw new SmmfError('MODEL_LOAD_FAILED', `${path} has ${what}; try another dtype`);
}

function feedOf({ name, type }: ValueInfo, rows: readonly TokenRow[], padId: number): Tensor {
  const length = Math.max(...rows.map(({ ids }) => ids.length));
  const dims = [rows.length, length];
  const cell: Cell = CELLS[name] ?? (({ ids }, at) => ids[at] ?? padId);
  const pad = name === 'input_ids' ? padId : 0;
  const cells = new Int32Array(rows.length * length).fill(pad);
  for (const [index, row] of rows.entries())
    for (let at = 0; at < row.ids.length; at++) cells[index * length + at] = cell(row, at);
  return type === INT32
    ? new Tensor('int32', cells, dims)
    : new Tensor('int64', BigInt64Array.from(cells, BigInt), dims);
}
