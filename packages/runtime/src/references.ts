import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { FaultList } from './faults.ts';

/** What references are looked up in. */
export interface ReferenceContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly baseDir: string;
  /** Where a reference that names nothing on this machine stays as it is: another machine replaces it. */
  readonly mayLack?: (path: readonly PropertyKey[]) => boolean;
  /** Hears of each variable or file that is not there, besides the fault: `NAME`, and `environment variable NAME`. */
  readonly onLack?: (name: string, what: string) => void;
}

/** A config whose references are replaced. */
export interface ExpandedConfig {
  /** A copy; nothing of it is shared with the config that was given. */
  readonly value: unknown;
  /** Where one reference and nothing else stood, by {@link placeKey}: `environment variable PORT`. */
  readonly references: ReadonlyMap<string, string>;
}

/** A path as the key of a map. */
export const placeKey = (path: readonly PropertyKey[]): string => JSON.stringify(path);

const ENV_NAME = /^[A-Za-z_][\w.()-]*$/;
/** How other programs write a variable. A text that is nothing else is hardly meant as it stands. */
const FOREIGN = [
  /^\$([A-Za-z_]\w*)$/,
  /^\$(?:env:|\()([A-Za-z_]\w*)\)?$/i,
  /^%([A-Za-z_]\w*)%$/,
  /^\{\{[-\s]*(?:[$.]?env|secrets)\b[\s.(["']*([A-Za-z_]\w*)[\s)\]"'-]*\}\}$/i,
  /^(?:os\.environ|os\.getenv|process\.env)[/.(["']+(?:get\(["'])?([A-Za-z_]\w*)["')\]]*$/,
];
/** What may stand between `${` and `}` in other programs: `${NAME}`, `${ENV:NAME}`, `${NAME-default}`, `${{ env.NAME }}`. */
const NEARLY = /^[{\s]*(?:(?:oc\.)?env(?:ironment)?\s*[:.]|secrets\.)?\s*([A-Za-z_]\w*)\s*(?:\}|:?[-=?+].*)?\s*$/is;

/** The end of the reference that begins before `from`; braces within it come in pairs. */
function endOf(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    if (text[at] === '{') depth++;
    else if (text[at] === '}') depth--;
    if (depth === 0) return at;
  }
  return -1;
}

/** Without the line ends that editors and `echo` leave. */
const trimmed = (text: string): string => text.replace(/[\r\n]+$/, '');

class Expander {
  readonly references = new Map<string, string>();
  readonly #context: ReferenceContext;
  readonly #faults: FaultList;

  constructor(context: ReferenceContext, faults: FaultList) {
    this.#context = context;
    this.#faults = faults;
  }

  value(value: unknown, path: readonly PropertyKey[]): unknown {
    if (typeof value === 'string') return this.#text(value, path) ?? value;
    if (Array.isArray(value)) return value.map((item, index) => this.value(item, [...path, index]));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).filter(([key]) => this.#isName(key, [...path, key]));
    return Object.fromEntries(entries.map(([key, item]) => [key, this.value(item, [...path, key])]));
  }

  #isName(key: string, path: readonly PropertyKey[]): boolean {
    if (key === '__proto__') this.#faults.addUnread(path, 'this cannot be a name');
    else if (key.includes('${')) this.#faults.addUnread(path, 'a name cannot hold a reference; write the name itself');
    return key !== '__proto__';
  }

  /** Undefined after a fault. `isWhole`: nothing else stands at `path`. */
  #text(text: string, path: readonly PropertyKey[], isWhole = true): string | undefined {
    if (/^\$\$[A-Za-z_]\w*$/.test(text)) return text.slice(1);
    const foreign = FOREIGN.map((form) => form.exec(text)?.[1]).find((name) => name !== undefined);
    if (foreign !== undefined) {
      const literal = /^\$\w+$/.test(text) ? `; for the text itself write "$${text}"` : '';
      return this.#refuse(path, `a variable is written "\${env:${foreign}}"${literal}`);
    }
    let whole = '';
    let at = 0;
    for (let open = text.indexOf('${'); open !== -1; open = text.indexOf('${', at)) {
      const isLiteral = open > at && text[open - 1] === '$';
      const end = isLiteral ? open + 1 : endOf(text, open + 2);
      const isAll = isWhole && open === 0 && end === text.length - 1;
      const value = isLiteral
        ? '{'
        : this.#reference(text.slice(open + 2, end === -1 ? undefined : end), end, path, isAll);
      if (value === undefined) return undefined;
      whole += text.slice(at, open) + value;
      at = end + 1;
    }
    return whole + text.slice(at);
  }

  /** `inside`: what stands in the braces; `end` is -1 when they are not closed. */
  #reference(inside: string, end: number, path: readonly PropertyKey[], isWhole: boolean): string | undefined {
    const [, kind, name = '', fallback] = /^(env|file):(.*?)(?::-(.*))?$/s.exec(inside) ?? [];
    const isSound = kind === 'env' ? ENV_NAME.test(name) : kind === 'file' && name !== '';
    if (end === -1 || !isSound) return this.#refuse(path, spelling(inside, end === -1));
    const { value, fault } = kind === 'env' ? this.#variable(name) : this.#file(name);
    const what = kind === 'env' ? `environment variable ${name}` : `file ${name}`;
    if (isWhole) this.references.set(placeKey(path), value === undefined ? `the default of ${what}` : what);
    if (value !== undefined) {
      this.#faults.hide(value, `\${${kind}:${name}}`);
      return value;
    }
    if (fallback !== undefined) return this.#text(fallback, path, isWhole);
    if (this.#context.mayLack?.(path)) return `\${${inside}}`;
    this.#context.onLack?.(name, what);
    return this.#refuse(path, fault);
  }

  #variable(name: string): { value?: string; fault: string } {
    const value = Object.hasOwn(this.#context.env, name) ? trimmed(this.#context.env[name] ?? '') : '';
    const [, plain, rest] = /^(\w+)-(.*)$/.exec(name) ?? [];
    const example = plain === undefined ? `\${env:${name}:-value}` : `\${env:${plain}:-${rest}}`;
    const fault = `environment variable ${name} is not set; set it, or give a default: ${example}`;
    return value === '' ? { fault } : { value, fault };
  }

  #file(name: string): { value?: string; fault: string } {
    const remedy = `; write it, or give a default: \${file:${name}:-value}`;
    try {
      const bytes = readFileSync(resolve(this.#context.baseDir, name));
      if (!isUtf8(bytes) || bytes.includes(0)) return { fault: `file ${name} is no UTF-8 text; save it as UTF-8` };
      const value = trimmed(new TextDecoder().decode(bytes));
      return value === '' ? { fault: `file ${name} is empty${remedy}` } : { value, fault: '' };
    } catch (error) {
      const reason = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
      return { fault: `file ${name} cannot be read${reason}${remedy}` };
    }
  }

  #refuse(path: readonly PropertyKey[], message: string): undefined {
    this.#faults.addUnread(path, message);
    return undefined;
  }
}

/** How to write what was meant by `${inside}`; nothing of a default is shown. */
function spelling(inside: string, isOpen: boolean): string {
  const file = /^\s*file\s*:\s*([^}\s]+)\s*$/i.exec(inside)?.[1];
  const name = NEARLY.exec(inside)?.[1];
  const isEnv = name !== undefined && !/^(?:env|file)$/i.test(name);
  const right = file ? `file:${file}` : isEnv ? `env:${name}` : undefined;
  const shown = right === undefined ? `"\${env:NAME}" or "\${file:PATH}"` : `"\${${right}}"`;
  const missing = isOpen ? 'the "}" is missing: ' : '';
  return `${missing}a reference is written ${shown}, with a default "\${env:NAME:-value}"; for the text itself write "$\${"`;
}

/**
 * The value with `${env:NAME}` and `${file:PATH}` replaced in every text, each with a default after `:-`; `$${` stands for
 * `${` and `$$NAME` for `$NAME`. What looks like a reference of another program is a fault.
 */
export function expandReferences(value: unknown, context: ReferenceContext, faults: FaultList): ExpandedConfig {
  const expander = new Expander(context, faults);
  return { value: expander.value(value, []), references: expander.references };
}
