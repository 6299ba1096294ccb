export {
  type ClusterView,
  type Command,
  command,
  type HostCommand,
  type HostView,
  hostCommand,
  type InstanceView,
  instanceView,
  type Operation,
  operation,
  type ServedModel,
} from './admin.ts';
export type { BatchBackend, BatchInput, BatchItem, BatchLimits, PreparedBackend } from './batches.ts';
export {
  type ChatChunk,
  type ChatCompletion,
  type ChatMessage,
  type ChatRequest,
  type ChatTool,
  chatChunk,
  chatCompletion,
  chatMessage,
  chatRequest,
  chatTool,
} from './chat.ts';
export { type AskedRerank, asRerankObject, completeRerank } from './complete-rerank.ts';
export { type Completion, type CompletionRequest, completion, completionRequest } from './completions.ts';
export {
  type EmbeddingReply,
  type EmbeddingRequest,
  type EmbeddingResult,
  embeddingReply,
  embeddingRequest,
  fromBase64,
  inEncoding,
  renderEmbeddings,
  toBase64,
} from './embeddings.ts';
export { type EngineLog, engineLog, type LogQuery, logQuery } from './engine-log.ts';
export { entryFault } from './entry-fault.ts';
export { errorBody, type ForeignError, readErrorBody } from './error-body.ts';
export { ERROR_CODES, type ErrorCode, type ErrorRow, type ErrorScope, type RetryAdvice } from './error-codes.ts';
export type { FinishReason, GenerationEvent, TokenLogprob, WireError } from './events.ts';
export {
  type AdministrativeState,
  type Assignment,
  administrativeState,
  assignment,
  type InstanceFeed,
  type InstanceReport,
  type InstanceSpec,
  instanceReport,
  instanceSpec,
  isLater,
  type LaneReport,
  laneReport,
  type MemberReport,
  type ModelSpec,
  memberReport,
  modelSpec,
  type Replica,
  replica,
  type Settings,
  settings,
} from './feeds.ts';
export type { FrameFault } from './frame-fault.ts';
export { FULL_HEADER } from './full-header.ts';
export { type Health, type LoadSample, loadSample } from './health.ts';
export { highestEpochs } from './highest-epochs.ts';
export {
  type Address,
  INSTANCE_STATES,
  type InstanceRecord,
  type InstanceState,
  instanceRecord,
  type ModelCard,
  modelCard,
  type Peer,
  publicCard,
} from './instance.ts';
export { isLoopbackAddress, isLoopbackHost } from './loopback.ts';
export { MEMBER_STATES, type MemberKind, type MemberRecord, memberRecord } from './member.ts';
export type { ModelFileFacts } from './model-file.ts';
export { isListedAs, type ModelList, type ModelObject, modelList, modelObject } from './models.ts';
export { durationMs, headerText, type ModelSource, modelSource, sizeBytes } from './quantities.ts';
export { eventsOfChunk, eventsOfCompletion, eventsOfReply } from './read-events.ts';
export { FRAME_LIMITS, type Frame, readFrame } from './read-frame.ts';
export { relevanceReply } from './relevance.ts';
export {
  type AnswerInfo,
  type AnswerProgress,
  createReplyCollector,
  createStreamRenderer,
  type ReplyCollector,
  type StreamRenderer,
} from './render.ts';
export type { AttemptRecord, Caller, RequestRecord } from './request-record.ts';
export {
  isRanking,
  type RerankReply,
  type RerankRequest,
  type RerankResult,
  renderRerank,
  rerankReply,
  rerankRequest,
} from './rerank.ts';
export { documentTexts, hasObjectDocuments } from './rerank-documents.ts';
export { RESULT_HEADERS, type ResultHeaders, resultHeaders } from './result-headers.ts';
export type { RouterStats } from './router-stats.ts';
export { showPath } from './show-path.ts';
export { type BodyChanges, spliceBody } from './splice.ts';
export {
  createSseFramer,
  encodeSse,
  endOfSseEvent,
  parseSseEvent,
  SSE_DONE,
  type SseEvent,
  type SseFramer,
  splitSse,
} from './sse.ts';
export { TASK_IDS, TASK_ROUTES, type TaskId } from './tasks.ts';
export {
  fieldValue,
  type JsonKind,
  type ScanFault,
  type ScanResult,
  scanFields,
  type TopLevelField,
  type TopLevelFields,
} from './top-level.ts';
export { isUsage, type Usage, usage } from './usage.ts';
