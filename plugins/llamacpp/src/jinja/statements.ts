import { readArguments, readExpression, readFilter, readOr, readTuple } from './expressions.ts';
import { assign, createLoop, type Target } from './loop.ts';
import { callValue } from './members.ts';
import { type Expression, Scope } from './scope.ts';
import { Text } from './text.ts';
import type { TokenReader } from './token-reader.ts';
import { type Callable, isTrue, itemsOf, Namespace, TemplateError, tuple, type Value, written } from './value.ts';

/** A part of a template, ready to be written; tells a loop to go on with its next turn, or to end. */
export type Part = (scope: Scope, out: Text[]) => 'break' | 'continue' | undefined;

/** Reads a template, or a block up to the tag that ends it, whose name it gives and has taken. */
export function readParts(
  tokens: TokenReader,
  ends: readonly string[] = [],
): { readonly part: Part; readonly end: string } {
  const parts: Part[] = [];
  for (;;) {
    if (!tokens.next && ends.length === 0) return { part: sequence(parts), end: '' };
    const token = tokens.take();
    if (token.kind === 'data') {
      const text = Text.own(token.text);
      parts.push((_, out) => void out.push(text));
    } else if (token.text === '{{') {
      const value = readTuple(tokens);
      tokens.kind('close');
      parts.push((scope, out) => void out.push(written(value(scope))));
    } else {
      const name = tokens.kind('name');
      if (ends.includes(name)) return { part: sequence(parts), end: name };
      const read = Object.hasOwn(STATEMENTS, name) ? STATEMENTS[name] : undefined;
      if (!read) throw new TemplateError(`there is no statement "${name}", or not here`);
      parts.push(read(tokens));
    }
  }
}

function sequence(parts: readonly Part[]): Part {
  return (scope, out) => {
    for (const part of parts) {
      const jump = part(scope, out);
      if (jump) return jump;
    }
    return undefined;
  };
}

/** What a part writes, in a scope of its own. */
export function render(part: Part, scope: Scope): Text {
  const out: Text[] = [];
  part(scope, out);
  return Text.join(out);
}

/** Reads the block up to its end tag. */
function readBlock(tokens: TokenReader, end: string): Part {
  tokens.kind('close');
  const { part } = readParts(tokens, [end]);
  tokens.kind('close');
  return part;
}

const STATEMENTS: Readonly<Record<string, (tokens: TokenReader) => Part>> = {
  if: readIf,
  for: readFor,
  set: readSet,
  macro: readMacro,
  call: readCall,
  filter: readFilterBlock,
  with: readWith,
  break: (tokens) => jump(tokens, 'break'),
  continue: (tokens) => jump(tokens, 'continue'),
  // transformers marks what the assistant wrote; it has no effect on the text.
  generation: (tokens) => readBlock(tokens, 'endgeneration'),
};

function jump(tokens: TokenReader, to: 'break' | 'continue'): Part {
  tokens.kind('close');
  return () => to;
}

function readIf(tokens: TokenReader): Part {
  const test = readExpression(tokens);
  tokens.kind('close');
  const { part, end } = readParts(tokens, ['elif', 'else', 'endif']);
  const other = end === 'elif' ? readIf(tokens) : end === 'else' ? readBlock(tokens, 'endif') : undefined;
  if (end === 'endif') tokens.kind('close');
  return (scope, out) => (isTrue(test(scope)) ? part(scope, out) : other?.(scope, out));
}

function readTarget(tokens: TokenReader): Target {
  const one = (): Target => {
    if (!tokens.skip('(')) return tokens.kind('name');
    const inner = readTarget(tokens);
    tokens.expect(')');
    return inner;
  };
  const first = one();
  if (!tokens.is(',')) return first;
  const targets = [first];
  while (tokens.skip(',')) targets.push(one());
  return targets;
}

function readFor(tokens: TokenReader): Part {
  const target = readTarget(tokens);
  tokens.expect('in');
  const source = readTuple(tokens, readOr);
  const test = tokens.skip('if') ? readExpression(tokens) : undefined;
  tokens.kind('close');
  const { part, end } = readParts(tokens, ['else', 'endfor']);
  const otherwise = end === 'else' ? readBlock(tokens, 'endfor') : undefined;
  if (end === 'endfor') tokens.kind('close');
  return (scope, out) => {
    const all = itemsOf(source(scope));
    const items = test ? all.filter((item) => isTrue(test(turn(scope, target, item)))) : all;
    if (items.length === 0) return otherwise?.(scope, out);
    const loop = createLoop(items);
    for (const [index, item] of items.entries()) {
      // What a turn sets is forgotten after it.
      const inner = turn(scope, target, item);
      inner.set('loop', new Map(loop(index)));
      if (part(inner, out) === 'break') break;
    }
    return undefined;
  };
}

