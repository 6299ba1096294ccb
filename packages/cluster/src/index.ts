export { Announcer, type AnnouncerContext, type AnnouncerTimings } from './announcer.ts';
export type { ControllerLink, Member } from './controller-link.ts';
export { createEngineKeys, type EngineKeys } from './engine-keys.ts';
export {
  ENTRY_KINDS,
  ENTRY_LIMIT_BYTES,
  type EntryKind,
  instanceOf,
  type OpenedEntry,
  openEntry,
  RECORD_VERSION,
  sealEntry,
} from './entry-codec.ts';
export { followInstances, type InstanceFeedContext } from './instance-feed.ts';
export { openMessage, sealMessage } from './message-codec.ts';
export { within } from './within.ts';
