// Main module of an engine's process; a worker host starts it (see host/process-engine.ts) and speaks to it over IPC.
import { EngineProcess } from './engine-process.ts';

new EngineProcess();
