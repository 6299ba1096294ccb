import { open } from 'node:fs/promises';
import { SmmfError } from '@smmf/core';
import { GgufReader } from './gguf-reader.ts';

/** What {@link checkGgufHeader} has read. */
export interface GgufHeader {
  readonly version: number;
  readonly tensorCount: number;
  readonly metadataCount: number;
}

/** What {@link checkGgufHeader} collects on its way for whoever describes the model. */
export interface GgufFacts {
  /** Entries that describe the model; of a chat template only that it is there. */
  readonly metadata: Map<string, string | number>;
  /** Elements of all tensors. */
  parameters: number;
}

const FACTS = /^general\.(?:name|architecture|license|file_type)$|^[^.]+\.context_length$|^tokenizer\.chat_template$/;
const MAX_FACT_BYTES = 4_096;

const MAX_TENSORS = 100_000;
const MAX_METADATA = 65_536;
const MAX_NAME_BYTES = 65_535;
const MAX_ARRAY_STRINGS = 4_194_304;
const MAX_ALIGNMENT = 65_536;
const MAX_DIMENSIONS = 4;

const STRING = 8;
const ARRAY = 9;
/** Bytes of each scalar metadata type, by its number (GGUF specification, version 3). */
const SCALAR_BYTES: Readonly<Record<number, number>> = {
  0: 1,
  1: 1,
  2: 2,
  3: 2,
  4: 4,
  5: 4,
  6: 4,
  7: 1,
  10: 8,
  11: 8,
  12: 8,
};

/** Tensor types: [elements, bytes] of one block, by number (ggml.h, 2026). A type that is not here is the engine's to judge. */
const BLOCKS: Readonly<Record<number, readonly [bigint, bigint]>> = {
  0: [1n, 4n],
  1: [1n, 2n],
  2: [32n, 18n],
  3: [32n, 20n],
  6: [32n, 22n],
  7: [32n, 24n],
  8: [32n, 34n],
  9: [32n, 36n],
  10: [256n, 84n],
  11: [256n, 110n],
  12: [256n, 144n],
  13: [256n, 176n],
  14: [256n, 210n],
  15: [256n, 292n],
  16: [256n, 66n],
  17: [256n, 74n],
  18: [256n, 98n],
  19: [256n, 50n],
  20: [32n, 18n],
  21: [256n, 110n],
  22: [256n, 82n],
  23: [256n, 136n],
  24: [1n, 1n],
  25: [1n, 2n],
  26: [1n, 4n],
  27: [1n, 8n],
  28: [1n, 8n],
  29: [256n, 56n],
  30: [1n, 2n],
  34: [256n, 54n],
  35: [256n, 66n],
  39: [32n, 17n],
};

/**
 * Reads the header of a GGUF file (versions 2 and 3) as hostile input, before an engine parses it: counts are capped,
 * every length, offset and size must fit into the file, at most 64 MiB are read and memory stays under 1 MiB.
 * @param label how messages name the file
 * @param facts filled on the way
 * @throws SOURCE_CORRUPT naming the fault
 */
export async function checkGgufHeader(file: string, label: string = file, facts?: GgufFacts): Promise<GgufHeader> {
  const handle = await open(file, 'r');
  try {
    const stats = await handle.stat();
    if (stats.isDirectory()) {
      throw new SmmfError('SOURCE_CORRUPT', `${label} is a folder; name the .gguf file in it`);
    }
    const reader = new GgufReader(handle, stats.size, label);
    const header = await readPreamble(reader);
    let alignment = 32;
    for (let index = 0; index < header.metadataCount; index += 1) {
      alignment = (await readMetadata(reader, index, facts)) ?? alignment;
    }
    await readTensors(reader, header.tensorCount, alignment, facts);
    return header;
  } finally {
    await handle.close();
  }
}

async function readPreamble(reader: GgufReader): Promise<GgufHeader> {
  await reader.need(4, 'the first four bytes');
  const magic = reader.takeText(4);
  if (magic !== 'GGUF') throw reader.fault(`it starts with ${JSON.stringify(magic)} in place of "GGUF"`);
  await reader.need(20, 'the preamble');
  const version = reader.takeU32();
  if (version === 0x02000000 || version === 0x03000000)
    throw reader.fault('it is big-endian, which no engine here reads');
  if (version !== 2 && version !== 3) throw reader.fault(`its version is ${version}; 2 and 3 are known`);
  // Shortest tensor entry: name length, dimension count, type, offset. Shortest metadata entry: key length, type, one byte.
  const tensorCount = reader.takeCount(24, 'the number of tensors');
  const metadataCount = reader.takeCount(13, 'the number of metadata entries');
  if (tensorCount > MAX_TENSORS)
    throw reader.fault(`it claims ${tensorCount} tensors; at most ${MAX_TENSORS} are accepted`);
  if (metadataCount > MAX_METADATA) {
    throw reader.fault(`it claims ${metadataCount} metadata entries; at most ${MAX_METADATA} are accepted`);
  }
  return { version, tensorCount, metadataCount };
}

