import { FILTERS } from './filters.ts';
import { readLiteral } from './literals.ts';
import { attributeOf, callValue, itemOf, sliceOf } from './members.ts';
import { memberOf, negative, OPERATORS } from './operators.ts';
import type { Expression, Scope } from './scope.ts';
import { TESTS } from './tests.ts';
import { Text } from './text.ts';
import type { TokenReader } from './token-reader.ts';
import { type Dict, dictOf, isTrue, itemsOf, TemplateError, tuple, type Value, written } from './value.ts';

/** Reads an expression, with Jinja's order of operators: `if`, `or`, `and`, `not`, comparisons, `+`, `~`, `*`, `**`, signs. */
export function readExpression(tokens: TokenReader): Expression {
  let value = readOr(tokens);
  while (tokens.skip('if')) {
    const [then, test] = [value, readOr(tokens)];
    const other = tokens.skip('else') ? readExpression(tokens) : undefined;
    value = (scope) => (isTrue(test(scope)) ? then(scope) : other?.(scope));
  }
  return value;
}

/** Several expressions with commas between are a list. */
export function readTuple(tokens: TokenReader, read: (tokens: TokenReader) => Expression = readExpression): Expression {
  const first = read(tokens);
  if (!tokens.is(',')) return first;
  const items = [first];
  while (tokens.skip(',') && !endsTuple(tokens)) items.push(read(tokens));
  return (scope) => tuple(items.map((item) => item(scope)));
}

const endsTuple = (tokens: TokenReader): boolean => tokens.isKind('close') || tokens.is(')') || tokens.is('in');

/** An expression without `if`, which stands behind what a loop goes through. */
export function readOr(tokens: TokenReader): Expression {
  let left = readAnd(tokens);
  while (tokens.skip('or')) {
    const [first, second] = [left, readAnd(tokens)];
    left = (scope) => {
      const value = first(scope);
      return isTrue(value) ? value : second(scope);
    };
  }
  return left;
}

function readAnd(tokens: TokenReader): Expression {
  let left = readNot(tokens);
  while (tokens.skip('and')) {
    const [first, second] = [left, readNot(tokens)];
    left = (scope) => {
      const value = first(scope);
      return isTrue(value) ? second(scope) : value;
    };
  }
  return left;
}

function readNot(tokens: TokenReader): Expression {
  if (!tokens.skip('not')) return readComparison(tokens);
  const value = readNot(tokens);
  return (scope) => !isTrue(value(scope));
}

/** Comparisons in a row hold when each holds. */
function readComparison(tokens: TokenReader): Expression {
  const first = readSum(tokens);
  const more: (readonly [string, Expression])[] = [];
  for (let name = comparison(tokens); name; name = comparison(tokens)) more.push([name, readSum(tokens)]);
  if (more.length === 0) return first;
  return (scope) => {
    let left = first(scope);
    return more.every(([name, next]) => {
      const right = next(scope);
      const holds = OPERATORS[name]?.(left, right) === true;
      left = right;
      return holds;
    });
  };
}

function comparison(tokens: TokenReader): string | undefined {
  if (tokens.is('not') && tokens.is('in', 1)) {
    tokens.take();
    tokens.take();
    return 'not in';
  }
  return ['==', '!=', '<', '<=', '>', '>=', 'in'].find((name) => tokens.skip(name));
}

const readSum = binary(['+', '-'], readConcatenation);
const readProduct = binary(
  ['*', '/', '//', '%'],
  binary(['**'], (tokens) => readSigned(tokens)),
);

function readConcatenation(tokens: TokenReader): Expression {
  const pieces = [readProduct(tokens)];
  while (tokens.skip('~')) pieces.push(readProduct(tokens));
  const [only] = pieces;
  return only && pieces.length === 1 ? only : (scope) => Text.join(pieces.map((piece) => written(piece(scope))));
}

function binary(names: readonly string[], read: (tokens: TokenReader) => Expression) {
  return (tokens: TokenReader): Expression => {
    let left = read(tokens);
    for (;;) {
      const work = OPERATORS[names.find((name) => tokens.skip(name)) ?? ''];
      if (!work) return left;
      const [first, second] = [left, read(tokens)];
      left = (scope) => work(first(scope), second(scope));
    }
  };
}

/** A sign binds closer than a filter. */
function readSigned(tokens: TokenReader, filters = true): Expression {
  if (tokens.skip('-')) {
    const value = readSigned(tokens, false);
    return readFilters(tokens, (scope) => negative(value(scope)), filters);
  }
  if (tokens.skip('+')) return readFilters(tokens, readSigned(tokens, false), filters);
  return readPostfix(tokens, readPrimary(tokens), filters);
}

const readFilters = (tokens: TokenReader, value: Expression, filters: boolean): Expression =>
  filters ? readPostfix(tokens, value, true) : value;

/** A name, a literal, a list, a mapping, or an expression in brackets. */
function readPrimary(tokens: TokenReader): Expression {
  if (tokens.skip('(')) return readBracketed(tokens);
  if (tokens.skip('[')) return readList(tokens);
  if (tokens.skip('{')) return readDict(tokens);
  return readLiteral(tokens);
}

function readBracketed(tokens: TokenReader): Expression {
  if (tokens.skip(')')) return () => tuple([]);
  const value = readTuple(tokens);
  tokens.expect(')');
  return value;
}

