import { type Logger, silentLogger } from '@smmf/core';
import { type BufferedLogger, createLogger, redactingLogger } from '@smmf/server';
import type { ParsedConfig } from './config.ts';
import type { ResolvedConfig } from './resolve-config.ts';

/** The logger that an embedder gives, made safe; `config`: as the config says, to standard error; undefined: none. */
export function loggerOf(
  { config }: ResolvedConfig,
  logger: Logger | 'config' | undefined,
): Logger & Partial<Pick<BufferedLogger, 'close'>> {
  if (logger !== 'config') return redactingLogger(logger ?? silentLogger);
  const { level, format } = config.log;
  return createLogger({ level, destination: 2, ...(format === 'auto' ? {} : { pretty: format === 'pretty' }) });
}

/** The limits of the OpenAI listener. */
export function limitsOf({ bodyLimit, bodyMemory, connectionsPerAddress, maxConnections }: ParsedConfig['server']) {
  return {
    bodyLimitBytes: bodyLimit,
    maxConnections,
    ...(bodyMemory === undefined ? {} : { bodyMemoryBytes: bodyMemory }),
    ...(connectionsPerAddress === undefined ? {} : { connectionsPerAddress }),
  };
}
