export { createFakeClock, type FakeClock } from './fake-clock.ts';
export { createFakeEngine, type FakeAnswer, type FakeEngine, type FakeRequest, streamPieces } from './fake-engine.ts';
