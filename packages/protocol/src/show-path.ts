/** A path in a config as people write it: `models.chat.workers[0].url`; names with dots or spaces in brackets. */
export function showPath(path: readonly PropertyKey[]): string {
  const stepOf = (step: PropertyKey): string =>
    /^[\w$-]+$/.test(String(step)) ? `.${String(step)}` : `["${String(step)}"]`;
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : stepOf(step)))
    .join('')
    .replace(/^\./, '');
}
