import 'reflect-metadata';
import { instanceCachingFactory, container as rootContainer } from 'tsyringe';
import { SmmfError } from './errors.ts';

/** A typed name of a service. Two copies of this package that use the same name mean the same service. */
export interface Token<T> {
  readonly key: symbol;
  /** Carries the type only; never set. */
  readonly type?: T;
}

/** Makes the token of a service, for example `token<Router>('router')`. */
export function token<T>(name: string): Token<T> {
  return { key: Symbol.for(`smmf.service.${name}`) };
}

/** Holds one instance of each service, built at its first `get`. */
export interface Container {
  /**
   * Says how a service is made; `make` runs at most once, with the container that it was provided to.
   * @throws DUPLICATE_SERVICE when this very container has one already
   */
  provide<T>(token: Token<T>, make: (container: Container) => T): void;
  /**
   * The service, built when it is asked for the first time.
   * @throws SERVICE_MISSING when nothing provides it, naming who asked
   * @throws SERVICE_CYCLE when services need each other in a circle, naming it
   */
  get<T>(token: Token<T>): T;
}

const nameOf = (key: symbol): string => String(key.description).replace('smmf.service.', '');

/** An empty container; no state is shared with any other. */
export function createContainer(): Container {
  const inner = rootContainer.createChildContainer();
  const path: symbol[] = [];
  const self: Container = {
    provide(token, make) {
      if (inner.isRegistered(token.key)) {
        throw new SmmfError('DUPLICATE_SERVICE', `Service "${nameOf(token.key)}" is provided twice to one container`);
      }
      inner.register(token.key, { useFactory: instanceCachingFactory(() => make(self)) });
    },
    get<T>(token: Token<T>): T {
      const route = (): string => [...path, token.key].map(nameOf).join(' → ');
      if (path.includes(token.key)) throw new SmmfError('SERVICE_CYCLE', `Services need each other: ${route()}`);
      if (!inner.isRegistered(token.key)) {
        throw new SmmfError('SERVICE_MISSING', `Nothing provides "${nameOf(token.key)}" (asked by ${route()})`);
      }
      path.push(token.key);
      try {
        return inner.resolve<T>(token.key);
      } finally {
        path.pop();
      }
    },
  };
  return self;
}