/** Passes one metadata entry; returns the alignment when the entry sets it. */
async function readMetadata(reader: GgufReader, index: number, facts?: GgufFacts): Promise<number | undefined> {
  const place = `metadata entry ${index + 1}`;
  const key = await readName(reader, place);
  await reader.need(4, `${place} (${quote(key)})`);
  const type = reader.takeU32();
  const where = `${place} (${quote(key)})`;
  if (key === 'general.alignment') return readAlignment(reader, type, where);
  if (type === ARRAY) {
    await skipArray(reader, where);
  } else if (type === STRING) {
    await reader.need(8, where);
    const bytes = reader.takeCount(1, `the length of ${where}`);
    if (facts && FACTS.test(key)) facts.metadata.set(key, await readFact(reader, key, bytes, where));
    else reader.skip(bytes, where);
  } else if (facts && type === 4 && FACTS.test(key)) {
    await reader.need(4, where);
    facts.metadata.set(key, reader.takeU32());
  } else {
    reader.skip(scalarBytes(reader, type, where), where);
  }
  return undefined;
}

/** A text that describes the model; one that is too long for that, or a template, is passed. */
async function readFact(reader: GgufReader, key: string, bytes: number, where: string): Promise<string> {
  if (bytes > MAX_FACT_BYTES || key.endsWith('.chat_template')) {
    reader.skip(bytes, where);
    return '';
  }
  await reader.need(bytes, where);
  return Buffer.from(reader.takeText(bytes), 'latin1').toString();
}

async function readName(reader: GgufReader, place: string): Promise<string> {
  await reader.need(8, place);
  const bytes = reader.takeCount(1, `the name of ${place}`);
  if (bytes > MAX_NAME_BYTES)
    throw reader.fault(`the name of ${place} takes ${bytes} bytes; at most ${MAX_NAME_BYTES} are accepted`);
  await reader.need(bytes, place);
  return reader.takeText(bytes);
}

async function readAlignment(reader: GgufReader, type: number, where: string): Promise<number> {
  if (type !== 4) throw reader.fault(`${where} has type ${type} in place of 4 (uint32)`);
  await reader.need(4, where);
  const alignment = reader.takeU32();
  if (alignment === 0 || alignment > MAX_ALIGNMENT || (alignment & (alignment - 1)) !== 0) {
    throw reader.fault(`${where} is ${alignment}; it must be a power of two up to ${MAX_ALIGNMENT}`);
  }
  return alignment;
}

function scalarBytes(reader: GgufReader, type: number, where: string): number {
  const bytes = SCALAR_BYTES[type];
  if (bytes === undefined) throw reader.fault(`${where} has the unknown type ${type}`);
  return bytes;
}

async function skipArray(reader: GgufReader, where: string): Promise<void> {
  await reader.need(12, where);
  const type = reader.takeU32();
  if (type === ARRAY) throw reader.fault(`${where} is an array of arrays, which no engine reads`);
  if (type !== STRING) {
    const bytes = scalarBytes(reader, type, where);
    reader.skip(reader.takeCount(bytes, `the length of ${where}`) * bytes, where);
    return;
  }
  const count = reader.takeCount(8, `the length of ${where}`);
  if (count > MAX_ARRAY_STRINGS)
    throw reader.fault(`${where} has ${count} strings; at most ${MAX_ARRAY_STRINGS} are accepted`);
  const what = `a string of ${where}`;
  for (let index = 0; index < count; index += 1) {
    if (!reader.has(8)) await reader.need(8, what);
    reader.skip(reader.takeCount(1, what), what);
  }
}

interface Tensor {
  readonly where: string;
  readonly elements: bigint;
  readonly offset: bigint;
  /** 0 when the type is not in our table. */
  readonly bytes: bigint;
}

async function readTensors(
  reader: GgufReader,
  count: number,
  alignment: number,
  facts: GgufFacts | undefined,
): Promise<void> {
  // Where the data begins is known only after the last entry, so the furthest end is kept and judged then.
  let furthest: Tensor | undefined;
  for (let index = 0; index < count; index += 1) {
    const tensor = await readTensor(reader, `tensor ${index + 1}`);
    if (facts) facts.parameters += Number(tensor.elements);
    if (tensor.offset % BigInt(alignment) !== 0n) {
      throw reader.fault(
        `${tensor.where} begins at ${tensor.offset}, which is no multiple of the alignment ${alignment}`,
      );
    }
    if (furthest === undefined || tensor.offset + tensor.bytes > furthest.offset + furthest.bytes) furthest = tensor;
  }
  if (furthest === undefined) return;
  const dataStart = BigInt(Math.ceil(reader.position / alignment) * alignment);
  const end = dataStart + furthest.offset + furthest.bytes;
  if (end > BigInt(reader.fileBytes)) {
    throw reader.fault(
      `${furthest.where} ends at byte ${end} and the file has ${reader.fileBytes}; it was cut off or its header lies`,
    );
  }
}

async function readTensor(reader: GgufReader, place: string): Promise<Tensor> {
  const name = await readName(reader, place);
  const where = `${place} (${quote(name)})`;
  await reader.need(4, where);
  const dimensions = reader.takeU32();
  if (dimensions > MAX_DIMENSIONS)
    throw reader.fault(`${where} has ${dimensions} dimensions; at most ${MAX_DIMENSIONS} exist`);
  await reader.need(dimensions * 8 + 12, where);
  let elements = 1n;
  for (let index = 0; index < dimensions; index += 1) elements *= reader.takeU64();
  const type = reader.takeU32();
  const offset = reader.takeU64();
  const [blockElements, blockBytes] = BLOCKS[type] ?? [1n, 0n];
  if (elements % blockElements !== 0n)
    throw reader.fault(`${where} has ${elements} elements, no whole number of blocks of ${blockElements}`);
  return { where, elements, offset, bytes: (elements / blockElements) * blockBytes };
}

function quote(name: string): string {
  return JSON.stringify(name.replaceAll(/[^ -~]/g, '?').slice(0, 64));
}
