/** The rules that every registry is held to, as the table of `docs/registries.md` names them. */
export const REGISTRY_CONTRACT = {
  C1: 'an entry of 8 KiB with any letters comes back byte for byte, until it is released',
  C2: 'a lease that nobody renews ends within its time and the grain',
  C3: 'a lease that is renewed lives, ten times its length',
  C4: 'the entry of a killed process ends with its lease',
  C5: 'a renewal after the end says `lost`; registering again works',
  C6: 'a lower epoch cannot renew, write or release',
  C7: 'a watcher sees a change within a second of it',
  C8: 'a watch goes on after its connections were cut, without loss',
  C9: 'a backend that is killed and started again with its data loses nothing alive',
  C10: 'after a restart without data every member is back within a heartbeat and 2 s',
  C11: 'a silent backend costs no error, no work, and is followed again afterwards',
  C12: 'a resume point that the backend has forgotten ends in a whole list, not in silence',
  C13: '1,000 entries: a list within 1 s, 1,000 changes to a watcher within 5 s',
  C14: 'two namespaces never mix',
  C15: 'wrong credentials are a clear error, without a storm of attempts',
  C16: 'foreign, broken and oversize entries are left out and counted',
  C17: "a member's clock that is off by an hour has no effect",
  C18: '`close()` leaves no timer, socket, thread or process',
  C19: 'registering and releasing leaves nothing behind in the backend',
  C20: 'at most one leader of an epoch',
} as const;

/** One of them. */
export type ContractRule = keyof typeof REGISTRY_CONTRACT;

/** Rules that may not concern a registry, by what its capabilities and its backend say; no other one may be left unchecked. */
export const OPTIONAL_RULES: readonly ContractRule[] = ['C9', 'C12', 'C15', 'C20'];

/** The reason of a rule whose fault the backend leaves out. */
export const UNSAID = 'the backend neither has this fault nor says why not';
