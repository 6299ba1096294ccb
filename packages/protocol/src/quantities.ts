import * as z from 'zod';

const UNITS = {
  duration: { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 },
  size: { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, KB: 1e3, MB: 1e6, GB: 1e9 },
} as const;

function quantity(kind: keyof typeof UNITS, example: string): z.ZodType<number, string | number> {
  const units: Readonly<Record<string, number>> = UNITS[kind];
  const pattern = new RegExp(`^(\\d+(?:\\.\\d+)?) ?(${Object.keys(units).join('|')})$`);
  const error = `a ${kind} with its unit (${Object.keys(units).join(', ')}), for example ${example}`;
  return z.union([z.string({ error }).regex(pattern, error), z.literal(0, { error })]).transform((value) => {
    const [, amount = '0', unit = ''] = pattern.exec(String(value)) ?? [];
    return Math.round(Number(amount) * (units[unit] ?? 0));
  });
}

/** One model file. */
const oneSource = z.union([
  z.string().min(1),
  z.strictObject({
    url: z.string().min(1),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional(),
  }),
]);

/** What arrives as it was sent, whoever reads it (RFC 9110, 5.5). */
const HEADER_VALUE = /^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/;

/** Text that can be the value of an HTTP header: visible ASCII, spaces and tabs within. */
export const headerText = () =>
  z.string().refine((value) => HEADER_VALUE.test(value), {
    error: 'cannot be sent in an HTTP header: only visible ASCII characters can, no line ends, no spaces at the ends',
  });

/** Text such as `500ms`, `10s`, `5m`, `1h`; milliseconds after parsing. */
export const durationMs = () => quantity('duration', '30s');

/** Text such as `512KiB`, `4MiB`, `2GB`; bytes after parsing. */
export const sizeBytes = () => quantity('size', '4MiB');

const SOURCE_WORDS =
  'where the model is: ./model.gguf, https://host/model.gguf, hf://org/repo/file, or a list of such places, tried in order';

/**
 * One model file or a list tried in order: a path, `https://`, `hf://`, `modelscope://`, `pypi://`, each with an optional sha256.
 *
 * @param missing what is said where none is given
 */
export const modelSource = (missing: string = SOURCE_WORDS) =>
  z.union([oneSource, z.array(oneSource).min(1)], {
    error: ({ input }) => (input === undefined ? missing : SOURCE_WORDS),
  });

/** A model file, or several places to look for it in order. */
export type ModelSource = z.infer<ReturnType<typeof modelSource>>;
