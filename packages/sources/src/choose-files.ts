import { SmmfError } from '@smmf/core';
import picomatch from 'picomatch';
import type { FileChoice, Listing } from './source.ts';

type Files = Listing['files'];

/** Weights of one model in the formats of several frameworks; a format further up makes those below it needless. */
const FORMATS: readonly RegExp[] = [
  /\.safetensors$/i,
  /\.(?:bin|pt|pth|ckpt)$/i,
  /\.(?:onnx|onnx_data|h5|msgpack|ot|tflite|mlmodel|pb)$/i,
];

/** Folders in which repositories keep the same weights for other run times. */
const OTHER_RUNTIMES = /^(?:onnx|openvino|coreml|tflite|original|flax|tf)\//i;

/** Each .gguf is a model of its own, and a repository often has dozens. */
const GGUF = /\.gguf$/i;

const MAX_FILES = 1_000;

/**
 * The files that are wanted of a whole repository. With patterns: what `include` names (all, when it is empty) less what
 * `exclude` names. Without `include`, as vLLM and TGI load models: safetensors and not the same weights in another format, nothing
 * that is hidden, and no .gguf.
 * @param name how messages name the repository
 * @throws SOURCE_UNAVAILABLE when nothing is left, or too much
 */
export function chooseFiles(files: Files, choice: FileChoice | undefined, name: string): Files {
  const { include = [], exclude = [] } = choice ?? {};
  const usual = include.length > 0 ? files.filter(matching(include)) : usualFiles(files);
  const isExcluded = matching(exclude);
  const chosen = usual.filter((file) => !isExcluded(file));
  const isPlain = include.length === 0;
  const hasWeights = chosen.some(({ path }) => formatOf(path) >= 0);
  const ggufs = files.map(({ path }) => path).filter((path) => GGUF.test(path));
  if (isPlain && !hasWeights && ggufs.length > 0) {
    const message = `${name} holds a model in each of its .gguf files (${list(ggufs)}); name one of them: hf://${name}/FILE`;
    throw new SmmfError('SOURCE_UNAVAILABLE', message, { details: { ggufs } });
  }
  if (chosen.length === 0) {
    const all = list(files.map(({ path }) => path)) || 'none at all';
    throw new SmmfError('SOURCE_UNAVAILABLE', `no file of ${name} is left to fetch; it has ${all}`);
  }
  if (chosen.length > MAX_FILES) {
    const message = `${name} has ${chosen.length} files, and at most ${MAX_FILES} are fetched; choose with #include=<patterns>`;
    throw new SmmfError('SOURCE_UNAVAILABLE', message);
  }
  return chosen;
}

function matching(patterns: readonly string[]): (file: Files[number]) => boolean {
  const matchers = patterns.map((pattern) =>
    picomatch(pattern, { basename: !pattern.includes('/'), dot: true, nonegate: true }),
  );
  return ({ path }) => matchers.some((matches) => matches(path));
}

function usualFiles(files: Files): Files {
  const visible = files.filter(({ path }) => !/(?:^|\/)\./.test(path) && !GGUF.test(path));
  const hasWeights = visible.some(({ path }) => !path.includes('/') && formatOf(path) >= 0);
  const wanted = hasWeights ? visible.filter(({ path }) => !OTHER_RUNTIMES.test(path)) : visible;
  const best = new Map<string, number>();
  for (const { path } of wanted) {
    const format = formatOf(path);
    if (format >= 0) best.set(folderOf(path), Math.min(format, best.get(folderOf(path)) ?? format));
  }
  const isNamedModel = ({ path }: Files[number]): boolean => /(?:^|\/)model[^/]*\.safetensors$/.test(path);
  const sharded = new Set(wanted.filter(isNamedModel).map(({ path }) => folderOf(path)));
  return wanted.filter(({ path }) => {
    // Mistral's own format, beside the same weights in the usual one.
    if (/(?:^|\/)consolidated[^/]*\.safetensors$/.test(path) && sharded.has(folderOf(path))) return false;
    const format = formatOf(path);
    return format < 0 || format === best.get(folderOf(path));
  });
}

/** -1 for what holds no weights. */
function formatOf(path: string): number {
  return FORMATS.findIndex((format) => format.test(path));
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

function list(paths: readonly string[]): string {
  const shown = paths.slice(0, 5).join(', ');
  return paths.length > 5 ? `${shown} and ${paths.length - 5} more` : shown;
}
