/**
 * What the fault drill takes away to see that its rows fail without it: `SMMF_TEST_DISABLE=retry,panic,identity`. Read once; for tests
 * alone.
 */
const disabled = new Set((process.env.SMMF_TEST_DISABLE ?? '').split(','));

/** Is this protection in force. */
export const protects = (what: 'retry' | 'panic' | 'identity'): boolean => !disabled.has(what);