function readList(tokens: TokenReader): Expression {
  const items: Expression[] = [];
  while (!tokens.skip(']')) {
    items.push(readExpression(tokens));
    if (!tokens.is(']')) tokens.expect(',');
  }
  return (scope) => items.map((item) => item(scope));
}

function readDict(tokens: TokenReader): Expression {
  const entries: (readonly [Expression, Expression])[] = [];
  while (!tokens.skip('}')) {
    const key = readExpression(tokens);
    tokens.expect(':');
    entries.push([key, readExpression(tokens)]);
    if (!tokens.is('}')) tokens.expect(',');
  }
  return (scope) => new Map(entries.map(([key, value]) => [written(key(scope)).text, value(scope)]));
}

/** Reads what follows a value: attributes, items, slices, calls and, where `filters` says so, filters and tests. */
function readPostfix(tokens: TokenReader, first: Expression, filters: boolean): Expression {
  let value = first;
  for (;;) {
    if (tokens.skip('.')) value = readAttribute(tokens, value);
    else if (tokens.skip('[')) value = readSubscript(tokens, value);
    else if (tokens.skip('(')) value = call(value, readArguments(tokens));
    else if (filters && tokens.skip('|')) value = readFilter(tokens, value);
    else if (filters && tokens.skip('is')) value = readTest(tokens, value);
    else return value;
  }
}

function readAttribute(tokens: TokenReader, object: Expression): Expression {
  const { kind, text } = tokens.take();
  if (kind === 'integer') return (scope) => memberOf(object(scope), BigInt(text));
  if (kind !== 'name') throw new TemplateError(`"${text}" is no attribute`);
  return (scope) => attributeOf(object(scope), text);
}

function readSubscript(tokens: TokenReader, object: Expression): Expression {
  const bounds: (Expression | undefined)[] = [undefined];
  while (!tokens.is(']')) {
    if (tokens.skip(':')) bounds.push(undefined);
    else bounds[bounds.length - 1] = readExpression(tokens);
  }
  tokens.expect(']');
  if (bounds.length > 1)
    return (scope) =>
      sliceOf(
        object(scope),
        bounds.map((bound) => bound?.(scope)),
      );
  const [key] = bounds;
  if (!key) throw new TemplateError('[] has no key');
  return (scope) => itemOf(object(scope), key(scope));
}

/** What stands in the brackets of a call. */
export type Arguments = (scope: Scope) => readonly [positional: Value[], named: Dict];

/** Reads the arguments of a call, its opening bracket taken. */
export function readArguments(tokens: TokenReader): Arguments {
  const read: ((scope: Scope, positional: Value[], named: Dict) => void)[] = [];
  while (!tokens.skip(')')) {
    read.push(readArgument(tokens));
    if (!tokens.is(')')) tokens.expect(',');
  }
  return (scope) => {
    const [positional, named]: [Value[], Dict] = [[], new Map()];
    for (const add of read) add(scope, positional, named);
    return [positional, named];
  };
}

function readArgument(tokens: TokenReader): (scope: Scope, positional: Value[], named: Dict) => void {
  if (tokens.skip('**')) {
    const value = readExpression(tokens);
    return (scope, _, named) => {
      for (const [name, item] of dictOf(value(scope)) ?? []) named.set(name, item);
    };
  }
  if (tokens.skip('*')) {
    const value = readExpression(tokens);
    return (scope, positional) => void positional.push(...itemsOf(value(scope)));
  }
  if (tokens.isKind('name') && tokens.is('=', 1)) {
    const name = tokens.take().text;
    tokens.take();
    const value = readExpression(tokens);
    return (scope, _, named) => void named.set(name, value(scope));
  }
  const value = readExpression(tokens);
  return (scope, positional) => void positional.push(value(scope));
}

function call(callee: Expression, given: Arguments): Expression {
  return (scope) => callValue(callee(scope), ...given(scope));
}

/** Reads a filter's name and arguments; gives the filter over a value. */
export function readFilter(tokens: TokenReader, value: Expression): Expression {
  const name = tokens.kind('name');
  const filter = Object.hasOwn(FILTERS, name) ? FILTERS[name] : undefined;
  if (!filter) throw new TemplateError(`there is no filter "${name}"`);
  const given: Arguments = tokens.skip('(') ? readArguments(tokens) : () => [[], new Map()];
  return (scope) => filter(value(scope), ...given(scope));
}

/** Words behind a test that are not its argument. */
const NO_ARGUMENTS = ['else', 'or', 'and', 'if', 'is', 'in', 'not'];

function readTest(tokens: TokenReader, value: Expression): Expression {
  const negated = tokens.skip('not');
  const name = tokens.kind('name');
  const test = Object.hasOwn(TESTS, name) ? TESTS[name] : undefined;
  if (!test) throw new TemplateError(`there is no test "${name}"`);
  const given = readTestArguments(tokens);
  return (scope) => test(value(scope), ...given(scope)[0]) !== negated;
}

function readTestArguments(tokens: TokenReader): Arguments {
  if (tokens.skip('(')) return readArguments(tokens);
  const begins =
    ['name', 'string', 'integer', 'float'].some((kind) => kind === tokens.next?.kind) ||
    tokens.is('[') ||
    tokens.is('{');
  if (!begins || NO_ARGUMENTS.some((word) => tokens.is(word))) return () => [[], new Map()];
  const argument = readPostfix(tokens, readPrimary(tokens), false);
  return (scope) => [[argument(scope)], new Map()];
}
