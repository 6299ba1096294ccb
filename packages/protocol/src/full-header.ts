/** With a 503 of an engine of ours, nothing of whose request was read: `full`, every slot is taken; `leaving`, it is about to end. */
export const FULL_HEADER = 'x-smmf-full';
