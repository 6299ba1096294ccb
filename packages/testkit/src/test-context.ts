import { resolve } from 'node:path';
import {
  type ConnectedContext,
  type EngineContext,
  type PluginContext,
  type RegistryContext,
  silentLogger,
  systemClock,
} from '@smmf/core';
import { createDialer, createHttpClient } from '@smmf/net';

/** The context that a plugin's `create` is given, for tests: silent, real time, never aborted. */
export function testContext(more: Partial<PluginContext> = {}): PluginContext {
  return { logger: silentLogger, clock: systemClock, signal: new AbortController().signal, ...more };
}

/** The same for an engine plugin: the model is called `model`; model files are local paths. */
export function testEngineContext(more: Partial<EngineContext> = {}): EngineContext {
  const modelFile: EngineContext['modelFile'] = async (source) => {
    const first = Array.isArray(source) ? source[0] : source;
    if (typeof first !== 'string') throw new TypeError('in tests a model file is a local path');
    return resolve(first);
  };
  return { ...testConnectedContext(), model: 'model', modelFile, ...more };
}

/** The same for a registry plugin: the namespace is `test`. */
export function testRegistryContext(more: Partial<RegistryContext> = {}): RegistryContext {
  return { ...testConnectedContext(), namespace: 'test', ...more };
}

function testConnectedContext(): ConnectedContext {
  const dialer = createDialer();
  return { ...testContext(), dialer, http: createHttpClient(dialer) };
}
