/** Headers by which a result tells of itself: what of the request was changed, what of the input was left out. No other is passed on. */
export const RESULT_HEADERS = ['x-smmf-adjusted', 'x-smmf-truncated'] as const;

/** Headers of a result, by name. Values are printable ASCII, 1024 characters at most; others are left out. */
export type ResultHeaders = Readonly<Partial<Record<(typeof RESULT_HEADERS)[number], string>>>;

const VALUE = /^[\x20-\x7e]{1,1024}$/;

/** Those of the headers that may be passed on. @param read gives a header by its name */
export function resultHeaders(read: (name: string) => string | undefined): ResultHeaders {
  const headers: Record<string, string> = {};
  for (const name of RESULT_HEADERS) {
    const value = read(name);
    if (value !== undefined && VALUE.test(value)) headers[name] = value;
  }
  return headers;
}