function turn(scope: Scope, target: Target, item: Value): Scope {
  const inner = new Scope(scope);
  assign(target, item, (name, value) => inner.set(name, value));
  return inner;
}

function readSet(tokens: TokenReader): Part {
  if (tokens.isKind('name') && tokens.is('.', 1)) return readSetField(tokens);
  const target = readTarget(tokens);
  if (tokens.skip('=')) {
    const value = readTuple(tokens);
    tokens.kind('close');
    return (scope) => void assign(target, value(scope), (name, part) => scope.set(name, part));
  }
  const { filtered, part } = readFiltered(tokens, 'endset');
  return (scope) =>
    void assign(target, filtered(render(part, new Scope(scope)), scope), (name, text) => scope.set(name, text));
}

function readSetField(tokens: TokenReader): Part {
  const object = tokens.take().text;
  tokens.take();
  const field = tokens.kind('name');
  tokens.expect('=');
  const value = readTuple(tokens);
  tokens.kind('close');
  return (scope) => {
    const namespace = scope.get(object);
    if (!(namespace instanceof Namespace)) throw new TemplateError(`"${object}" is no namespace`);
    namespace.fields.set(field, value(scope));
    return undefined;
  };
}

/** Reads filters, if any, and the block whose text they change. */
function readFiltered(tokens: TokenReader, end: string, begun = false) {
  let text: Text = Text.own('');
  let filter: Expression = () => text;
  for (let more = begun || tokens.skip('|'); more; more = tokens.skip('|')) filter = readFilter(tokens, filter);
  const part = readBlock(tokens, end);
  const filtered = (rendered: Text, scope: Scope): Value => {
    text = rendered;
    return filter(scope);
  };
  return { filtered, part };
}

function readFilterBlock(tokens: TokenReader): Part {
  const { filtered, part } = readFiltered(tokens, 'endfilter', true);
  return (scope, out) => void out.push(written(filtered(render(part, new Scope(scope)), scope)));
}

function readWith(tokens: TokenReader): Part {
  const names: (readonly [Target, Expression])[] = [];
  while (!tokens.isKind('close')) {
    const target = readTarget(tokens);
    tokens.expect('=');
    names.push([target, readExpression(tokens)]);
    tokens.skip(',');
  }
  const part = readBlock(tokens, 'endwith');
  return (scope, out) => {
    const inner = new Scope(scope);
    for (const [target, value] of names) assign(target, value(scope), (name, item) => inner.set(name, item));
    return part(inner, out);
  };
}

type Parameter = readonly [name: string, other: Expression | undefined];

function readMacro(tokens: TokenReader): Part {
  const name = tokens.kind('name');
  tokens.expect('(');
  const parameters = readParameters(tokens);
  const part = readBlock(tokens, 'endmacro');
  return (scope) => void scope.set(name, macro(parameters, part, scope));
}

function readParameters(tokens: TokenReader): Parameter[] {
  const parameters: Parameter[] = [];
  while (!tokens.skip(')')) {
    const name = tokens.kind('name');
    parameters.push([name, tokens.skip('=') ? readExpression(tokens) : undefined]);
    if (!tokens.is(')')) tokens.expect(',');
  }
  return parameters;
}

/** A function that writes `part`; it sees the names around its definition. */
function macro(parameters: readonly Parameter[], part: Part, outer: Scope): Callable {
  return (positional, named) => {
    const scope = new Scope(outer);
    const rest = new Map(named);
    for (const [index, [name, other]] of parameters.entries()) {
      const given = index < positional.length || rest.has(name);
      scope.set(name, given ? (positional[index] ?? rest.get(name)) : other?.(scope));
      rest.delete(name);
    }
    scope.set('varargs', tuple(positional.slice(parameters.length)));
    scope.set('kwargs', rest);
    if (rest.has('caller')) scope.set('caller', rest.get('caller'));
    return render(part, scope);
  };
}

function readCall(tokens: TokenReader): Part {
  const parameters = tokens.skip('(') ? readParameters(tokens) : [];
  const callee =
    (name: string): Expression =>
    (scope) =>
      scope.get(name);
  const called = callee(tokens.kind('name'));
  tokens.expect('(');
  const given = readArguments(tokens);
  const part = readBlock(tokens, 'endcall');
  return (scope, out) => {
    const [positional, named] = given(scope);
    named.set('caller', macro(parameters, part, scope));
    return void out.push(written(callValue(called(scope), positional, named)));
  };
}
