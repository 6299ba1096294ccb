export { Announcer, type AnnouncerContext, type AnnouncerTimings } from './announcer.ts';
export { type ClusterKeys, createClusterKeys, MIN_SECRET_BYTES, proofOf } from './cluster-keys.ts';
export { ControllerClient, type ControllerClientContext } from './controller-client.ts';
export type { ControllerLink, Member } from './controller-link.ts';
export {
  createEntryCodec,
  ENTRY_KINDS,
  ENTRY_LIMIT_BYTES,
  type EntryCodec,
  type EntryKind,
  type OpenedEntry,
  RECORD_VERSION,
} from './entry-codec.ts';
export {
  type ClusterFeed,
  type ClusterFollower,
  type FollowContext,
  type FollowStats,
  followCluster,
} from './follow-cluster.ts';
export { followHeld, type HeldFeedContext, type Versioned } from './held-feed.ts';
export { createHttpLink, FEED_PATHS, followPath, type HttpLinkContext } from './http-link.ts';
export { createHttpRegistry, type HttpRegistryContext } from './http-registry.ts';
export { IDENTITY_PATH, identityRoute } from './identity-route.ts';
export { createKeptCopy, type KeptCopy } from './kept-copy.ts';
export { openMessage, sealMessage } from './message-codec.ts';
export { createPeerCheck } from './peer-check.ts';
export { type ClusterRecord, recordOf } from './read-record.ts';
export { RecordAnnouncer, type RecordAnnouncerContext } from './record-announcer.ts';
export {
  type ClusterMember,
  type Freshness,
  REJECTIONS,
  type ReadRecords,
  RecordBook,
  type Rejection,
} from './record-book.ts';
export { snapshotText } from './snapshot-text.ts';
export { within } from './within.ts';
