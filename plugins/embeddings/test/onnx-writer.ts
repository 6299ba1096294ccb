// Writes the parts of an ONNX file that tests need: protobuf by hand, as https://github.com/onnx/onnx/blob/main/onnx/onnx.proto has it.

const FLOAT = 1;
const INT64 = 7;
/** Kinds of attributes. */
const A_FLOAT = 1;
const A_INT = 2;

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let left = BigInt.asUintN(64, BigInt(value));
  do {
    bytes.push(Number(left & 0x7fn) | (left > 0x7fn ? 0x80 : 0));
    left >>= 7n;
  } while (left > 0n);
  return Buffer.from(bytes);
}

const number = (field: number, value: number): Buffer => Buffer.concat([varint(field << 3), varint(value)]);
const bytes = (field: number, value: Buffer | string): Buffer => {
  const content = Buffer.from(value);
  return Buffer.concat([varint((field << 3) | 2), varint(content.length), content]);
};

/** A node: what it computes, from what, to what. */
export function node(
  kind: string,
  inputs: readonly string[],
  output: string,
  attributes: Record<string, number> = {},
): Buffer {
  const attributeOf = ([name, value]: [string, number]): Buffer => {
    if (Number.isInteger(value)) return bytes(5, Buffer.concat([bytes(1, name), number(3, value), number(20, A_INT)]));
    const float = Buffer.alloc(5);
    float.writeUInt8((2 << 3) | 5);
    float.writeFloatLE(value, 1);
    return bytes(5, Buffer.concat([bytes(1, name), float, number(20, A_FLOAT)]));
  };
  const parts = [...inputs.map((name) => bytes(1, name)), bytes(2, output), bytes(3, `${output}.node`), bytes(4, kind)];
  return bytes(1, Buffer.concat([...parts, ...Object.entries(attributes).map(attributeOf)]));
}

/** Weights: 32-bit floats, or whole numbers of 64 bits. */
export function weights(name: string, dims: readonly number[], values: Float32Array | BigInt64Array): Buffer {
  const type = values instanceof Float32Array ? FLOAT : INT64;
  const raw = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return bytes(
    5,
    Buffer.concat([...dims.map((size) => number(1, size)), number(2, type), bytes(8, name), bytes(9, raw)]),
  );
}

/** An input or output; a dimension that is a text is open. */
export function value(
  kind: 'input' | 'output',
  name: string,
  type: 'float' | 'int64',
  dims: readonly (number | string)[],
): Buffer {
  const shape = dims.map((size) => bytes(1, typeof size === 'number' ? number(1, size) : bytes(2, size)));
  const tensor = Buffer.concat([number(1, type === 'float' ? FLOAT : INT64), bytes(2, Buffer.concat(shape))]);
  return bytes(kind === 'input' ? 11 : 12, Buffer.concat([bytes(1, name), bytes(2, bytes(1, tensor))]));
}

/** A model of these nodes, weights, inputs and outputs. */
export function model(parts: readonly Buffer[]): Buffer {
  const opset = bytes(8, number(2, 17));
  return Buffer.concat([number(1, 8), opset, addition([bytes(2, 'test'), ...parts])]);
}

/** What makes a model larger when it is put behind its bytes: protobuf joins the two. */
export function addition(parts: readonly Buffer[]): Buffer {
  return bytes(7, Buffer.concat(parts));
}
