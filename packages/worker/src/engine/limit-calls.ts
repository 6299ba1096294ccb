import { SmmfError } from '@smmf/core';
import { FULL_HEADER } from '@smmf/protocol';
import type { HttpBase } from '@smmf/server';

/** What is refused at the door. */
export interface CallLimit {
  /** Calls at once; undefined: as many as come. */
  readonly slots: number | undefined;
  /** Takes it no new work, as it is about to end. */
  readonly isLeaving: () => boolean;
}

/**
 * Refuses calls with 503 before anything of their body is read: those beyond the slots, as several API servers send work here and none
 * knows what the others send, and those that come while the engine leaves. A header says which, so that callers go elsewhere at no
 * cost. To be called before the routes are added.
 */
export function limitCalls({ app }: HttpBase, { slots = Number.POSITIVE_INFINITY, isLeaving }: CallLimit): void {
  let running = 0;
  app.addHook('onRequest', (request, reply, done) => {
    if (request.method !== 'POST') return done();
    if (isLeaving()) {
      reply.raw.setHeader(FULL_HEADER, 'leaving');
      return done(new SmmfError('SERVER_SHUTTING_DOWN', 'This engine takes no new work, as it is about to end'));
    }
    if (running >= slots) {
      reply.raw.setHeader(FULL_HEADER, 'full');
      return done(new SmmfError('ENGINE_OVERLOADED', `All ${slots} slots of this engine are taken`));
    }
    running++;
    let isOver = false;
    const over = (): void => {
      if (!isOver) running--;
      isOver = true;
    };
    // The last byte has left before the caller can have it.
    reply.raw.once('finish', over).once('close', over);
    done();
  });
}
